"""What Triage says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import standing_of
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Behaviour, IncidentSection, Stuck, Suspect, Verdict, VerdictRow
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.triage.incidents import incidents
from kafkaview.ui.pages.triage.words import (
    age,
    facts,
    finding,
    label,
    others_moving,
    place_of,
    say_others,
    short_age,
    short_place,
)
from kafkaview.words import join_names
from tests.ui.pages.samples import NOW, POISON, PROBLEM, SILENT, group_view, stuck, view

THREE = (
    stuck("billing", behaviour=Behaviour.CRASH_LOOP),
    stuck("shipping"),
    stuck("audit", since_ms=NOW - 780_000),
)


def reports(partitions: int = 6) -> tuple[Stuck, ...]:
    return (replace(stuck("reports", Verdict.NO_MEMBERS, place="orders:0"), partitions=partitions, topic_lag=90_000),)


def test_finding_counts_groups_and_those_on_one_record() -> None:
    rows = incidents((*THREE, *reports()))
    assert finding(view(stuck=THREE), rows) == "4 groups stand still, 3 of them on one record"


def test_finding_says_all_when_one_record_stops_every_standing_group() -> None:
    assert finding(view(stuck=THREE), incidents(THREE)) == "3 groups stand still, all on one record"


def test_finding_counts_the_groups_on_every_shared_record() -> None:
    other = replace(POISON, topic="payments", partition=0, offset=20)
    found = Suspect(other, PROBLEM, 0)
    paid = tuple(replace(stuck(name, place="payments:0", committed=20), suspect=found) for name in ("audit", "fraud"))
    rows = incidents((*THREE, *paid, *reports()))
    said = "5 groups stand still, 4 of them on 2 records that stop more than one"
    assert finding(view(stuck=(*THREE, *paid)), rows) == said


def test_finding_before_a_verdict_counts_down() -> None:
    watched = view((group_view("a", {"orders:0": 1}),) * 15, judged=False, seconds=8.6)
    assert finding(watched, ()) == "Watching 15 groups, first verdicts in about 9 s"


def test_finding_does_not_claim_that_silent_groups_move() -> None:
    groups = (group_view("a", {"orders:0": 1}), group_view("b", {"orders:0": 1}, error=SILENT))
    unseen = (UnseenGroups("b", 13, SILENT.message), UnseenGroups(None, 14, "no answer"))
    assert finding(replace(view(groups), unseen=unseen), ()) == (
        "No group of the 1 seen is stuck; 1 could not be seen: broker 13 does not answer; "
        "the groups of broker 14 could not be seen: no answer"
    )
    standing = replace(view(groups, THREE[:1]), unseen=unseen[:1])
    assert finding(standing, incidents(THREE[:1])) == (
        "1 group stands still; 1 could not be seen: broker 13 does not answer"
    )


def test_finding_claims_nothing_of_now_while_nobody_answers() -> None:
    groups = (group_view("a", {"orders:0": 1}), group_view("b", {"orders:0": 1}))
    assert finding(replace(view(groups), stale=True), ()) == "Every group moved when last seen"
    late = replace(view(groups), late_since_ms=NOW)
    assert finding(late, ()) == "Every group moved when last seen"
    assert [say_others(one) for one in (view(groups), late, view(groups, judged=False))] == [
        "2 other groups do not stand",
        "2 other groups did not stand",
        "2 other groups are watched",
    ]
    unjudged = replace(view(groups, judged=False), stale=True)
    assert finding(unjudged, ()) == "2 groups seen, not judged when the cluster went away"


def test_after_an_outage_the_old_list_stands_under_the_time_to_the_next_verdict() -> None:
    again = view(stuck=THREE, judged=False, seconds=8.6)
    assert finding(again, incidents(THREE)) == (
        "Watching again, verdicts in about 9 s; 3 groups stood still when last seen"
    )


def test_what_cannot_be_seen_now_is_told_as_of_when_it_was_last_seen() -> None:
    last_seen = replace(THREE[0], since_ms=NOW - 160_000, last_seen_ms=NOW - 40_000)
    unseen = (UnseenGroups("billing", 13, SILENT.message),)
    both, alone = ((last_seen, THREE[1]), (last_seen,))
    assert [finding(replace(view(stuck=some), unseen=unseen), incidents(some)) for some in (both, alone)] == [
        "1 group stands still; 1 group stood still when last seen; 1 could not be seen: broker 13 does not answer",
        "1 group stood still when last seen; 1 could not be seen: broker 13 does not answer",
    ]
    (row,) = incidents(alone)
    assert (age(row, NOW), short_age(row, NOW)) == ("last seen 40 s ago", "40 s ago")
    assert facts(row, (row,), NOW).startswith("Stood for 2 min when last seen 40 s ago, ")
    assert age(row, NOW - 40_000) == "last seen 1 s ago"


def test_partitions_that_nobody_reads_are_one_row() -> None:
    (row,) = incidents(reports())
    assert (row.section, place_of(row), label(row)) == (IncidentSection.NOBODY, "orders, 6 partitions", "No members")
    assert short_place(row) == "orders (6)"
    assert short_age(row, row.since_ms + 548_000) == "9 min"


def test_rows_stand_by_section_then_by_age() -> None:
    later = stuck("fraud-check", Verdict.UNDECIDED, place="payments:0", committed=4_120)
    rows = incidents((*reports(), later, *THREE))
    assert [row.group for row in rows] == ["billing", "shipping", "audit", "fraud-check", "reports"]


def test_ignored_rows_are_left_out() -> None:
    rows = incidents(THREE)
    assert [row.group for row in incidents(THREE, {standing_of(rows[0].first)})] == ["shipping", "audit"]


def test_facts_name_time_lag_and_the_others_on_the_record() -> None:
    rows = incidents(THREE)
    assert facts(rows[0], rows, NOW) == (
        "Seen standing for 14 min, 41,207 records wait behind it. The same record stops shipping and audit."
    )


def test_facts_name_the_good_records_between() -> None:
    rows = incidents((stuck("invoices", committed=18_405, between=37),))
    assert "37 good records lie between its committed offset 18,405 and this record." in facts(rows[0], rows, NOW)


def test_unknown_lag_is_said_not_counted_as_zero() -> None:
    rows = incidents((stuck("billing", end=None),))
    assert "how many records wait is not known" in facts(rows[0], rows, NOW)


def test_place_of_a_poison_row_is_the_record_not_the_committed_offset() -> None:
    (row,) = incidents((stuck("invoices", committed=18_405, between=37),))
    assert place_of(row) == "orders:3 @ 18,442"
    assert row.record == RecordId("orders", 3, 18_442)


@pytest.mark.parametrize("row", [verdict.row for verdict in Verdict], ids=lambda row: row.label)
def test_every_verdict_has_a_mark(row: VerdictRow) -> None:
    assert Mark.of_tone(row.tone) not in {Mark.OK, Mark.WORKING}


def test_others_moving_leaves_out_silent_and_standing_groups() -> None:
    groups = (
        group_view("billing", {"orders:3": 18_442}),
        group_view("analytics", {"orders:3": 59_640}),
        group_view("warehouse", {"orders:5": 1}, error=SILENT),
    )
    assert others_moving(view(groups, (THREE[0],))) == 1
    alone = group_view("kafkaview-redrive-dlq", {"dlq:0": 1}, members=0)
    assert others_moving(view((*groups, alone), (THREE[0],))) == 1, "nobody is in it, and records wait"


def test_many_names_are_cut_with_a_count() -> None:
    assert join_names(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert join_names(["a", "b"]) == "a and b"
    assert join_names(["a"]) == "a"
