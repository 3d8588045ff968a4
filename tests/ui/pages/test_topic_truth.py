"""What Topics says of a group without members, of records that may be fewer, and of a size that is older than them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.terms import GroupState, Partition, PartitionOffsets
from kafkaview.triage.watch.listed_columns import PARTITION_FIELDS, TOPIC_FIELDS, PartitionRow
from kafkaview.triage.watch.sample_arrays import Reader
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.topics.column_looks import reader_columns
from kafkaview.ui.pages.topics.rows import URGENCY, TopicRows
from kafkaview.writes.memory_groups import memory_group
from tests.ui.pages.samples import stuck, topic, view


def test_a_group_without_members_does_not_move() -> None:
    reader = Reader("reports", GroupState.EMPTY, 0, 3, 55_000, complete=True, verdict=None, error=None)
    sights = [HealthSight.NOW]
    columns = reader_columns(lambda: sights[-1])
    mark, stands = columns[0], columns[-1]
    assert mark.mark is not None
    assert (mark.mark(reader), stands.reads(reader)) == (Mark.IDLE, "No members")
    memory = replace(reader, group=memory_group("orders-dlq"))
    assert stands.reads(memory) == "kafkaview's memory of what was sent back from orders-dlq"
    moving = replace(reader, members=2)
    assert (mark.mark(moving), stands.reads(moving)) == (Mark.OK, "moves")
    for sight in HealthSight:  # what was seen before, or not yet, is no health
        sights.append(sight)
        assert (mark.mark(moving) is Mark.OK, stands.reads(moving) == "moves") == (sight is HealthSight.NOW,) * 2


def test_a_reader_that_stands_elsewhere_or_is_not_seen_is_not_said_to_move() -> None:
    columns = reader_columns(lambda: HealthSight.NOW)
    mark, stands = columns[0], columns[-1]
    assert mark.mark is not None
    moving = Reader("billing", GroupState.STABLE, 2, 3, 0, complete=True, verdict=None, error=None)
    elsewhere = replace(moving, elsewhere="payments")
    assert (mark.mark(elsewhere), stands.reads(elsewhere)) == (Mark.WARN, "stands on payments")
    unseen = replace(moving, lag=None, complete=False, unseen="Not seen in full: 2 of its 7 partitions have no leader")
    assert (mark.mark(unseen), stands.reads(unseen)[:17]) == (Mark.UNKNOWN, "not seen in full:")


def test_readers_are_a_minimum_where_groups_are_not_known() -> None:
    seen = view(topics=(topic("orders", 1), topic("payments", 1)))
    assert seen.topics is not None
    columns = replace(seen.topics, groups=np.array([2, -1], np.int32), groups_complete=np.zeros(2, np.bool_))
    rows = TopicRows(replace(seen, topics=columns), columns)
    (field,) = (field for field in TOPIC_FIELDS if field.title == "Groups")
    assert [field.reads(rows[place].cells["Groups"]) for place in range(2)] == ["≥ 2", "–"]


@pytest.mark.parametrize(
    ("records", "size", "shown"),
    [(43, 9_000, ["about 43", "8.8 KiB"]), (0, 0, ["0", "0 bytes"]), (200, 0, ["about 200", "–"])],
)
def test_records_are_about_so_many_and_a_size_that_is_too_old_is_unknown(
    records: int, size: int, shown: list[str]
) -> None:
    seen = view(topics=(topic("orders", 1),))
    assert seen.topics is not None
    columns = replace(seen.topics, records=np.array([records]), size=np.array([size]))
    columns = replace(columns, records_complete=np.array([True]), size_complete=np.array([True]))
    row = TopicRows(replace(seen, topics=columns), columns)[0]
    fields = [field for field in TOPIC_FIELDS if field.title in ("Records", "Size")]
    assert [field.reads(row.cells[field.title]) for field in fields] == shown


@pytest.mark.parametrize(
    ("errors", "judged", "complete", "unjudged", "shown"),
    [
        ((), True, True, 0, 0),
        ((Unreachable("broker 1 does not answer"),), True, True, 0, None),
        ((), True, False, 0, None),
        ((), False, True, 0, None),
        ((), True, True, 1, None),
    ],
)
def test_no_group_is_stuck_only_where_all_is_seen(
    errors: tuple[Unreachable, ...], *, judged: bool, complete: bool, unjudged: int, shown: int | None
) -> None:
    seen = view(topics=(topic("orders", 1),))
    assert seen.topics is not None
    columns = replace(seen.topics, records_complete=np.array([complete]), unjudged=np.array([unjudged]))
    row = TopicRows(replace(seen, topics=columns, errors=errors, judged=judged), columns)[0]
    assert row.stuck_count == shown


@pytest.mark.parametrize(
    ("end", "size", "shown"), [(200, 0, None), (200, 9_000, 9_000), (0, 0, 0), (None, 0, 0), (200, None, None)]
)
def test_a_partition_with_records_has_no_size_of_0(end: int | None, size: int | None, shown: int | None) -> None:
    bounds = PartitionOffsets(0 if end is not None else None, end, end)
    row = PartitionRow(Partition("orders", 0, 1, (1,), (1,)), bounds, size)
    (field,) = (field for field in PARTITION_FIELDS if field.name == "size_bytes")
    assert field.cell(row) == shown


def test_a_topic_whose_leader_was_silent_when_last_seen_was_not_healthy_then() -> None:
    seen = view(topics=(topic("orders", 1), topic("payments", 1)))
    assert seen.topics is not None
    columns = replace(seen.topics, records_complete=np.array([False, True]))
    rows = TopicRows(replace(seen, topics=columns, stale=True), columns)
    assert [(row.mark, row.state) for row in (rows[0], rows[1])] == [
        (Mark.UNKNOWN, "a leader does not say where its log ends"),
        (Mark.IDLE, "healthy when last seen"),
    ]


def test_a_topic_on_which_a_group_stood_when_last_seen_is_not_healthy() -> None:
    stood = replace(stuck("billing", place="orders:0"), last_seen_ms=1_000)
    nobody = replace(stuck("reports", Verdict.NO_MEMBERS, place="payments:0"), last_seen_ms=1_000)
    seen = view(topics=(topic("orders", 1), topic("payments", 1)))
    assert seen.topics is not None
    for one in (seen, replace(seen, stale=True), replace(seen, judged=False)):
        rows = TopicRows(replace(one, stuck=(stood, nobody)), seen.topics)
        assert (rows[0].mark, rows[0].stuck_count) == (Mark.UNKNOWN, None)
        assert rows[0].state == "1 group stood still when last seen: billing"
        assert rows[1].mark is HealthSight.of(one).mark
        assert rows.states()[0] == URGENCY.index(Mark.UNKNOWN)


def test_a_topic_with_a_group_that_is_not_judged_is_not_healthy() -> None:
    seen = view(topics=(topic("orders", 1),))
    assert seen.topics is not None
    row = TopicRows(seen, replace(seen.topics, unjudged=np.array([2])))[0]
    assert (row.mark, row.state) == (Mark.UNKNOWN, "of 2 groups it is not known whether they stand still here")
