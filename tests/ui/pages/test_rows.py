"""The rows of Topics and Groups, made from the columns of one sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.terms import GroupState, Member, Partition, PartitionOffsets
from kafkaview.triage.watch.listed_columns import PartitionRow
from kafkaview.triage.watch.sample_arrays import GroupDetail, LagColumns, Reader, TopicDetail
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.groups.column_looks import MEMBERS
from kafkaview.ui.pages.groups.lag_rows import LagRows
from kafkaview.ui.pages.groups.rows import GroupRow, GroupRows, describe_groups
from kafkaview.ui.pages.topics.column_looks import partition_columns
from kafkaview.ui.pages.topics.rows import TopicRow, TopicRows, partition_rows, reader_rows
from kafkaview.ui.pages.topics.words import describe_topics
from tests.ui.pages.samples import SILENT, group_view, stuck, topic, view


def group_rows(of: View) -> list[GroupRow]:
    """The rows in the order of the table: by the ranks of its first column."""
    assert of.groups is not None
    rows = GroupRows(of, of.groups)
    return [rows[place] for place in np.argsort(np.asarray(rows.values("")))]


def topic_rows(of: View) -> list[TopicRow]:
    assert of.topics is not None
    rows = TopicRows(of, of.topics)
    return [rows[place] for place in np.argsort(np.asarray(rows.values("")), kind="stable")]


def test_the_worst_groups_come_first_then_the_longest_lag() -> None:
    groups = (
        group_view("analytics", {"orders:3": 59_640}),
        group_view("search", {"orders:3": 46_779}),
        group_view("reports", {"orders:3": 0}, members=0),
        group_view("warehouse", {"orders:3": 0}, error=SILENT),
        group_view("billing", {"orders:3": 18_442}),
    )
    here = view(groups, (stuck("billing"), stuck("reports", Verdict.NO_MEMBERS)))
    assert [(row.name, row.mark) for row in group_rows(here)] == [
        ("billing", Mark.BAD),
        ("warehouse", Mark.UNKNOWN),
        ("reports", Mark.IDLE),
        ("search", Mark.OK),
        ("analytics", Mark.OK),
    ]


def test_a_crash_loop_between_two_restarts_is_still_stuck() -> None:
    (row,) = group_rows(view((group_view("billing", {"orders:3": 18_442}, members=0),), (stuck("billing"),)))
    assert row.mark is Mark.BAD


def test_a_member_whose_assignment_is_not_readable_says_so() -> None:
    owns = next(column.text for column in MEMBERS if column.title == "Owns")
    assert owns is not None
    assert owns(Member("m-1", "m", "10.0.0.7", None, None)) == "assignment not readable"
    assert owns(Member("m-1", "m", "10.0.0.7", None, ())) == "nothing"


def test_no_group_is_called_healthy_before_it_is_judged() -> None:
    (row,) = group_rows(view((group_view("billing", {"orders:3": 18_442}),), judged=False))
    assert row.mark is Mark.WORKING


def test_nothing_is_called_healthy_that_was_so_before_the_cluster_ceased_to_answer() -> None:
    seen = view((group_view("billing", {"orders:3": 18_442}),), topics=(topic("orders", 1),))
    for old in (replace(seen, stale=True), replace(seen, late_since_ms=1)):
        (group,), (of_topic,) = group_rows(old), topic_rows(old)
        assert (group.mark, group.head) == (Mark.IDLE, "Moved when last seen")
        assert (of_topic.mark, of_topic.state) == (Mark.IDLE, "healthy when last seen")
        health = partition_columns(lambda: False)[0]
        partition = PartitionRow(Partition("orders", 0, 1, (1,), (1,)), PartitionOffsets(0, 1, 1), None)
        assert health.mark is not None
        assert (health.mark(partition), health.reads(partition)) == (Mark.IDLE, "healthy when last seen")
    unjudged = replace(seen, judged=False)
    assert [row.mark for row in topic_rows(unjudged)] == [Mark.WORKING]
    assert [describe_groups(one) for one in (unjudged, seen)] == ["1 group, judged in about 1 s", "1 group, 0 stuck"]
    assert describe_groups(replace(unjudged, stale=True)) == "1 group, not judged"


def test_no_group_is_stuck_only_where_one_is_seen() -> None:
    silent = Unreachable("broker 2 does not answer")
    gap = UnseenGroups("billing", 2, silent.message)
    seen = replace(view((replace(group_view("billing", {"orders:3": 18_442}), error=silent),)), unseen=(gap,))
    assert describe_groups(seen) == "1 group; 1 could not be seen: broker 2 does not answer"
    partly = UnseenGroups("billing", 2, "its leader does not answer", partly=True)
    groups = (group_view("billing", {"orders:3": 18_442}), group_view("audit", {"orders:3": 18_442}))
    said = "2 groups; 1 could not be seen in full: its leader does not answer"
    assert describe_groups(replace(view(groups), unseen=(partly,))) == said
    assert describe_groups(replace(view(groups, (stuck("audit"),)), unseen=(partly,))) == said.replace(
        "groups;", "groups, ≥ 1 stuck;"
    )


def test_a_topic_whose_leader_does_not_answer_is_not_called_healthy() -> None:
    here = view(topics=(topic("orders", 1),))
    assert here.topics is not None
    silent = replace(here, topics=replace(here.topics, records_complete=np.array([False])))
    (row,) = topic_rows(silent)
    assert (row.mark, row.state) == (Mark.UNKNOWN, "a leader does not say where its log ends")
    (row,) = topic_rows(replace(here, errors=(SILENT,)))  # without a quorum the metadata stay as they were
    assert (row.mark, row.state) == (Mark.UNKNOWN, "a broker does not answer, so its replicas may be out of sync")
    assert here.topics is not None
    assert describe_topics(here.topics, replace(here, errors=(SILENT,))) == "1 topic"
    health = partition_columns(lambda: True)[0]
    partition = PartitionRow(Partition("orders", 0, 1, (1,), (1,)), PartitionOffsets(None, None, None), None)
    assert health.mark is not None
    assert health.mark(partition) is Mark.UNKNOWN


def test_a_group_with_a_silent_coordinator_has_no_members_or_state() -> None:
    (row,) = group_rows(view((group_view("warehouse", {"orders:3": 0}, error=SILENT),)))
    assert (row.members, row.state, row.cells["Coordinator"]) == (None, None, None)


def test_partitions_without_a_known_lag_are_unknown() -> None:
    ends = np.array([59_649, 59_649, -1])
    columns = LagColumns(
        topics=("orders",),
        topic=np.zeros(3, np.int32),
        partition=np.array([0, 3, 5], np.int32),
        committed=np.array([59_649, 18_442, 7]),
        epochs=np.full(3, -1, np.int32),
        log_start=np.zeros(3, np.int64),
        last_stable=ends,
        log_end=ends,
        owners=np.full(3, -1, np.int32),
        metadata={1: "checkpoint 7"},
    )
    none = np.array([], np.int64)
    rows = LagRows(GroupDetail("billing", (), columns, none, none, none))
    assert [rows[place].cells["Lag"] for place in range(3)] == [0, 41_207, None]
    assert [rows[place].cells["Metadata"] for place in range(3)] == ["", "checkpoint 7", ""]


def test_a_sum_with_an_unknown_part_is_not_complete() -> None:
    (row,) = group_rows(view((group_view("billing", {"orders:5": 7}, end=None),)))
    assert (row.lag.value, row.lag.complete) == (None, False)


def test_a_topic_without_a_leader_is_bad_and_its_records_are_at_least() -> None:
    whole, offline = topic("orders", 2), topic("dead", 1, leader=None)
    rows = topic_rows(view(topics=(whole, offline)))
    assert [(row.name, row.mark, row.offline) for row in rows] == [("dead", Mark.BAD, 1), ("orders", Mark.OK, 0)]
    assert rows[0].cells["Records"].value is None
    assert rows[1].cells["Records"].value == 2 * 59_649


def test_a_moving_partition_is_no_fault_and_an_unseen_one_is_not_called_healthy() -> None:
    def states(**columns: int) -> tuple[Mark, str]:
        here = view(topics=(topic("orders", 1),))
        assert here.topics is not None
        counts: Any = {name: np.array([count], np.int32) for name, count in columns.items()}
        told = replace(here.topics, **counts)
        (row,) = topic_rows(replace(here, topics=told))
        return row.mark, row.state

    assert states(out_of_sync=1, moving=1) == (Mark.OK, "1 partition is being moved")
    unknown = states(out_of_sync=1, under_replicated=-1, moving=-1)
    assert unknown == (Mark.WARN, "replicas are out of sync, and whether they are being added may not be seen")


@pytest.mark.parametrize(
    ("adding", "removing", "offline", "mark", "words"),
    [
        ((2, 3), (), (), Mark.OK, "being moved: 2 replicas to be added"),
        ((3,), (1,), (), Mark.WARN, "under-replicated, being moved: 1 replica to be added, 1 replica to be removed"),
        ((2, 3), (), (3,), Mark.WARN, "under-replicated, being moved: 2 replicas to be added"),
        ((), (), (), Mark.WARN, "under-replicated"),
        (None, None, None, Mark.UNKNOWN, "replicas out of sync: missing, or being added"),
    ],
)
def test_a_partition_says_what_is_being_moved(
    adding: tuple[int, ...] | None,
    removing: tuple[int, ...] | None,
    offline: tuple[int, ...] | None,
    mark: Mark,
    words: str,
) -> None:
    partition = Partition("orders", 0, 1, (1, 2, 3), (1,), offline, adding, removing)
    row = PartitionRow(partition, PartitionOffsets(0, 1, 1), None)
    health = partition_columns(lambda: True)[0]
    assert health.mark is not None
    assert (health.mark(row), health.tooltip(row)) == (mark, words)


def test_unknown_sizes_are_not_zero() -> None:
    (row,) = topic_rows(view(topics=(topic("orders", 2),)))
    assert (row.cells["Size"].value, row.cells["Size"].complete) == (None, False)


def test_a_topic_counts_its_readers_and_names_those_that_stand() -> None:
    groups = (group_view("billing", {"orders:3": 18_442}), group_view("ledger", {"payments:0": 4}))
    here = view(groups, (stuck("billing"),), topics=(topic("orders", 4),))
    (row,) = topic_rows(here)
    assert (row.groups, row.stuck, row.mark) == (1, ("billing",), Mark.BAD)


def test_the_reader_that_is_furthest_behind_comes_first() -> None:
    near = Reader("analytics", GroupState.STABLE, 2, 1, 9, True, None, None)
    far = Reader("billing", GroupState.STABLE, 3, 1, 41_207, True, Verdict.POISON, None)
    bounds = PartitionOffsets(0, 59_649, 59_649)
    detail = TopicDetail(topic("orders", 1), (bounds,), (None,), (near, far))
    assert [reader.group for reader in reader_rows(detail)] == ["billing", "analytics"]
    assert [(row.offsets, row.size) for row in partition_rows(detail)] == [(bounds, None)]


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.NO_MEMBERS])
def test_a_sentence_of_a_topic_leaves_the_names_of_groups_as_they_are(verdict: Verdict) -> None:
    groups = tuple(group_view(name, {"orders:3": 18_442}) for name in ("billing", "ereader"))
    stands = tuple(stuck(one.name, verdict) for one in groups)
    (row,) = topic_rows(view(groups, stands, topics=(topic("orders", 4),)))
    first = row.state.split()[0]
    assert first in ("a", "2")  # the chip makes a capital of it
    assert "billing and ereader" in row.state
