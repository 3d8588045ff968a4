"""The real cluster: the port, answered by requests of our own; reading and transactions are confluent-kafka's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, UnsupportedByBroker
from kafkaview.cluster.kafka import broker_requests
from kafkaview.cluster.kafka import groups as group_requests
from kafkaview.cluster.kafka import log_offsets as offset_requests
from kafkaview.cluster.kafka import topics as topic_requests
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.cluster.kafka.coordinators import Coordinators
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.omissions import Omissions
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.ports.brokers import BrokersPort
from kafkaview.cluster.ports.cluster import (
    Batch,
    Cluster,
    Copy,
    GroupMove,
    Groups,
    Omission,
    ReaderSettings,
    TopicDraft,
    TopicSetting,
    TransactionStage,
)
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Ints, PartitionTable
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.group_offsets import GroupOffsets
from kafkaview.cluster.ports.transactions import TransactionsPort
from kafkaview.cluster.ports.voters import VotersPort
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
from kafkaview.cluster.read_only import ReadOnlyCluster
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import (
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    GroupType,
    Isolation,
    PartitionOffsets,
    RecordId,
    Topic,
    TopicPartition,
)

if TYPE_CHECKING:  # each is imported where it is first needed: the start of a command is short then
    from kafkaview.cluster.kafka.quorum_leader import QuorumReading
    from kafkaview.cluster.kafka.record_reader import PartitionReader
    from kafkaview.cluster.kafka.security import KafkaSecurity
    from kafkaview.cluster.zookeeper.coordination import ZooKeeperSide

NO_SECRETS: Final = Secrets()


def open_cluster(profile: ConnectionProfile, secrets: Secrets = NO_SECRETS, limit: Limit | None = None) -> Cluster:
    """The cluster of a profile. Asks nothing yet: clients are made when they are first needed. By the `limit` nothing
    keeps a thread any more that closing waits for.
    """
    cluster = KafkaCluster(profile, secrets, limit)
    return ReadOnlyCluster(cluster) if profile.read_only else cluster


class KafkaCluster:
    """One open connection to real brokers; holds the clients and ends them."""

    def __init__(self, profile: ConnectionProfile, secrets: Secrets = NO_SECRETS, limit: Limit | None = None) -> None:
        self._profile = profile
        self._secrets = secrets
        self._limit = limit or Limit()
        self._settings = ClientSettings(profile, secrets, self._limit)
        self._wire = BrokerRequests(self._settings)
        self._coordinators = Coordinators(self._wire)
        self._columns = ColumnRequests(self._wire, self._coordinators)
        self._omissions = Omissions(self._wire)
        self._readings: set[PartitionReader] = set()
        self._known: tuple[str | None, str | None] | None = None

    @property
    def brokers(self) -> BrokersPort:
        """Brokers, asked over the same connections."""
        from kafkaview.cluster.kafka.brokers import KafkaBrokers

        return KafkaBrokers(self._wire)

    @property
    def transactions(self) -> TransactionsPort:
        """Producers, likewise."""
        from kafkaview.cluster.kafka.transactions import KafkaTransactions

        return KafkaTransactions(self._columns, self._wire)

    @property
    def voters(self) -> VotersPort:
        """Who votes in the metadata quorum."""
        from kafkaview.cluster.kafka.voters import KafkaVoters

        return KafkaVoters(self._wire)

    @property
    def group_offsets(self) -> GroupOffsets:
        """Committed offsets and groups, asked of each group's coordinator."""
        from kafkaview.cluster.kafka.group_offsets import KafkaGroupOffsets

        return KafkaGroupOffsets(self._coordinators)

    @cached_property
    def security(self) -> KafkaSecurity:
        """Rights."""
        from kafkaview.cluster.kafka.security import KafkaSecurity

        return KafkaSecurity(
            self._wire, self._profile.security.protocol, lambda: self._wire.info(fresh=True), self._limit
        )

    @property
    def requests(self) -> Counter[str]:
        """Requests that kafka-python sent."""
        return self._wire.requests

    async def describe(self) -> ClusterInfo:
        """Brokers and controller from the metadata; release and mode from a broker's features, asked once."""
        info = await self._wire.info(fresh=True)
        version, mode = await self._release_and_mode()
        return replace(info, version=version, mode=mode)

    async def coordination(self) -> Coordination:
        """What every broker takes, the quorum by its leader, and ZooKeeper where its address is known."""
        from kafkaview.cluster.kafka.coordination import coordination

        info = await self._wire.info(fresh=True)
        by_brokers = await coordination(self._wire, self._quorum, info)
        return await self._zookeeper.join(
            by_brokers, info.cluster_id, lambda: coordination(self._wire, self._quorum, info)
        )

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """One node, read in a session of a moment."""
        return await self._zookeeper.node(path)

    async def topics(self) -> tuple[Topic, ...]:
        """Every topic of the metadata."""
        return await topic_requests.all_topics(self._columns)

    async def topic(self, name: str) -> Topic:
        """One topic."""
        return await topic_requests.one_topic(self._wire, name)

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """One topic's configuration."""
        return await topic_requests.settings(self._wire, name)

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """Sizes on disk, from each broker that answers."""
        return await broker_requests.leader_sizes(self._wire, await self._columns.table(fresh=True))

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:
        """The remembered metadata, or new."""
        return await self._columns.table(fresh=fresh)

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """One request per leader and end."""
        return await self._columns.bounds(table, places, starts=starts, stables=stables)

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """One request per coordinator."""
        return await self._columns.commits(groups, table)

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """The logs' bounds, from each leader that answers."""
        return await offset_requests.bounds(self._columns, partitions)

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """The places of a time, from each leader that answers."""
        return await offset_requests.at_time(self._columns, partitions, timestamp_ms)

    async def groups(self) -> Groups:
        """Groups of every type, from each broker that answers."""
        return await broker_requests.list_groups(self._wire, await self._columns.table())

    async def omissions(self) -> frozenset[Omission]:
        """Asked of any broker, each minute."""
        return await self._omissions.find()

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """Members and owners."""
        return await group_requests.describe_groups(self._coordinators, groups, await self._columns.table())

    async def committed_offsets(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """Committed offsets of each group."""
        return await group_requests.read_commits(self._columns, groups, require_stable=require_stable)

    async def read(
        self,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int] | None = None,
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        batch: int = 10_000,
        pass_removed: bool = False,
    ) -> AsyncIterator[Batch]:
        """Records from start to end; an end beyond the log's end at the time of the call counts as that end."""
        from kafkaview.cluster.kafka.offset_ranges import ends_of
        from kafkaview.cluster.kafka.record_reader import PartitionReader
        from kafkaview.cluster.kafka.span_reader import SLICE_SECONDS

        if pass_removed and end is not None:
            reading = PartitionReader(self._settings, start, end, isolation, batch, pass_removed=True)
        else:
            ranges = asyncio.ensure_future(ends_of(self._columns, start, end, isolation))
            try:
                while not ranges.done():
                    await asyncio.wait({ranges}, timeout=SLICE_SECONDS)
                    if not ranges.done():
                        yield Batch((), dict(start))
                reading = PartitionReader(self._settings, start, ranges.result(), isolation, batch)
            finally:
                ranges.cancel()
        self._readings.add(reading)
        try:
            while (got := await reading.next_batch()) is not None:
                yield got
        finally:
            await reading.close()
            self._readings.discard(reading)

    async def header_names(self, record: RecordId) -> tuple[str, ...] | None:
        """Asked of the leader, past the client library."""
        from kafkaview.cluster.kafka.header_names import header_names

        return await header_names(self._wire, record)

    async def next_batch(self, record: RecordId) -> int | None:
        """Asked of the leader, past the client library."""
        from kafkaview.cluster.kafka.raw_batches import next_batch

        return await next_batch(self._wire, record)

    async def reader_settings(self) -> ReaderSettings:
        """Settings of a consumer, with all that the login needs."""
        from kafkaview.cluster.kafka.record_reader import reader_settings

        return await run_aside("kafkaview-settings", reader_settings, self._settings, Isolation.READ_COMMITTED)

    async def create_topic(
        self,
        name: str,
        partitions: int,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Create a topic and wait until it has leaders."""
        await topic_requests.create(self._wire, name, partitions, replication_factor, settings)
        self._columns.forget()

    async def draft_topic(
        self,
        name: str,
        partitions: int,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """The controller's answer to a creation that is only validated."""
        return await topic_requests.draft(self._wire, name, partitions, replication_factor, settings)

    async def delete_topic(self, name: str) -> None:
        """Delete a topic."""
        await topic_requests.delete(self._wire, name)
        self._columns.forget()

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
    ) -> tuple[RecordId, ...]:
        """One transaction of copies and offsets. A CancelledError from here means that it was aborted."""
        from kafkaview.cluster.kafka.reroute_transaction import Transaction, check_targets, transact

        await check_targets(self._wire, copies)
        return await transact(Transaction(self._settings, transactional_id), copies, moves, check)

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:
        """Remove the members that the group has at this moment."""
        if group.type in (GroupType.SHARE, GroupType.STREAMS):
            raise UnsupportedByBroker(
                f"{group.group} is a {group.type.value} group: brokers remove no members of those.",
                "Restart its application.",
            )
        listing = GroupListing(group.group, group.type, group.state)
        now = (await self.describe_groups([listing]))[group.group]
        if isinstance(now, ClusterError):
            raise now
        return await broker_requests.remove(self._wire, now, now.members, reason) if now.members else ()

    async def renew(self) -> None:
        """Begin with new connections."""
        self._coordinators.forget()
        self._columns.forget()
        self._omissions.forget()
        self._wire.renew()

    async def close(self) -> None:
        """End every client, each on its own thread."""
        await asyncio.gather(*(reading.close() for reading in tuple(self._readings)))
        zookeeper = self.__dict__.get("_zookeeper")
        await asyncio.gather(self._wire.close(), *([] if zookeeper is None else [zookeeper.close()]))

    @cached_property
    def _quorum(self) -> QuorumReading:
        from kafkaview.cluster.kafka.quorum_leader import QuorumReading

        return QuorumReading(self._wire)

    @cached_property
    def _zookeeper(self) -> ZooKeeperSide:
        from kafkaview.cluster.zookeeper.coordination import ZooKeeperSide
        from kafkaview.cluster.zookeeper.login import zookeeper_login

        login = partial(zookeeper_login, self._profile, self._secrets)
        return ZooKeeperSide(self._profile.zookeeper, login, self.brokers.broker_settings)

    async def _release_and_mode(self) -> tuple[str | None, str | None]:
        if self._known is None:
            try:
                self._known = await broker_requests.release_and_mode(self._wire)
            except ClusterError:
                return None, None
        return self._known
