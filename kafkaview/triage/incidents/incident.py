"""An incident: a cause on a topic, with every place where it was seen, its state, and the user's note."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.causes import without_numbers
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.watch.verdict import IncidentSection, Stuck


class IncidentState(StrEnum):
    """The state of an incident, the one that asks most first. The values are a contract of the command line."""

    OPEN = "open"
    REROUTED = "re-routed"  # a copy of the record lies in a dead letter queue
    SKIPPED = "skipped"  # the group was moved past the record without a copy
    SOLVED = "solved"  # the group moved again by itself
    IGNORED = "ignored"  # by the user

    @property
    def word(self) -> str:
        """The state as the window writes it."""
        return self.value.capitalize()


class IncidentSource(StrEnum):
    """Who found a place of an incident."""

    GROUP = "group"  # a group that stands still
    SCAN = "scan"
    LOG = "log"


class Standing(NamedTuple):
    """A group that stands at a committed offset: what ignoring it holds for. A partition of None means all partitions
    of the topic; an offset of None, that nothing is committed.
    """

    group: str
    topic: str
    partition: int | None
    committed_offset: int | None


def standing_of(stuck: Stuck) -> Standing:
    """Returns where a stuck group stands."""
    place = stuck.topic_partition
    if stuck.partitions > 1 and stuck.verdict.row.section is IncidentSection.NOBODY:
        return Standing(stuck.group, place.topic, None, None)
    return Standing(stuck.group, place.topic, place.partition, stuck.committed_offset)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a cause was seen. `offset` is that of the record to blame, `committed_offset` where the group
    stood; None is unknown. `since_ms` is when it was first seen there, in Unix milliseconds. Causes that differ only in
    the numbers of their `reason` are one.
    """

    source: IncidentSource
    topic: str
    partition: int | None
    offset: int | None
    group: str | None
    cause: str
    reason: str
    since_ms: int
    committed_offset: int | None = None

    @property
    def shape(self) -> str:
        """The reason without its numbers."""
        return without_numbers(self.reason) or ""

    @classmethod
    def of_stuck(cls, stuck: Stuck) -> Sighting:
        """Returns that a group stands still. The cause is the rule that the record breaks, else the verdict."""
        at = standing_of(stuck)
        suspect = stuck.suspect
        offset = suspect.record.offset if suspect is not None else at.committed_offset
        cause = suspect.problem.decoder if suspect is not None else stuck.verdict.value
        reason = suspect.problem.reason if suspect is not None else stuck.verdict.row.headline
        group = IncidentSource.GROUP
        return cls(group, at.topic, at.partition, offset, at.group, cause, reason, stuck.since_ms, at.committed_offset)

    @classmethod
    def of_finding(cls, finding: Finding, now_ms: int) -> Sighting:
        """Returns that a scan found a record."""
        record = finding.record
        place = (record.topic, record.partition, record.offset)
        return cls(IncidentSource.SCAN, *place, None, finding.rule, finding.reason, now_ms)

    @classmethod
    def of_blamed(cls, blamed: BlamedRecord, now_ms: int) -> Sighting:
        """Returns that a log blames a record."""
        cause = blamed.exception or "log line"
        place = (blamed.topic, blamed.partition, blamed.offset)
        return cls(IncidentSource.LOG, *place, blamed.group, cause, blamed.message or cause, now_ms)


@dataclass(frozen=True, slots=True)
class IncidentPlace:
    """One place of an incident. Times are Unix milliseconds; `journal_id` is the entry of the write that changed its
    state.
    """

    source: IncidentSource
    group: str | None
    partition: int | None
    offset: int | None
    committed_offset: int | None
    state: IncidentState
    first_seen_ms: int
    last_seen_ms: int
    journal_id: int | None = None


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """An incident as it is kept. `cause` is a rule, a verdict or an exception's class; `reason` is that of the newest
    place. `counts` are its places by state, and `places` the newest 200 of them.
    """

    id: int
    topic: str
    cause: str
    reason: str
    note: str
    first_seen_ms: int
    last_seen_ms: int
    counts: Mapping[IncidentState, int]
    places: tuple[IncidentPlace, ...]

    @property
    def states(self) -> tuple[IncidentState, ...]:
        """The states of its places, the one that asks most first."""
        return tuple(state for state in IncidentState if state in self.counts)

    @property
    def state(self) -> IncidentState:
        """The state that asks most."""
        return self.states[0]

    @property
    def count(self) -> int:
        """How many places it has."""
        return sum(self.counts.values())

    @property
    def open_count(self) -> int:
        """How many of them are open."""
        return self.counts.get(IncidentState.OPEN, 0)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that stood, or were named, in the order of the places."""
        return tuple(dict.fromkeys(place.group for place in self.places if place.group is not None))

    @property
    def sources(self) -> tuple[str, ...]:
        """Who found it."""
        return tuple(sorted({place.source.value for place in self.places}))

    @property
    def records(self) -> tuple[RecordId, ...]:
        """The records of its places, each once."""
        known = (one for one in self.places if one.partition is not None and one.offset is not None)
        return tuple(dict.fromkeys(RecordId(self.topic, one.partition or 0, one.offset or 0) for one in known))

    def within(self, state: IncidentState) -> KnownIncident:
        """Returns the incident with its places in one state alone."""
        if self.states == (state,):
            return self
        places = tuple(place for place in self.places if place.state is state)
        return _with_places(replace(self, counts={state: self.counts.get(state, 0)}), places)

    def without(self, standing: Collection[Standing]) -> KnownIncident:
        """Returns the incident without the open places of groups that stand at one of these."""
        places = tuple(one for one in self.places if not self._is_at(one, standing))
        if len(places) == len(self.places):
            return self
        rest = self.open_count - len(self.places) + len(places)
        return _with_places(replace(self, counts={**self.counts, IncidentState.OPEN: rest}), places)

    def _is_at(self, place: IncidentPlace, standing: Collection[Standing]) -> bool:
        return place.state is IncidentState.OPEN and self._standing(place) in standing

    def _standing(self, place: IncidentPlace) -> Standing | None:
        if place.group is None or place.source is not IncidentSource.GROUP:
            return None
        return Standing(place.group, self.topic, place.partition, place.committed_offset)

    def standings(self, state: IncidentState) -> Iterable[Standing]:
        """Yields where groups stand, of the places in a state."""
        for one in self.places:
            at = self._standing(one)
            if one.state is state and at is not None:
                yield at


def _with_places(incident: KnownIncident, places: tuple[IncidentPlace, ...]) -> KnownIncident:
    first = min((place.first_seen_ms for place in places), default=incident.first_seen_ms)
    last = max((place.last_seen_ms for place in places), default=incident.last_seen_ms)
    return replace(incident, places=places, first_seen_ms=first, last_seen_ms=last)
