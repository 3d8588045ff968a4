"""The range of a read: for each partition its first offset and the offset behind its last, and what is left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition
from kafkaview.cluster.leaders import find_silence
from kafkaview.records.positions import Anchor, Position, resolve
from kafkaview.terms import Isolation, PartitionOffsets, Topic, TopicPartition

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster


@dataclass(frozen=True, slots=True)
class SkippedPartition:
    """A partition that a read left out, and the error of that."""

    topic_partition: TopicPartition
    error: ClusterError

    @property
    def reason(self) -> str:
        """Returns what happened and what to do."""
        return f"{self.error.message.removesuffix('.')}. {self.error.hint}".removesuffix(" ").removesuffix(".")


Spans = Mapping[TopicPartition, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Offsets of a range that an open transaction keeps from read_committed consumers."""

    topic_partition: TopicPartition
    from_offset: int
    offsets: int


@dataclass(frozen=True, slots=True)
class ReadRange:
    """The offsets to read. `skipped` are partitions whose leader is missing or does not answer."""

    spans: Spans
    skipped: tuple[SkippedPartition, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    @property
    def offsets(self) -> int:
        """How many offsets the range has; not all of them need hold a record."""
        return sum(last - first for first, last in self.spans.values())


def partitions_of(topic: Topic, numbers: Collection[int] | None = None) -> tuple[TopicPartition, ...]:
    """Returns the partitions of a topic, or those of these numbers. Raises UnknownTopicOrPartition."""
    own = tuple(partition.topic_partition for partition in topic.partitions)
    if numbers is None:
        return own
    for number in numbers:
        if TopicPartition(topic.name, number) not in own:
            raise UnknownTopicOrPartition(
                f"There is no partition {topic.name}:{number}: {topic.name} has {len(own)} partitions"
            )
    return tuple(tp for tp in own if tp.partition in numbers)


async def find_range(
    cluster: Cluster,
    partitions: Collection[TopicPartition],
    start: Position,
    end: Position,
    isolation: Isolation = Isolation.READ_COMMITTED,
) -> ReadRange:
    """Returns the range between two positions. Raises ClusterError as `resolve` does, and where no leader answers."""
    bounds = await cluster.offsets(partitions)
    if isolation is Isolation.READ_UNCOMMITTED:
        bounds = {tp: _uncommitted(of) for tp, of in bounds.items()}
    first, last = await resolve(cluster, start, bounds), await resolve(cluster, end, bounds)
    spans = {tp: (first[tp], max(first[tp], last[tp])) for tp in first if tp in last}
    skipped = await find_skipped(cluster, [tp for tp in partitions if tp not in spans])
    if skipped and not spans:
        raise skipped[0].error
    return ReadRange(
        spans,
        skipped,
        await _find_held_back(cluster, start, end, bounds, spans),
    )


async def find_skipped(cluster: Cluster, partitions: Collection[TopicPartition]) -> tuple[SkippedPartition, ...]:
    """Returns why partitions could not be read."""
    return tuple([SkippedPartition(tp, await find_silence(cluster, tp)) for tp in partitions])


def _uncommitted(bounds: PartitionOffsets) -> PartitionOffsets:
    """Returns the bounds of a read_uncommitted consumer, which no open transaction stops."""
    return replace(bounds, last_stable_offset=bounds.log_end_offset)


async def _find_held_back(
    cluster: Cluster, start: Position, end: Position, bounds: Mapping[TopicPartition, PartitionOffsets], spans: Spans
) -> tuple[HeldBack, ...]:
    """Returns the offsets between the last stable offset, or a later start, and the requested end."""
    if all(of.last_stable_offset == of.log_end_offset for of in bounds.values()):
        return ()
    logs = {tp: _uncommitted(bounds[tp]) for tp in spans}
    reach = await resolve(cluster, end, logs)
    # The last N offsets are counted from the last stable one: what is held back lies behind all of them.
    begin = {} if start.anchor is Anchor.END else await resolve(cluster, start, logs)
    first = {tp: max(bounds[tp].last_stable_offset or 0, begin.get(tp, 0)) for tp in spans}
    behind = [tp for tp in spans if reach.get(tp, 0) > first[tp]]
    later = await cluster.offsets(behind)  # the two ends are read apart: what was written in between is not held back
    stable = {tp: of.last_stable_offset for tp, of in later.items()}
    held = [tp for tp in behind if (now := stable.get(tp)) is None or now < reach[tp]]
    return tuple(HeldBack(tp, first[tp], reach[tp] - first[tp]) for tp in held)
