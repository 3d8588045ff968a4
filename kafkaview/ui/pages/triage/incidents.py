"""The rows of the Triage list: one for each stuck group, in three sections, the oldest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import Standing, standing_of
from kafkaview.triage.watch.consequences import with_consequences
from kafkaview.triage.watch.verdict import IncidentSection, Stuck, Verdict, VerdictRow

_SECTIONS = tuple(IncidentSection)
_ORDER = {verdict: _SECTIONS.index(verdict.row.section) for verdict in Verdict}


class IncidentKey(NamedTuple):
    """What makes rows of two samples the same row: it survives a new verdict and a new offset."""

    group: str
    topic: str
    partition: int | None  # None: all partitions of the topic in one row


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of the list. Partitions of one group and topic without members share a row."""

    first: Stuck  # the partition that speaks for the row
    consequences: tuple[Stuck, ...] = ()  # other partitions that stand because the group crashes on this record

    @property
    def group(self) -> str:
        """The stuck group."""
        return self.first.group

    @property
    def verdict(self) -> Verdict:
        """Why the group is stuck; the same for all partitions of the row."""
        return self.first.verdict

    @property
    def verdict_row(self) -> VerdictRow:
        """The verdict in words."""
        return self.verdict.row

    @property
    def section(self) -> IncidentSection:
        """The section of the row."""
        return self.verdict_row.section

    @property
    def rank(self) -> int:
        """The place of its section, the most urgent first."""
        return _ORDER[self.verdict]

    @property
    def key(self) -> IncidentKey:
        """The row's identity from sample to sample."""
        first = self.first
        place = first.topic_partition
        whole = first.partitions > 1 and self.section is IncidentSection.NOBODY
        return IncidentKey(first.group, place.topic, None if whole else place.partition)

    @property
    def partitions(self) -> int:
        """The number of partitions of the row."""
        return self.first.partitions

    @property
    def since_ms(self) -> int:
        """When the group was first seen to be stuck."""
        return self.first.since_ms

    @property
    def lag(self) -> int | None:
        """The records that wait on all its partitions; None if any is unknown."""
        return self.first.total_lag

    @property
    def record(self) -> RecordId | None:
        """The record that stops the group, if one was found."""
        return self.first.suspect.record.id if self.first.suspect else None

    @property
    def offset(self) -> int | None:
        """The offset to look at: the record that stops the group, else its committed offset."""
        return self.record.offset if self.record else self.first.committed_offset

    def matches(self, words: Iterable[str]) -> bool:
        """Returns whether the group's or topic's name contains every word."""
        text = f"{self.group} {self.first.topic_partition}".casefold()
        return all(word in text for word in words)


def incidents(stuck: Iterable[Stuck], ignored: Collection[Standing] = ()) -> tuple[Incident, ...]:
    """Returns the rows of the list by section, the longest stuck first, without groups that are ignored where they
    stand. What is a consequence of another row has none of its own.
    """
    rows = [Incident(one, follow) for one, follow in with_consequences(stuck)]
    shown = [row for row in rows if standing_of(row.first) not in ignored] if ignored else rows
    return tuple(sorted(shown, key=_urgency))


def _urgency(row: Incident) -> tuple[int, int, str, str, int]:
    first = row.first
    place = first.topic_partition
    return (row.rank, first.since_ms, first.group, place.topic, place.partition)


def same_record(incident: Incident, rows: Iterable[Incident]) -> tuple[str, ...]:
    """Returns the other groups that are stuck on the same record."""
    if incident.record is None:
        return ()
    return tuple(row.group for row in rows if row.record == incident.record and row.group != incident.group)
