"""Reassignments in progress: what they add is not missing (KIP-352)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import Partition, Topic, TopicPartition


@dataclass(frozen=True, slots=True)
class ReplicaMoves:
    """The reassignments in progress by partition, and the brokers that are there to take replicas."""

    reassignments: Mapping[TopicPartition, Reassignment]
    brokers: frozenset[int]

    @classmethod
    def of(cls, reassignments: Iterable[Reassignment], brokers: frozenset[int]) -> ReplicaMoves:
        """Returns the moves that reassignments make."""
        return cls({one.topic_partition: one for one in reassignments}, brokers)

    def add_to(self, topic: Topic) -> Topic:
        """Returns the topic with what is being added to and removed from its partitions."""
        return replace(topic, partitions=tuple(map(self._add_to, topic.partitions)))

    def _add_to(self, partition: Partition) -> Partition:
        move = self.reassignments.get(partition.topic_partition)
        if move is None:
            return replace(partition, adding_replicas=(), removing_replicas=())
        offline = tuple(one for one in partition.replicas if one not in self.brokers)
        return replace(
            partition, offline_replicas=offline, adding_replicas=move.adding, removing_replicas=move.removing
        )


NO_MOVES = ReplicaMoves({}, frozenset())


async def read_moves(cluster: Cluster, *, out_of_sync: bool) -> ReplicaMoves | ClusterError:
    """Reads the reassignments in progress, or why they are unknown. Nothing is asked unless a replica is out of sync:
    else none is in progress.
    """
    if not out_of_sync:
        return NO_MOVES
    try:
        moving, info = await asyncio.gather(cluster.brokers.reassignments(), cluster.describe())
    except ClusterError as error:
        return error
    return ReplicaMoves.of(moving, frozenset(one.id for one in info.brokers))


def any_out_of_sync(topics: Iterable[Topic]) -> bool:
    """Returns whether a replica of these topics is out of sync."""
    return any(partition.out_of_sync for topic in topics for partition in topic.partitions)
