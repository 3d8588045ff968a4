"""The answers of a large cluster as columns: one array per field instead of one object per partition.

Unknown is -1 in every array of numbers: no offset, size or broker id of Kafka is negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kafkaview.terms import CommittedOffset, Partition, PartitionOffsets, Topic, TopicPartition

UNKNOWN: Final = -1

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PartitionTable:
    """Every partition of the metadata. A *place* is an index into the columns; topics are ordered by name, and the
    partitions of topic `t` are at the places `first[t]` up to, not including, `first[t + 1]`, in order of their number.
    """

    topics: tuple[str, ...]
    internal: Flags  # by topic
    first: Ints  # by topic, and one more at the end
    leader: Ints  # by place; -1 while the partition is offline
    replicas: Ints  # by place: index into `replica_sets`
    in_sync: Ints  # by place: index into `replica_sets`
    replica_sets: tuple[tuple[int, ...], ...]
    index: Mapping[str, int] = field(default_factory=dict)  # of a topic, by its name
    ids: tuple[bytes | None, ...] = ()  # by topic, as Topic has it

    def __len__(self) -> int:
        """Returns the number of partitions."""
        return len(self.leader)

    @property
    def out_of_sync(self) -> Flags:
        """Returns, by place, whether a replica is out of sync."""
        sizes = np.array([len(one) for one in self.replica_sets], np.int32)
        return sizes[self.in_sync] < sizes[self.replicas]

    def place_of(self, partition: TopicPartition) -> int:
        """Returns the place of a partition; -1 where the metadata does not have it."""
        topic = self.index.get(partition.topic)
        if topic is None:
            return UNKNOWN
        place = int(self.first[topic]) + partition.partition
        return place if partition.partition >= 0 and place < self.first[topic + 1] else UNKNOWN

    def partition(self, place: int) -> TopicPartition:
        """Returns the name of the partition at a place."""
        topic = int(np.searchsorted(self.first, place, side="right")) - 1
        return TopicPartition(self.topics[topic], place - int(self.first[topic]))

    def one(self, partition: TopicPartition) -> Partition | None:
        """Returns one partition in full; None where the metadata does not have it."""
        place = self.place_of(partition)
        return None if place < 0 else self._partition(partition.topic, partition.partition, place)

    def topic(self, name: str) -> Topic | None:
        """Returns one topic in full; None where the metadata does not have it."""
        at = self.index.get(name)
        if at is None:
            return None
        places = range(int(self.first[at]), int(self.first[at + 1]))
        partitions = tuple(self._partition(name, n, p) for n, p in enumerate(places))
        return Topic(name, bool(self.internal[at]), partitions, self.ids[at] if self.ids else None)

    def _partition(self, name: str, number: int, place: int) -> Partition:
        leader = int(self.leader[place])
        return Partition(
            name,
            number,
            None if leader < 0 else leader,
            self.replica_sets[self.replicas[place]],
            self.replica_sets[self.in_sync[place]],
        )


@dataclass(frozen=True, slots=True, eq=False)
class BoundColumns:
    """The bounds of logs by place of a table, with the fields of PartitionOffsets; -1 where the leader did not say."""

    log_start: Longs
    log_end: Longs
    last_stable: Longs

    def at(self, place: int) -> PartitionOffsets:
        """Returns the bounds at one place."""
        start, end, stable = (int(a[place]) for a in (self.log_start, self.log_end, self.last_stable))
        return PartitionOffsets(*(None if one < 0 else one for one in (start, end, stable)))


@dataclass(frozen=True, slots=True, eq=False)
class CommitColumns:
    """The committed offsets of one group: places of a table in ascending order, and the offset at each.

    `metadata` holds the metadata of a commit, by index into the columns. `elsewhere` has the partitions that the table
    lacks: of a deleted topic, or of one that the principal may not see.
    """

    places: Ints
    offsets: Longs
    epochs: Ints  # leader epochs; -1 where none was committed
    metadata: Mapping[int, str] = field(default_factory=dict)  # where it is not empty
    elsewhere: Mapping[TopicPartition, CommittedOffset] = field(default_factory=dict)

    def at(self, index: int) -> CommittedOffset:
        """Returns the committed offset at one index."""
        epoch = int(self.epochs[index])
        return CommittedOffset(int(self.offsets[index]), None if epoch < 0 else epoch, self.metadata.get(index, ""))
