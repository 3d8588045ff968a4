"""The one place where a read-only profile stops writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NoReturn
from uuid import UUID

from kafkaview.cluster.errors import ClusterError, ReadOnly
from kafkaview.cluster.ports.brokers import BrokerDescription, BrokersPort, LogDirectory, Reassignment, Setting
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
from kafkaview.cluster.ports.group_member import GroupMember, GroupMembership
from kafkaview.cluster.ports.group_offsets import GroupOffsets, Refused
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.security import (
    Acl,
    DelegationToken,
    IssuedToken,
    ListenerCertificate,
    NewScramCredential,
    NewToken,
    Operation,
    Quota,
    QuotaEntity,
    ScramCredential,
    ScramMechanism,
    SecurityPort,
)
from kafkaview.cluster.ports.topic_changes import NewSettings, TopicChanges
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState, Transactions, TransactionsPort
from kafkaview.cluster.ports.voters import VoterEndpoint, VotersPort
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
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
    """A read-only cluster: every write raises ReadOnly before a byte is sent."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def security(self) -> SecurityPort:
        """Returns the port over security without its writes."""
        return _ReadOnlySecurity(self._cluster.security)

    @property
    def brokers(self) -> BrokersPort:
        """Returns the port over brokers without its writes."""
        return _ReadOnlyBrokers(self._cluster.brokers)

    @property
    def transactions(self) -> TransactionsPort:
        """Returns the port over transactions without its writes."""
        return _ReadOnlyTransactions(self._cluster.transactions)

    @property
    def voters(self) -> VotersPort:
        """Returns the port over voters without its writes."""
        return _ReadOnlyVoters(self._cluster.voters)

    @property
    def group_offsets(self) -> GroupOffsets:
        """Returns the port over committed offsets without its writes."""
        return _ReadOnlyGroupOffsets(self._cluster.group_offsets)

    @property
    def topic_changes(self) -> TopicChanges:
        """Returns the port that changes topics without its writes."""
        return _ReadOnlyTopicChanges(self._cluster.topic_changes)

    @property
    def requests(self) -> Counter[str]:
        """Passes the call on."""
        return self._cluster.requests

    async def describe(self) -> ClusterInfo:
        """Passes the call on."""
        return await self._cluster.describe()

    async def coordination(self) -> Coordination:
        """Passes the call on."""
        return await self._cluster.coordination()

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """Passes the call on."""
        return await self._cluster.zookeeper_node(path)

    async def topics(self) -> tuple[Topic, ...]:
        """Passes the call on."""
        return await self._cluster.topics()

    async def topic(self, name: str) -> Topic:
        """Passes the call on."""
        return await self._cluster.topic(name)

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """Passes the call on."""
        return await self._cluster.topic_settings(name)

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """Passes the call on."""
        return await self._cluster.topic_sizes()

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:
        """Passes the call on."""
        return await self._cluster.partition_table(fresh=fresh)

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """Passes the call on."""
        return await self._cluster.log_bounds(table, places, starts=starts, stables=stables)

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """Passes the call on."""
        return await self._cluster.commits(groups, table)

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """Passes the call on."""
        return await self._cluster.offsets(partitions)

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """Passes the call on."""
        return await self._cluster.offsets_at(partitions, timestamp_ms)

    async def groups(self) -> Groups:
        """Passes the call on."""
        return await self._cluster.groups()

    async def omissions(self) -> frozenset[Omission]:
        """Passes the call on."""
        return await self._cluster.omissions()

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """Passes the call on."""
        return await self._cluster.describe_groups(groups)

    async def membership_changes(self, groups: Collection[str], since: Mapping[int, int]) -> MembershipChanges:
        """Passes the call on."""
        return await self._cluster.membership_changes(groups, since)

    async def committed_offsets(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """Passes the call on."""
        return await self._cluster.committed_offsets(groups, require_stable=require_stable)

    def read(
        self,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int] | None = None,
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        batch: int = 10_000,
        pass_removed: bool = False,
        in_order: bool = False,
    ) -> AsyncIterator[Batch]:
        """Passes the call on."""
        return self._cluster.read(
            start, end, isolation=isolation, batch=batch, pass_removed=pass_removed, in_order=in_order
        )

    def follow(
        self, start: Mapping[TopicPartition, int], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> AsyncIterator[Batch]:
        """Passes the call on."""
        return self._cluster.follow(start, isolation=isolation)

    def read_at(self, offsets: Mapping[TopicPartition, Collection[int]]) -> AsyncIterator[Batch]:
        """Passes the call on."""
        return self._cluster.read_at(offsets)

    async def header_names(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[str, ...] | None]:
        """Passes the call on."""
        return await self._cluster.header_names(records)

    async def next_batch(self, record: RecordId) -> int | None:
        """Passes the call on."""
        return await self._cluster.next_batch(record)

    async def is_batch_sound(self, record: RecordId) -> bool:
        """Passes the call on."""
        return await self._cluster.is_batch_sound(record)

    async def batch_heads(self, record: RecordId) -> tuple[BatchHead, ...]:
        """Passes the call on."""
        return await self._cluster.batch_heads(record)

    async def reader_settings(self, isolation: Isolation = Isolation.READ_COMMITTED) -> ReaderSettings | None:
        """Passes the call on: a reader with these settings joins no group and commits nothing."""
        return await self._cluster.reader_settings(isolation)

    async def create_topic(
        self,
        name: str,
        partitions: int | None,  # noqa: ARG002
        replication_factor: int | None = None,  # noqa: ARG002
        settings: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> UUID | None:
        """Raises ReadOnly."""
        _refuse(f"The topic {name} was not created")

    async def draft_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """Passes the call on: the request has validateOnly, so no topic is created."""
        return await self._cluster.draft_topic(name, partitions, replication_factor, settings)

    async def delete_topic(self, name: str) -> None:
        """Raises ReadOnly."""
        _refuse(f"The topic {name} was not deleted")

    async def transact(
        self,
        transactional_id: str,  # noqa: ARG002
        copies: Sequence[Copy],  # noqa: ARG002
        moves: Sequence[GroupMove],  # noqa: ARG002
        check: Callable[[TransactionStage], Awaitable[None]],  # noqa: ARG002
        *,
        batch_bytes: int | None = None,  # noqa: ARG002
    ) -> tuple[RecordId, ...]:
        """Raises ReadOnly."""
        _refuse("No record was written and no group moved")

    def transactor(
        self,
        transactional_id: str,  # noqa: ARG002
        *,
        batch_bytes: int | None = None,  # noqa: ARG002
    ) -> AbstractAsyncContextManager[Transactor]:
        """Raises ReadOnly."""
        _refuse("No record was written and no group moved")

    async def produce(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:  # noqa: ARG002
        """Raises ReadOnly."""
        _refuse("No record was written")

    def join_group(self, membership: GroupMembership) -> GroupMember:
        """Raises ReadOnly."""
        _refuse(f"The group {membership.group} was not joined")

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:  # noqa: ARG002
        """Raises ReadOnly."""
        _refuse(f"No member of {group.group} was removed")

    async def renew(self) -> None:
        """Passes the call on."""
        await self._cluster.renew()

    async def close(self) -> None:
        """Passes the call on."""
        await self._cluster.close()


class _ReadOnlySecurity:
    """The port over security without its writes."""

    def __init__(self, security: SecurityPort) -> None:
        self._security = security

    async def acls(self) -> tuple[Acl, ...]:
        return await self._security.acls()

    async def super_users(self) -> tuple[str, ...] | None:
        return await self._security.super_users()

    async def allow_everyone_if_no_acl(self) -> bool | None:
        return await self._security.allow_everyone_if_no_acl()

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        return await self._security.scram_users()

    async def quotas(self) -> tuple[Quota, ...]:
        return await self._security.quotas()

    async def validate_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        await self._security.validate_quota(entity, limits)

    async def missing_rights(self, *operations: Operation) -> tuple[ClusterError, ...]:
        return await self._security.missing_rights(*operations)

    async def tokens(self) -> tuple[DelegationToken, ...]:
        return await self._security.tokens()

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        return await self._security.certificates()

    async def create_acls(self, acls: Sequence[Acl]) -> None:  # noqa: ARG002
        _refuse("No ACL was created")

    async def delete_acls(self, acls: Collection[Acl]) -> None:  # noqa: ARG002
        _refuse("No ACL was deleted")

    async def set_scram(self, credential: NewScramCredential) -> None:
        _refuse(f"No password of {credential.user} was set")

    async def delete_scram(self, user: str, mechanism: ScramMechanism) -> None:  # noqa: ARG002
        _refuse(f"No password of {user} was deleted")

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:  # noqa: ARG002
        _refuse("No quota was changed")

    async def create_token(self, new: NewToken) -> IssuedToken:  # noqa: ARG002
        _refuse("No delegation token was created")

    async def renew_token(self, token_id: str, period_ms: int | None = None) -> int:  # noqa: ARG002
        _refuse(f"The delegation token {token_id} was not renewed")

    async def expire_token(self, token_id: str) -> None:
        _refuse(f"The delegation token {token_id} was not expired")


class _ReadOnlyBrokers:
    """The port over brokers without its writes."""

    def __init__(self, brokers: BrokersPort) -> None:
        self._brokers = brokers

    async def describe(self) -> tuple[BrokerDescription, ...]:
        return await self._brokers.describe()

    async def is_down(self, broker: BrokerDescription) -> bool:
        return await self._brokers.is_down(broker)

    async def log_directories(self) -> Mapping[int, tuple[LogDirectory, ...] | ClusterError]:
        return await self._brokers.log_directories()

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        return await self._brokers.broker_settings(broker)

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        return await self._brokers.topic_settings(topic)

    async def setting_of_topics(self, name: str, topics: Collection[str]) -> Mapping[str, str]:
        return await self._brokers.setting_of_topics(name, topics)

    async def reassignments(self) -> tuple[Reassignment, ...]:
        return await self._brokers.reassignments()

    async def elect_preferred(
        self,
        partitions: Collection[TopicPartition],  # noqa: ARG002
    ) -> Mapping[TopicPartition, str | None]:
        _refuse("No leader was elected")

    async def cancel_reassignments(self, partitions: Collection[TopicPartition]) -> None:  # noqa: ARG002
        _refuse("No reassignment was taken back")


class _ReadOnlyTransactions:
    """The port over transactions without its writes."""

    def __init__(self, producers: TransactionsPort) -> None:
        self._producers = producers

    async def transactions(self) -> Transactions:
        return await self._producers.transactions()

    async def producers(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        return await self._producers.producers(partitions)

    async def describe(self, transactional_id: str) -> OpenTransaction | None:
        return await self._producers.describe(transactional_id)

    async def refusals(
        self,
        transactional_id: str,  # noqa: ARG002
        topics: Collection[str],  # noqa: ARG002
        groups: Collection[str],  # noqa: ARG002
    ) -> tuple[ClusterError, ...]:
        return ()  # only requests of writers tell: of those none is sent here

    async def abort(self, producer: ProducerState) -> None:
        _refuse(f"No transaction of producer {producer.producer_id} was aborted")


class _ReadOnlyVoters:
    """The port over voters without its writes."""

    def __init__(self, voters: VotersPort) -> None:
        self._voters = voters

    async def controller_addresses(self, addresses: Collection[str]) -> Mapping[int, str]:
        return await self._voters.controller_addresses(addresses)

    async def add_voter(self, voter: int, directory_id: str, endpoints: Sequence[VoterEndpoint]) -> None:  # noqa: ARG002
        _refuse(f"Controller {voter} was not added")

    async def remove_voter(self, voter: int, directory_id: str) -> None:  # noqa: ARG002
        _refuse(f"Controller {voter} was not removed")


class _ReadOnlyGroupOffsets:
    """The port over committed offsets without its writes."""

    def __init__(self, offsets: GroupOffsets) -> None:
        self._offsets = offsets

    async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Refused:  # noqa: ARG002
        _refuse(f"No offset of {group} was committed")

    async def delete(self, group: str, partitions: Collection[TopicPartition]) -> Refused:  # noqa: ARG002
        _refuse(f"No offset of {group} was deleted")

    async def delete_group(self, group: str) -> None:
        _refuse(f"The group {group} was not deleted")


class _ReadOnlyTopicChanges:
    """The port that changes topics without its writes."""

    def __init__(self, changes: TopicChanges) -> None:
        self._changes = changes

    async def add_partitions(self, topic: str, to: int) -> None:  # noqa: ARG002
        _refuse(f"No partition was added to {topic}")

    async def draft_partitions(self, topic: str, to: int) -> None:
        await self._changes.draft_partitions(topic, to)

    async def delete_records(self, before: Mapping[TopicPartition, int]) -> Refused:  # noqa: ARG002
        _refuse("No record was deleted")

    async def change_settings(self, topic: str, settings: NewSettings) -> None:  # noqa: ARG002
        _refuse(f"No setting of {topic} was changed")

    async def draft_settings(self, topic: str, settings: NewSettings) -> None:
        await self._changes.draft_settings(topic, settings)

    async def missing_rights(self, topic: str, operation: Operation) -> tuple[ClusterError, ...]:
        return await self._changes.missing_rights(topic, operation)


def _refuse(what: str) -> NoReturn:
    raise ReadOnly(f"This profile is read-only. {what}.", "Open a profile that may write.")
