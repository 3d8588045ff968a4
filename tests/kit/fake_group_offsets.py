"""Committed offsets without Kafka, changed from outside the group by the rules of a broker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, GroupNotEmpty, UnknownGroup, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.terms import CommittedOffset, TopicPartition

if TYPE_CHECKING:
    from tests.kit.fake_cluster import FakeCluster, FakeGroup


class FakeGroupOffsets:
    """Changes the groups of a fake cluster."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self.refused: dict[TopicPartition, ClusterError] = {}  # a test's to set

    async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Refused:
        """As the port says."""
        await self._cluster.asked("commit_offsets")
        of_group = self._cluster.grouped.get(group) or self._cluster.add_group(group)
        self._check(group, of_group)
        missing = self._missing(offsets)
        of_group.committed.update({where: at for where, at in offsets.items() if where not in missing})
        return missing

    async def delete(self, group: str, partitions: Collection[TopicPartition]) -> Refused:
        """As the port says."""
        await self._cluster.asked("delete_offsets")
        of_group = self._known(group)
        topics = {where.topic for where in partitions}
        subscribed = {one.topic for member in of_group.members if member.joined for one in member.partitions}
        if topics & subscribed:
            raise GroupNotEmpty(f"{group} has members that subscribe to {min(topics & subscribed)}")
        missing = self._missing(partitions)
        for where in partitions:
            of_group.committed.pop(where, None)
        return missing

    async def delete_group(self, group: str) -> None:
        """As the port says."""
        await self._cluster.asked("delete_group")
        self._check(group, self._known(group))
        del self._cluster.grouped[group]

    def _known(self, group: str) -> FakeGroup:
        if group not in self._cluster.grouped:
            raise UnknownGroup(f"There is no group {group}.")
        return self._cluster.grouped[group]

    def _check(self, group: str, of_group: FakeGroup) -> None:
        if of_group.coordinator in self._cluster.down:
            raise Unreachable(f"the coordinator of {group} does not answer")
        if any(member.joined for member in of_group.members):
            raise GroupNotEmpty(f"{group} has members")

    def _missing(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, ClusterError]:
        refused = {where: self.refused[where] for where in partitions if where in self.refused}
        for where in partitions:
            try:
                self._cluster.log(where)
            except UnknownTopicOrPartition as error:
                refused[where] = error
        return refused
