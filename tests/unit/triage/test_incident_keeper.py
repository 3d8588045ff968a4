"""What samples make of incidents: solved only where a group is known to have moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.terms import TopicPartition
from kafkaview.triage.incidents.incident import IncidentState
from kafkaview.triage.incidents.keeper import IncidentKeeper
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.triage.watch.verdict import Behaviour, Evidence, Verdict
from kafkaview.triage.watch.view import Point, View
from tests.ui.pages.samples import NOW, group_view, stuck, view

BILLING = stuck("billing")
GROUPS = (group_view("billing", {"orders:3": 18_442}), group_view("shipping", {"orders:3": 18_442}))


class Seen:
    """A watch that has seen one point of each partition."""

    def __init__(self) -> None:
        self.point: Point | None = Point(NOW, 18_442, 59_649)

    def history(self, _group: str, _place: TopicPartition) -> tuple[Point, ...]:
        return () if self.point is None else (self.point,)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def store(tmp_path: Path) -> IncidentStore:
    return IncidentStore("test", tmp_path / "journal.sqlite3")


async def noted(store: IncidentStore, seen: Any, *views: View) -> set[IncidentState]:
    keeper = IncidentKeeper(store, seen)
    for one in views:
        await keeper.note_view(one)
    return {place.state for incident in store.incidents() for place in incident.places}


STANDS = view(GROUPS, (BILLING,))
MOVES = view(GROUPS)


@pytest.mark.parametrize(
    ("point", "state"),
    [
        (Point(NOW, 18_450, 59_649), IncidentState.SOLVED),
        (Point(NOW, 18_442, 18_442), IncidentState.SOLVED),  # nothing waits any more
        (Point(NOW, 18_442, 59_649), IncidentState.OPEN),  # it stands, the sample does not judge it
        (Point(NOW, None, 59_649), IncidentState.OPEN),
        (None, IncidentState.OPEN),
    ],
)
async def test_it_is_solved_only_where_the_group_was_seen_to_move(
    store: IncidentStore, seen: Seen, point: Point | None, state: IncidentState
) -> None:
    seen.point = point
    assert await noted(store, seen, STANDS, MOVES) == {state}


@pytest.mark.parametrize(
    "later",
    [
        replace(MOVES, judged=False),
        replace(MOVES, stale=True),
        replace(MOVES, late_since_ms=NOW),
        view((replace(GROUPS[0], error=Unreachable("away")), GROUPS[1])),
        view(GROUPS[1:], errors=(Unreachable("a broker is silent"),)),  # the group may be with that broker
    ],
)
async def test_a_sample_that_knows_nothing_of_the_group_changes_nothing(
    store: IncidentStore, seen: Seen, later: View
) -> None:
    seen.point = Point(NOW, 18_450, 59_649)
    assert await noted(store, seen, STANDS, later) == {IncidentState.OPEN}


async def test_a_group_that_is_gone_stands_no_more(store: IncidentStore, seen: Seen) -> None:
    assert await noted(store, seen, STANDS, view(GROUPS[1:])) == {IncidentState.SOLVED}


async def test_an_incident_keeps_its_note_while_the_next_engine_reads_the_record(
    store: IncidentStore, seen: Seen
) -> None:
    """Until then all that stand on the topic would be one incident, and the note go with whichever leaves it last."""
    audit = stuck("audit", place="orders:1", committed=9)
    other = replace(audit, suspect=None, verdict=Verdict.UNDECIDED)
    being_read = tuple(
        replace(one, suspect=None, verdict=Verdict.UNDECIDED, evidence=(Evidence(BEING_READ, "unknown"),))
        for one in (BILLING, other)
    )
    groups = (*GROUPS, group_view("audit", {"orders:1": 9}))
    await noted(store, seen, view(groups, (BILLING,)))
    (known,) = store.incidents()
    store.note(known.id, "ticket 4712")
    await noted(store, seen, view(groups, being_read), view(groups, (BILLING, other)))
    assert {one.cause: one.note for one in store.incidents()} == {"utf8": "ticket 4712", "undecided": ""}


async def test_consequences_of_a_crash_are_no_incidents_of_their_own(store: IncidentStore, seen: Seen) -> None:
    crash = stuck("billing", behaviour=Behaviour.CRASH_LOOP)
    other = stuck("billing", Verdict.UNDECIDED, place="orders:1", committed=9)
    await noted(store, seen, view(GROUPS, (crash, other)))
    (incident,) = store.incidents()
    assert incident.cause == "utf8"


async def test_watching_goes_on_where_the_file_cannot_be_used(store: IncidentStore, seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "incidents.sqlite3").mkdir()
    await IncidentKeeper(store, seen).note_view(STANDS)  # type: ignore[arg-type]
