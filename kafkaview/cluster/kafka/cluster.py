"""The port over a cluster for real brokers: kafka-python's requests, and confluent-kafka for reading
and transactions.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

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
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.brokers import BrokersPort
from kafkaview.cluster.ports.cluster import (
    Batch,
    BatchHead,
    Cluster,
    Copy,
    GroupMove,
    Groups,
    Omission,
    ReaderSettings,
    TopicDraft,
    TopicSetting,
    TransactionStage,
    Transactor,
)
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Ints, PartitionTable
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.group_member import GroupMembership
from kafkaview.cluster.ports.group_offsets import GroupOffsets
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.topic_changes import TopicChanges
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
    from kafkaview.cluster.kafka.group_member import KafkaGroupMember
    from kafkaview.cluster.kafka.quorum_leader import QuorumReading
    from kafkaview.cluster.kafka.record_reader import PartitionReader
    from kafkaview.cluster.kafka.security import KafkaSecurity
    from kafkaview.cluster.zookeeper.coordination import ZooKeeperSide

NO_SECRETS: Final = Secrets()
_FOLLOWED: Final = 10_000  # records of one batch, where much is written
_PASSED: Final = 20_000  # records that are read at once, where few of them are wanted


def open_cluster(profile: ConnectionProfile, secrets: Secrets = NO_SECRETS, limit: Limit | None = None) -> Cluster:
    """Returns the cluster of a profile and sends nothing: clients are made when they are first needed. The `limit`
    bounds every call that blocks a thread, because closing waits for those threads.
    """
    cluster = KafkaCluster(profile, secrets, limit)
    return ReadOnlyCluster(cluster) if profile.read_only else cluster


class KafkaCluster:
    """One open connection to real brokers; owns the clients and closes them."""

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
        """Returns the port over brokers, on the same connections."""
        from kafkaview.cluster.kafka.brokers import KafkaBrokers

        return KafkaBrokers(self._wire)

    @property
    def transactions(self) -> TransactionsPort:
        """Returns the port over transactions, on the same connections."""
        from kafkaview.cluster.kafka.transactions import KafkaTransactions

        return KafkaTransactions(self._columns, self._wire)

    @property
    def voters(self) -> VotersPort:
        """Returns the port over the voters of the metadata quorum."""
        from kafkaview.cluster.kafka.voters import KafkaVoters

        return KafkaVoters(self._wire)

    @property
    def group_offsets(self) -> GroupOffsets:
        """Returns the port over committed offsets, which asks each group's coordinator."""
        from kafkaview.cluster.kafka.group_offsets import KafkaGroupOffsets

        return KafkaGroupOffsets(self._coordinators)

    @property
    def topic_changes(self) -> TopicChanges:
        """Returns the port that changes topics, on the same connections."""
        from kafkaview.cluster.kafka.topic_changes import KafkaTopicChanges

        return KafkaTopicChanges(self._wire, self._columns)

    @cached_property
    def security(self) -> KafkaSecurity:
        """Returns the port over ACLs, users, quotas, tokens and certificates."""
        from kafkaview.cluster.kafka.security import KafkaSecurity

        return KafkaSecurity(
            self._wire, self._profile.security.protocol, lambda: self._wire.info(fresh=True), self._limit
        )

    @property
    def requests(self) -> Counter[str]:
        """Returns how many requests of each kind kafka-python's connections sent."""
        return self._wire.requests

    async def describe(self) -> ClusterInfo:
        """Returns brokers and controller from the metadata, and release and mode from a broker's
        features (asked once).
        """
        info = await self._wire.info(fresh=True)
        version, mode = await self._release_and_mode()
        return replace(info, version=version, mode=mode)

    async def coordination(self) -> Coordination:
        """Returns the state of the quorum as its leader reports it, with ZooKeeper's where its address is known."""
        from kafkaview.cluster.kafka.coordination import coordination

        info = await self._wire.info(fresh=True)
        by_brokers = await coordination(self._wire, self._quorum, info)
        return await self._zookeeper.join(
            by_brokers, info.cluster_id, lambda: coordination(self._wire, self._quorum, info)
        )

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """Reads one ZooKeeper node in a short session."""
        return await self._zookeeper.node(path)

    async def topics(self) -> tuple[Topic, ...]:
        """Returns every topic of the metadata."""
        return await topic_requests.all_topics(self._columns)

    async def topic(self, name: str) -> Topic:
        """Returns one topic."""
        return await topic_requests.one_topic(self._wire, name)

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """Returns the configuration of one topic."""
        return await topic_requests.settings(self._wire, name)

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """Returns sizes on disk, from each broker that answers."""
        return await broker_requests.leader_sizes(self._wire, await self._columns.table(fresh=True))

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:
        """Returns the cached metadata, or reads it anew."""
        return await self._columns.table(fresh=fresh)

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """Sends one ListOffsets request per leader and log end."""
        return await self._columns.bounds(table, places, starts=starts, stables=stables)

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """Sends one OffsetFetch request per coordinator."""
        return await self._columns.commits(groups, table)

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """Returns the log bounds from each leader that answers."""
        return await offset_requests.bounds(self._columns, partitions)

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """Returns the offsets at a time from each leader that answers."""
        return await offset_requests.at_time(self._columns, partitions, timestamp_ms)

    async def groups(self) -> Groups:
        """Returns groups of every type, from each broker that answers."""
        return await broker_requests.list_groups(self._wire, await self._columns.table())

    async def omissions(self) -> frozenset[Omission]:
        """Asks any broker what it leaves out, at most once a minute."""
        return await self._omissions.find()

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """Returns members and assignments of each group."""
        return await group_requests.describe_groups(self._coordinators, groups, await self._columns.table())

    async def membership_changes(self, groups: Collection[str], since: Mapping[int, int]) -> MembershipChanges:
        """Reads what coordinators stored in `__consumer_offsets`."""
        from kafkaview.cluster.kafka.membership_log import read_membership_changes

        read = partial(self.read, isolation=Isolation.READ_UNCOMMITTED, pass_removed=True)
        return await read_membership_changes(self._columns, self._coordinators, read, groups, since)

    async def committed_offsets(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """Returns the committed offsets of each group."""
        return await group_requests.read_commits(self._columns, groups, require_stable=require_stable)

    async def read(
        self,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int] | None = None,
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        batch: int = 10_000,
        pass_removed: bool = False,
        in_order: bool = False,
    ) -> AsyncIterator[Batch]:
        """Reads records from start to end; an end beyond the log end offset at the time of the call is
        lowered to it.
        """
        from kafkaview.cluster.kafka.offset_ranges import ends_of
        from kafkaview.cluster.kafka.record_reader import PartitionReader
        from kafkaview.cluster.kafka.span_reader import SLICE_SECONDS

        if pass_removed and end is not None:
            reading = PartitionReader(
                self._settings, start, end, isolation, batch, pass_removed=True, in_order=in_order
            )
        else:
            ranges = asyncio.ensure_future(ends_of(self._columns, start, end, isolation))
            try:
                while not ranges.done():
                    await asyncio.wait({ranges}, timeout=SLICE_SECONDS)
                    if not ranges.done():
                        yield Batch((), dict(start))
                reading = PartitionReader(self._settings, start, ranges.result(), isolation, batch, in_order=in_order)
            finally:
                ranges.cancel()
        async with self._opened(reading):
            while (got := await reading.next_batch()) is not None:
                yield got

    async def follow(
        self, start: Mapping[TopicPartition, int], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> AsyncIterator[Batch]:
        """Reads records from their start on, and those that are written later."""
        from kafkaview.cluster.kafka.record_reader import PartitionReader
        from kafkaview.cluster.kafka.span_reader import ENDLESS

        ends = dict.fromkeys(start, ENDLESS)
        async with self._opened(
            PartitionReader(self._settings, start, ends, isolation, _FOLLOWED, pass_removed=True)
        ) as reading:
            while (got := await reading.next_batch()) is not None:
                yield got

    @asynccontextmanager
    async def _opened(self, reading: PartitionReader) -> AsyncIterator[PartitionReader]:
        """Closes a reader at the end, or with the cluster."""
        self._readings.add(reading)
        try:
            yield reading
        finally:
            await reading.close()
            self._readings.discard(reading)

    async def read_at(self, offsets: Mapping[TopicPartition, Collection[int]]) -> AsyncIterator[Batch]:
        """Reads single records by spans: what lies between two that are near each other is read and dropped."""
        from kafkaview.cluster.kafka.offset_spans import span_rounds, within
        from kafkaview.cluster.kafka.record_reader import PartitionReader

        bounds = await self.offsets(offsets)
        silent = [place for place, of in bounds.items() if None in (of.log_start_offset, of.last_stable_offset)]
        if silent:
            raise await find_silence(self, silent[0])
        present = within(offsets, bounds)
        only = {(place.topic, place.partition): frozenset(own) for place, own in present.items()}
        for spans in span_rounds(present):
            start = {place: first for place, (first, _) in spans.items()}
            end = {place: last for place, (_, last) in spans.items()}
            reading = PartitionReader(
                self._settings, start, end, Isolation.READ_COMMITTED, _PASSED, pass_removed=True, only=only
            )
            async with self._opened(reading):
                while (got := await reading.next_batch()) is not None:
                    yield got

    async def header_names(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[str, ...] | None]:
        """Reads header names from the leaders by Fetch requests of our own."""
        from kafkaview.cluster.kafka.header_names import header_names

        return await header_names(self._wire, records)

    async def next_batch(self, record: RecordId) -> int | None:
        """Reads the offset of the following batch from the leader by a Fetch request of our own."""
        from kafkaview.cluster.kafka.raw_batches import next_batch

        return await next_batch(self._wire, record)

    async def batch_heads(self, record: RecordId) -> tuple[BatchHead, ...]:
        """As the port says."""
        from kafkaview.cluster.kafka.raw_batches import batch_heads

        return await batch_heads(self._wire, record)

    async def is_batch_sound(self, record: RecordId) -> bool:
        """Reads the batch from the leader by a Fetch request of our own."""
        from kafkaview.cluster.kafka.raw_batches import is_batch_sound

        return await is_batch_sound(self._wire, record)

    async def reader_settings(self, isolation: Isolation = Isolation.READ_COMMITTED) -> ReaderSettings:
        """Returns the settings of a consumer, with the login."""
        from kafkaview.cluster.kafka.record_reader import reader_settings

        return await run_aside("kafkaview-settings", reader_settings, self._settings, isolation)

    async def create_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> UUID | None:
        """Creates a topic and waits until its partitions have leaders."""
        topic_id = await topic_requests.create(self._wire, name, partitions, replication_factor, settings)
        self._columns.forget()
        return topic_id

    async def draft_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """Returns the controller's answer to a CreateTopics request with validateOnly."""
        return await topic_requests.draft(self._wire, name, partitions, replication_factor, settings)

    async def delete_topic(self, name: str) -> None:
        """Deletes a topic."""
        await topic_requests.delete(self._wire, name)
        self._columns.forget()

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        """Runs one transaction of copies and offsets. Raises CancelledError only where it was not committed."""
        async with self.transactor(transactional_id, batch_bytes=batch_bytes) as transactor:
            return await transactor.transact(copies, moves, check)

    def transactor(
        self, transactional_id: str, *, batch_bytes: int | None = None
    ) -> AbstractAsyncContextManager[Transactor]:
        """Opens a producer of a transactional id."""
        from kafkaview.cluster.kafka.reroute_transaction import open_transactor

        return open_transactor(self._wire, self._settings, transactional_id, batch_bytes)

    async def produce(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        """Produces records by an idempotent producer."""
        from kafkaview.cluster.kafka.record_producer import RecordProducer, check_targets, produce

        await check_targets(self._wire, copies)
        return await produce(RecordProducer(self._settings), copies)

    def join_group(self, membership: GroupMembership) -> KafkaGroupMember:
        """Returns a member, with clients of its own."""
        from kafkaview.cluster.kafka.group_member import KafkaGroupMember

        return KafkaGroupMember(self._settings, membership)

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:
        """Removes the members that the group has now."""
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
        """Replaces every connection."""
        self._coordinators.forget()
        self._columns.forget()
        self._omissions.forget()
        self._wire.renew()

    async def close(self) -> None:
        """Closes every client, each on its own thread."""
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
