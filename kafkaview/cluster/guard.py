"""The one place where a read-only profile stops writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import NoReturn

from kafkaview.cluster.coordination import Coordination
from kafkaview.cluster.errors import ClusterError, ReadOnly
from kafkaview.cluster.port import Batch, Cluster, Copy, GroupMove, Groups, TopicSetting, TransactionStage
from kafkaview.terms import (
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    Isolation,
    PartitionOffsets,
    RecordId,
    Topic,
    TopicPartition,
)


class ReadOnlyCluster:
    """A cluster that may be looked at: every write is refused here, before a byte is sent."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def describe(self) -> ClusterInfo:
        """As the cluster."""
        return await self._cluster.describe()

    async def coordination(self) -> Coordination:
        """As the cluster."""
        return await self._cluster.coordination()

    async def topics(self) -> tuple[Topic, ...]:
        """As the cluster."""
        return await self._cluster.topics()

    async def topic(self, name: str) -> Topic:
        """As the cluster."""
        return await self._cluster.topic(name)

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """As the cluster."""
        return await self._cluster.topic_settings(name)

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """As the cluster."""
        return await self._cluster.topic_sizes()

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """As the cluster."""
        return await self._cluster.offsets(partitions)

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """As the cluster."""
        return await self._cluster.offsets_at(partitions, timestamp_ms)

    async def groups(self) -> Groups:
        """As the cluster."""
        return await self._cluster.groups()

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """As the cluster."""
        return await self._cluster.describe_groups(groups)

    async def committed(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """As the cluster."""
        return await self._cluster.committed(groups, require_stable=require_stable)

    def read(
        self,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int] | None = None,
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        batch: int = 10_000,
    ) -> AsyncIterator[Batch]:
        """As the cluster."""
        return self._cluster.read(start, end, isolation=isolation, batch=batch)

    async def create_topic(
        self,
        name: str,
        partitions: int,  # noqa: ARG002
        replication_factor: int | None = None,  # noqa: ARG002
        settings: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> None:
        """Refused."""
        _refuse(f"The topic {name} was not created")

    async def transact(
        self,
        transactional_id: str,  # noqa: ARG002
        copies: Sequence[Copy],  # noqa: ARG002
        moves: Sequence[GroupMove],  # noqa: ARG002
        check: Callable[[TransactionStage], Awaitable[None]],  # noqa: ARG002
    ) -> tuple[RecordId, ...]:
        """Refused."""
        _refuse("No record was written and no group moved")

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:  # noqa: ARG002
        """Refused."""
        _refuse(f"No member of {group.group} was removed")

    async def close(self) -> None:
        """As the cluster."""
        await self._cluster.close()


def _refuse(what: str) -> NoReturn:
    raise ReadOnly(f"This profile is read-only. {what}.", "Open a profile that may write.")
