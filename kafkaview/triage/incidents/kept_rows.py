"""The rows of incidents that are kept, below those of groups that stand now: what a window lists of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import IncidentSource, IncidentState, KnownIncident, Standing


class KeptSection(StrEnum):
    """The sections of what stands no more, or was not found by a group that stands."""

    OPEN = "Also open"
    REROUTED = "Re-routed"
    SKIPPED = "Skipped"
    SOLVED = "Solved"
    IGNORED = "Ignored"


_SECTIONS: Final = {
    IncidentState.OPEN: KeptSection.OPEN,
    IncidentState.REROUTED: KeptSection.REROUTED,
    IncidentState.SKIPPED: KeptSection.SKIPPED,
    IncidentState.SOLVED: KeptSection.SOLVED,
    IncidentState.IGNORED: KeptSection.IGNORED,
}
_GRAVITY: Final = {state: place for place, state in enumerate(IncidentState)}
_OVER: Final = (IncidentState.REROUTED, IncidentState.SKIPPED)


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What of an incident is in one state. One whose places are in several stands in as many sections. `words` is what
    a filter looks through, in lower case.
    """

    section: KeptSection
    incident: KnownIncident
    words: str

    @property
    def key(self) -> tuple[KeptSection, int]:
        """The row's identity."""
        return self.section, self.incident.id

    @property
    def was_looked_for(self) -> bool:
        """Whether somebody found it by a scan or a log, and nothing has come of it yet."""
        found = {place.source for place in self.incident.places}
        return self.section is KeptSection.OPEN and found != {IncidentSource.GROUP}

    def matches(self, words: Iterable[str]) -> bool:
        """Returns whether topic, cause, note or a group contains every word."""
        return all(word in self.words for word in words)


class KeptNote(NamedTuple):
    """The note of the incident with an id; empty where there is none."""

    id: int
    note: str


@dataclass(frozen=True, slots=True)
class KnownIncidents:
    """What is kept of a connection. `rows` are by section, the newest seen first; `ignored` is where groups stand that
    are not listed, and `notes` are those of the incidents of groups that stand now. `damage` says in words that the
    file was damaged. What has the same `number` is the same.
    """

    number: int = 0
    rows: tuple[KeptRow, ...] = ()
    ignored: frozenset[Standing] = frozenset()
    notes: Mapping[Standing, KeptNote] = field(default_factory=dict)
    damage: str = ""


def known_incidents(
    incidents: Iterable[KnownIncident], standing: Collection[Standing] | None, damage: str
) -> KnownIncidents:
    """Returns what a window shows of incidents while groups stand at `standing`; None where that is not known: each
    that stood may stand there still, above the rows.
    """
    rows: dict[KeptSection, list[KeptRow]] = {section: [] for section in KeptSection}
    ignored: set[Standing] = set()
    notes: dict[Standing, KeptNote] = {}
    for one in incidents:
        ignored.update(one.standings(IncidentState.IGNORED))
        here = [at for at in one.standings(IncidentState.OPEN) if standing is None or at in standing]
        notes.update((at, KeptNote(one.id, one.note)) for at in here if at not in notes)
        for state in one.states:
            part = one.within(state).without(frozenset(here))
            if part.count:
                rows[_SECTIONS[part.state]].append(KeptRow(_SECTIONS[part.state], part, _words(part)))
    listed = tuple(row for some in rows.values() for row in some)
    return KnownIncidents(rows=listed, ignored=frozenset(ignored), notes=notes, damage=damage)


def record_states(places: Iterable[tuple[RecordId, IncidentState]]) -> dict[RecordId, IncidentState]:
    """Returns what became of the records that are kept: a write from here counts more than another state, and then the
    one that asks most.
    """
    states: dict[RecordId, IncidentState] = {}
    for record, state in places:
        best = states.get(record)
        graver = best is None or (best not in _OVER and _GRAVITY[state] < _GRAVITY[best])
        if graver or state in _OVER:
            states[record] = state
    return states


def _words(incident: KnownIncident) -> str:
    one = incident
    return " ".join((one.topic, one.cause, one.reason, one.note, *one.groups)).casefold()
