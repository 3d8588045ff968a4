"""One row per topic, made from the cluster as last seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kafkaview.terms import Partition, PartitionOffsets, Topic, TopicPartition
from kafkaview.triage.verdict import Verdict
from kafkaview.triage.view import GroupView, View
from kafkaview.ui.marks import Mark
from kafkaview.ui.triage.words import listed, plural


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum whose parts may be unknown: then it is the least that it can be, or nothing at all."""

    value: int | None
    complete: bool


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic as the table shows it. `groups` read it, `stuck` stand still on it, `poisoned` of them on a record."""

    topic: Topic
    under_replicated: int
    offline: int
    records: Sum
    size: Sum
    groups: tuple[str, ...]
    stuck: tuple[str, ...]
    poisoned: tuple[str, ...]

    @property
    def name(self) -> str:
        """The topic's name, which is its identity."""
        return self.topic.name

    @property
    def mark(self) -> Mark:
        """The worst that is known of it."""
        if self.offline or self.poisoned:
            return Mark.BAD
        if self.under_replicated or self.stuck:
            return Mark.WARN
        return Mark.OK

    @property
    def state(self) -> str:
        """The mark in words."""
        if self.offline:
            return f"{plural(self.offline, 'partition has', 'partitions have')} no leader"
        if self.poisoned:
            return f"a poison record stops {listed(self.poisoned)}"
        if self.under_replicated:
            return f"{plural(self.under_replicated, 'partition is', 'partitions are')} under-replicated"
        if self.stuck:
            return f"{listed(self.stuck)} {'stands' if len(self.stuck) == 1 else 'stand'} still"
        return "healthy"


@dataclass(frozen=True, slots=True)
class PartitionRow:
    """A partition as the detail below shows it."""

    partition: Partition
    offsets: PartitionOffsets | None
    size: int | None


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A group on one topic: where it stands there, all partitions together."""

    group: GroupView
    partitions: int
    lag: Sum
    verdict: Verdict | None

    @property
    def name(self) -> str:
        """The group's id."""
        return self.group.listing.group


def topic_rows(view: View) -> tuple[TopicRow, ...]:
    """Every topic, the worst first, then by name."""
    readers = _readers(view)
    stuck = _stuck(view)
    rows = [_row(topic, view, readers[topic.name], stuck.get(topic.name, {})) for topic in view.topics]
    worst = (Mark.BAD, Mark.WARN, Mark.OK)
    return tuple(sorted(rows, key=lambda row: (worst.index(row.mark), row.name)))


def _row(topic: Topic, view: View, readers: frozenset[str], stuck: Mapping[str, Verdict]) -> TopicRow:
    return TopicRow(
        topic=topic,
        under_replicated=sum(1 for p in topic.partitions if p.under_replicated),
        offline=sum(1 for p in topic.partitions if p.leader is None),
        records=_sum([_records(view.offsets.get(p.topic_partition)) for p in topic.partitions]),
        size=_sum([view.sizes.get(p.topic_partition) for p in topic.partitions]),
        groups=tuple(sorted(readers)),
        stuck=tuple(sorted(stuck)),
        poisoned=tuple(sorted(group for group, verdict in stuck.items() if verdict is Verdict.POISON)),
    )


def partition_rows(view: View, topic: str) -> tuple[PartitionRow, ...]:
    """The partitions of one topic, by number."""
    found = next((t for t in view.topics if t.name == topic), None)
    if found is None:
        return ()
    return tuple(
        PartitionRow(p, view.offsets.get(p.topic_partition), view.sizes.get(p.topic_partition))
        for p in found.partitions
    )


def reader_rows(view: View, topic: str) -> tuple[ReaderRow, ...]:
    """The groups that committed on the topic or own partitions of it, the furthest behind first."""
    stuck = _stuck(view).get(topic, {})
    rows = []
    for group in view.groups:
        here = [p for p in group.partitions if p.topic_partition.topic == topic]
        if here:
            rows.append(ReaderRow(group, len(here), _sum([p.lag for p in here]), stuck.get(group.listing.group)))
    return tuple(sorted(rows, key=lambda row: (-(row.lag.value or 0), row.name)))


def _readers(view: View) -> defaultdict[str, frozenset[str]]:
    readers: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for group in view.groups:
        for topic in {p.topic_partition.topic for p in group.partitions}:
            readers[topic] |= {group.listing.group}
    return readers


def _stuck(view: View) -> dict[str, dict[str, Verdict]]:
    """The worst verdict of each group that stands on each topic; where nobody reads, nobody stands."""
    found: dict[str, dict[str, Verdict]] = {}
    for stuck in (s for s in view.stuck if s.verdict is not Verdict.NO_MEMBERS):
        groups = found.setdefault(stuck.topic_partition.topic, {})
        if groups.get(stuck.group) is not Verdict.POISON:
            groups[stuck.group] = stuck.verdict
    return found


def _records(offsets: PartitionOffsets | None) -> int | None:
    if offsets is None or offsets.log_start_offset is None or offsets.log_end_offset is None:
        return None
    return offsets.log_end_offset - offsets.log_start_offset


def _sum(parts: list[int | None]) -> Sum:
    known = [part for part in parts if part is not None]
    return Sum(sum(known) if known else None, bool(parts) and len(known) == len(parts))


def partition_name(row: PartitionRow) -> TopicPartition:
    """The identity of a partition's row."""
    return row.partition.topic_partition
