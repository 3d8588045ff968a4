"""The rows of Topics and Groups, made from one sample."""

from __future__ import annotations

from kafkaview.triage.verdict import Verdict
from kafkaview.ui.groups.rows import group_rows, partitions_by_lag
from kafkaview.ui.marks import Mark
from kafkaview.ui.topics.rows import reader_rows, topic_rows
from tests.ui.pages.samples import SILENT, group_view, stuck, topic, view


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


def test_no_group_is_called_healthy_before_it_is_judged() -> None:
    (row,) = group_rows(view((group_view("billing", {"orders:3": 18_442}),), judged=False))
    assert row.mark is Mark.WORKING


def test_a_group_with_a_silent_coordinator_has_no_members_or_state() -> None:
    (row,) = group_rows(view((group_view("warehouse", {"orders:3": 0}, error=SILENT),)))
    assert (row.members, row.state, row.coordinator) == (None, None, None)


def test_partitions_without_a_known_lag_come_last() -> None:
    known = group_view("billing", {"orders:0": 59_649, "orders:3": 18_442})
    unknown = group_view("billing", {"orders:5": 7}, end=None)
    both = type(known)(known.listing, known.group, unknown.partitions + known.partitions)
    (row,) = group_rows(view((both,)))
    assert [p.topic_partition.partition for p in partitions_by_lag(row)] == [3, 0, 5]
    assert not row.lag.complete


def test_a_topic_without_a_leader_is_bad_and_its_records_are_at_least() -> None:
    whole, offline = topic("orders", 2), topic("dead", 1, leader=None)
    rows = topic_rows(view(topics=(whole, offline)))
    assert [(row.name, row.mark, row.offline) for row in rows] == [("dead", Mark.BAD, 1), ("orders", Mark.OK, 0)]
    assert rows[0].records.value is None
    assert rows[1].records.value == 2 * 59_649


def test_unknown_sizes_are_not_zero() -> None:
    (row,) = topic_rows(view(topics=(topic("orders", 2),)))
    assert (row.size.value, row.size.complete) == (None, False)


def test_a_topic_names_its_readers_and_those_that_stand() -> None:
    groups = (group_view("billing", {"orders:3": 18_442}), group_view("ledger", {"payments:0": 4}))
    here = view(groups, (stuck("billing"),), topics=(topic("orders", 4),))
    (row,) = topic_rows(here)
    assert (row.groups, row.stuck, row.mark) == (("billing",), ("billing",), Mark.BAD)
    assert [(reader.name, reader.verdict) for reader in reader_rows(here, "orders")] == [("billing", Verdict.POISON)]
