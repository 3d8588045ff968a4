"""What the list on Triage shows: one row for each group that stands, in three sections, the oldest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.verdict_table import VERDICT_TABLE, IncidentSection, VerdictRow

_ORDER = {section: place for place, section in enumerate(IncidentSection)}


@dataclass(frozen=True, slots=True)
class IncidentKey:
    """What makes two rows of two samples the same row: it outlives a new verdict or a new offset."""

    group: str
    topic: str
    partition: int | None  # None: all partitions of the topic in one row


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of the list. Partitions without members of one group and topic are one row together."""

    first: Stuck  # the partition that speaks for the row

    @property
    def group(self) -> str:
        """The group that stands."""
        return self.first.group

    @property
    def verdict(self) -> Verdict:
        """Why it stands; the same for all partitions of the row."""
        return self.first.verdict

    @property
    def verdict_row(self) -> VerdictRow:
        """The verdict in words."""
        return VERDICT_TABLE[self.verdict]

    @property
    def section(self) -> IncidentSection:
        """Under which head the row stands."""
        return self.verdict_row.section

    @property
    def key(self) -> IncidentKey:
        """The row's identity from sample to sample."""
        place = self.first.topic_partition
        whole = self.section is IncidentSection.NOBODY and self.partitions > 1
        return IncidentKey(self.group, place.topic, None if whole else place.partition)

    @property
    def partitions(self) -> int:
        """How many partitions the row speaks for."""
        return self.first.partitions

    @property
    def since_ms(self) -> int:
        """When it was seen to stand first."""
        return self.first.since_ms

    @property
    def lag(self) -> int | None:
        """Records that wait on all its partitions; None if any is unknown."""
        return self.first.total_lag

    @property
    def record(self) -> RecordId | None:
        """The record that stops the group, where one was found."""
        return self.first.suspect.record.id if self.first.suspect else None

    @property
    def offset(self) -> int | None:
        """Where to look: the record that stops the group, else where the group stands."""
        return self.record.offset if self.record else self.first.committed_offset

    def matches(self, words: Iterable[str]) -> bool:
        """Whether the row's group or topic contains every word."""
        text = f"{self.group} {self.first.topic_partition}".casefold()
        return all(word in text for word in words)


def incidents(stuck: Iterable[Stuck], ignored: Collection[IncidentKey] = ()) -> tuple[Incident, ...]:
    """The rows of the list: by section, then the longest standing first."""
    rows = [row for row in map(Incident, stuck) if not ignored or row.key not in ignored]
    return tuple(sorted(rows, key=_urgency))


def _urgency(row: Incident) -> tuple[int, int, str, TopicPartition]:
    return (_ORDER[row.section], row.since_ms, row.group, row.first.topic_partition)


def same_record(incident: Incident, rows: Iterable[Incident]) -> tuple[str, ...]:
    """The other groups that stand on the same record."""
    if incident.record is None:
        return ()
    return tuple(row.group for row in rows if row.record == incident.record and row.group != incident.group)
