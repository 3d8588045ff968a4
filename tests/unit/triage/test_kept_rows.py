"""What a window lists of incidents, below the groups that stand now."""

from __future__ import annotations

from collections import Counter

import pytest

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import IncidentPlace, IncidentSource, IncidentState, KnownIncident, Standing
from kafkaview.triage.incidents.kept_rows import KeptNote, KeptSection, known_incidents, record_states


def place(group: str | None, offset: int, state: IncidentState) -> IncidentPlace:
    source = IncidentSource.GROUP if group else IncidentSource.SCAN
    return IncidentPlace(source, group, 0, offset, offset if group else None, state, 1_000, 2_000)


def incident(number: int, *places: IncidentPlace, topic: str = "orders", note: str = "") -> KnownIncident:
    counts = Counter(one.state for one in places)
    return KnownIncident(number, topic, "json", "not JSON", note, 1_000, 2_000, counts, places)


OPEN, SKIPPED, SOLVED, IGNORED = (
    IncidentState.OPEN,
    IncidentState.SKIPPED,
    IncidentState.SOLVED,
    IncidentState.IGNORED,
)
BILLING = Standing("billing", "orders", 0, 7)


def test_what_stands_now_is_no_row_and_has_its_note() -> None:
    one = incident(3, place("billing", 7, OPEN), place("search", 9, OPEN), note="asked the Team")
    known = known_incidents([one], {BILLING}, "")
    (row,) = known.rows
    assert row.section is KeptSection.OPEN
    assert row.incident.groups == ("search",)
    assert known.notes == {BILLING: KeptNote(3, "asked the Team")}
    assert row.matches(["team", "search"])
    assert not row.matches(["billing"])


def test_until_it_is_known_who_stands_each_that_stood_may_stand_still() -> None:
    one = incident(3, place("billing", 7, OPEN), place("search", 9, SKIPPED), place(None, 11, OPEN), note="asked")
    known = known_incidents([one], None, "")
    assert [(row.section, row.incident.groups) for row in known.rows] == [
        (KeptSection.OPEN, ()),  # what a scan found
        (KeptSection.SKIPPED, ("search",)),
    ]
    assert known.notes == {BILLING: KeptNote(3, "asked")}


def test_an_incident_stands_in_the_section_of_each_of_its_states() -> None:
    one = incident(3, place("billing", 7, SOLVED), place("search", 9, SKIPPED), place("mail", 9, IGNORED))
    known = known_incidents([incident(4, place(None, 1, OPEN)), one], set(), "damaged")
    sections = [KeptSection.OPEN, KeptSection.SKIPPED, KeptSection.SOLVED, KeptSection.IGNORED]
    assert [row.section for row in known.rows] == sections
    assert known.ignored == {Standing("mail", "orders", 0, 9)}
    assert known.damage == "damaged"


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((SOLVED,), SOLVED),
        ((SOLVED, OPEN), OPEN),
        ((SKIPPED, OPEN), SKIPPED),
        ((OPEN, SKIPPED), SKIPPED),
        ((IGNORED, SOLVED), SOLVED),
    ],
)
def test_a_record_has_what_a_write_made_of_it_else_what_asks_most(
    states: tuple[IncidentState, ...], said: IncidentState
) -> None:
    record = RecordId("orders", 0, 7)
    assert record_states((record, state) for state in states) == {record: said}
