"""The port over a cluster.

`open_cluster` (cluster/kafka/cluster.py) makes the real one, tests/kit/fake_cluster.py the fake one; tests/contract
checks both against this port.

All methods are coroutines on plain asyncio and raise `ClusterError` subclasses. A call over many things returns what is
known: a thing that did not answer carries its own error, and hides none of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.ports.brokers import BrokersPort
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Ints, PartitionTable
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.group_offsets import GroupOffsets
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.security import SecurityPort
from kafkaview.cluster.ports.topic_changes import TopicChanges
from kafkaview.cluster.ports.transactions import TransactionsPort
from kafkaview.cluster.ports.voters import VotersPort
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
from kafkaview.terms import (
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    Header,
    Isolation,
    PartitionOffsets,
    Record,
    RecordId,
    RemovedOffsets,
    Topic,
    TopicPartition,
)

if TYPE_CHECKING:
    from kafkaview.cluster.ports.group_member import GroupMember, GroupMembership


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups that could be listed, with an error by coordinator for groups that could not. Groups whose partition
    of `__consumer_offsets` has no leader have no coordinator: their error has the key None.
    """

    listings: tuple[GroupListing, ...]
    unlisted: Mapping[int | None, ClusterError] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[ClusterError, ...]:
        """Returns why groups may be missing."""
        return tuple(self.unlisted.values())


class Omission(Enum):
    """What brokers silently leave out of their lists, and the right that is missing. An unknown one: nobody answered
    whether they leave something out.
    """

    GROUPS = "DESCRIBE on Group *"
    TOPICS = "DESCRIBE on Topic *"  # nor do they say what is committed on those
    UNKNOWN_GROUPS = "groups"
    UNKNOWN_TOPICS = "topics"

    @property
    def of_topics(self) -> bool:
        """Whether it concerns topics, not groups."""
        return self in (Omission.TOPICS, Omission.UNKNOWN_TOPICS)

    @property
    def is_known(self) -> bool:
        """Whether a broker has answered."""
        return self in (Omission.GROUPS, Omission.TOPICS)

    def as_error(self) -> ClusterError:
        """Returns the omission as an error, because brokers raise none."""
        if self.is_known:
            return NotAuthorized(f"You may not see all {self.name.lower()}", f"Ask for the right {self.value}.")
        return Unreachable(f"could not find out whether any of the {self.value} is hidden")


@dataclass(frozen=True, slots=True)
class TopicSetting:
    """One configuration entry of a topic; `source` in Kafka's words (`DYNAMIC_TOPIC_CONFIG`, `DEFAULT_CONFIG`, ...)."""

    name: str
    value: str | None
    source: str
    is_default: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class TopicDraft:
    """The topic that the cluster would make. Where the principal may not read it (DESCRIBE_CONFIGS), replication factor
    and partitions that were left to the cluster are None and there are no settings.
    """

    replication_factor: int | None
    settings: tuple[TopicSetting, ...] = ()
    partitions: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one or several partitions in the order they were read, and how far each partition is read.

    `next_offsets` holds the next offset to read for every partition of the read. It moves past transaction markers,
    aborted records and compaction gaps, so it may be ahead of the last record's offset + 1. `removed` has the offsets
    found to be removed since the last batch.
    """

    records: tuple[Record, ...]
    next_offsets: Mapping[TopicPartition, int]
    removed: tuple[RemovedOffsets, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchHead:
    """The head of a record batch: its first offset, its codec (`none`, `gzip`, `snappy`, `lz4` or `zstd`), how many
    records it counts and its bytes in the log. `transactional` is one that was written in a transaction, `control` one
    that holds a transaction marker.
    """

    first: int
    codec: str
    records: int
    size: int
    control: bool = False
    transactional: bool = False


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """The settings that another process needs to read records with its own client. Holds secrets, so it is sent through
    private pipes only. `token` returns the current OAUTHBEARER token (value, expiry, principal, extensions); it blocks.
    """

    client: Mapping[str, str | int | float] = field(repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    token: Callable[[], tuple[str, float, str, dict[str, str]]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """A record to be produced. `partition` None leaves the choice to the partitioner, `timestamp_ms` None to the
    producer; a timestamp of 0 cannot be written and is refused.
    """

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class GroupMove:
    """A group's new committed offset on one partition."""

    group: str
    topic_partition: TopicPartition
    committed: CommittedOffset


class TransactionStage(Enum):
    """The point of a transaction at which `check` is called."""

    BEGUN = "begun"  # an earlier holder of the id is fenced and what it left is ended; nothing is added yet
    READY = "ready"  # copies and offsets are added; only the commit is left


class Transactor(Protocol):
    """A producer that runs one transaction after the other under one transactional id."""

    async def transact(
        self,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
    ) -> tuple[RecordId, ...]:
        """Runs one transaction, as `Cluster.transact` does. Raises FencedTransaction once another producer of the id
        was opened. Behind an OutcomeUnknown or a FencedTransaction no further one can be run.
        """
        ...


class Cluster(Protocol):
    """One open connection to one cluster. Less common requests are in ports of their own."""

    @property
    def security(self) -> SecurityPort:
        """Returns the port over ACLs, SCRAM users, quotas, tokens and certificates."""
        ...

    @property
    def brokers(self) -> BrokersPort:
        """Returns the port over brokers: log directories, settings, reassignments."""
        ...

    @property
    def transactions(self) -> TransactionsPort:
        """Returns the port over producers and their open transactions."""
        ...

    @property
    def voters(self) -> VotersPort:
        """Returns the port over the voters of the metadata quorum."""
        ...

    @property
    def group_offsets(self) -> GroupOffsets:
        """Returns the port that changes committed offsets and groups from outside."""
        ...

    @property
    def topic_changes(self) -> TopicChanges:
        """Returns the port that changes topics: partitions, records, settings."""
        ...

    @property
    def requests(self) -> Counter[str]:
        """Returns how many requests of each kind (`ListOffsets`) were sent to brokers, without librdkafka's."""
        ...

    async def describe(self) -> ClusterInfo:
        """Returns cluster id, brokers, controller, release and mode as far as known."""
        ...

    async def coordination(self) -> Coordination:
        """Returns the state of the quorum or of ZooKeeper; `refused` says which right is missing."""
        ...

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """Returns a node of Kafka in ZooKeeper by path (`/config/topics/orders`; the chroot is added), with secrets
        masked. Raises UnsupportedByBroker where no ZooKeeper is known, RefusedHere for a path that is not Kafka's.
        """
        ...

    async def topics(self) -> tuple[Topic, ...]:
        """Returns every topic that the principal may see, internal ones too, ordered by name."""
        ...

    async def topic(self, name: str) -> Topic:
        """Returns one topic. Raises UnknownTopicOrPartition."""
        ...

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """Returns the topic's configuration, ordered by name."""
        ...

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """Returns the bytes of each partition's leader replica on disk (DescribeLogDirs); absent where unknown. Raises
        ClusterError where no broker reports any.
        """
        ...

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:
        """Returns every partition that the principal may see. Cached for 30 s, or until a leader turns out to have
        moved; `fresh` reads anew. The same object is returned while nothing changed.
        """
        ...

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """Returns the log bounds of a table's partitions (at `places`, or all) as columns as long as the table; -1
        where not requested and where a leader did not say. Log starts and last stable offsets are requested with
        `starts` and `stables`. Raises Unreachable or AuthenticationFailed if no broker answers at all.
        """
        ...

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """Returns the committed offsets of each group, as columns over a table."""
        ...

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """Returns the log bounds of each requested partition; fields are None where its broker did not say. Never
        raises for one partition; raises Unreachable or AuthenticationFailed if no broker answers at all.
        """
        ...

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """Returns the first offset of each partition at or after a time; None where its leader says that there is none.
        A partition whose leader did not say is absent.
        """
        ...

    async def groups(self) -> Groups:
        """Returns groups of every type, ordered by name."""
        ...

    async def omissions(self) -> frozenset[Omission]:
        """Returns what may be missing in lists of groups, topics and committed offsets because of a missing right.
        Where no broker answers, what was last known; before the first answer, that it is unknown.
        """
        ...

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """Returns members and assignments of each requested group. Share groups have no members where these are
        unknown. The assignment of a member is the same tuple from call to call while it does not change.
        """
        ...

    async def membership_changes(self, groups: Collection[str], since: Mapping[int, int]) -> MembershipChanges:
        """Returns which of these classic groups a member joined or left since an earlier call that returned the offsets
        `since` (`MembershipChanges.ends`; empty for the first call). Where coordinators' records may not be read, no
        group is complete, or NotAuthorized is raised.
        """
        ...

    async def committed_offsets(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """Returns the committed offsets of each group. With `require_stable`, waits (a few seconds) until no
        transaction is pending on the group's offsets (KIP-447).
        """
        ...

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
        """Reads each partition from its start offset up to (not including) its end offset, joining no group and
        committing nothing. Ends when every partition has reached its end: the log's end for this isolation at call
        time, or `end` where that comes first. Yields a Batch (perhaps without records) at least every 250 ms, so that a
        caller can stop between batches; closing the iterator closes the client. Raises OffsetOutOfRange,
        UnknownTopicOrPartition, CorruptBatch, and Unreachable once a broker is gone for 30 s (a restarted broker is
        waited for). With `pass_removed`, and an `end` for every partition, removed and damaged offsets raise nothing: a
        batch lists them. The read goes on where the log begins now; a partition ends at damage. With `in_order` one
        partition is read after the other.
        """
        ...

    def follow(
        self, start: Mapping[TopicPartition, int], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> AsyncIterator[Batch]:
        """Reads each partition from its start offset on, and what is written later as it comes in, until the iterator
        is closed or every partition is deleted. Joins no group and commits nothing. Yields a Batch (perhaps without
        records) at least every 250 ms; where records are removed before they are read, or a log was cut off, a batch
        lists them and the read goes on. Raises ClusterError where the login is refused.
        """
        ...

    def read_at(self, offsets: Mapping[TopicPartition, Collection[int]]) -> AsyncIterator[Batch]:
        """Reads the committed records at these offsets, which may lie far apart, in the order of each partition. Where
        there is none (removed, aborted, damaged, behind an open transaction or the log's end) the read goes on. Yields
        a Batch, perhaps without records, at least every 250 ms; `next_offsets` has the partitions that are being read.
        Raises UnknownTopicOrPartition, and Unreachable once a leader is silent for 30 s.
        """
        ...

    async def header_names(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[str, ...] | None]:
        """Returns the complete names of the headers of records; `read` cuts a name at its first NUL. None where they
        cannot be read, as in a damaged batch. Records that lie near each other are fetched together. Raises
        ClusterError.
        """
        ...

    async def next_batch(self, record: RecordId) -> int | None:
        """Returns the offset where the batch after the one that holds an offset begins, even if that one cannot be
        read; None where it is unknown. Raises ClusterError.
        """
        ...

    async def is_batch_sound(self, record: RecordId) -> bool:
        """Returns whether the batch that holds an offset can be read: a read waits for one whose length is damaged as
        it waits for a silent leader. Raises ClusterError, as where the leader is silent.
        """
        ...

    async def batch_heads(self, record: RecordId) -> tuple[BatchHead, ...]:
        """Returns the heads of some batches as the log has them, from the one that holds an offset on; empty where none
        can be believed. Raises ClusterError.
        """
        ...

    async def reader_settings(self, isolation: Isolation = Isolation.READ_COMMITTED) -> ReaderSettings | None:
        """Returns the settings with which other processes read records as `read` does; None where only
        this process can. Raises ClusterError where something of the profile cannot be used.
        """
        ...

    async def create_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> UUID | None:
        """Creates a topic; partitions None (since Kafka 2.4) and replication None take the cluster's defaults. Returns
        its id when every broker that is asked knows the topic; None before Kafka 2.8, and where the topic is there, but
        the broker that was asked first fell silent: whether it or somebody else made it is not known. Raises
        TopicExists.
        """
        ...

    async def draft_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """Returns the topic that `create_topic` would make, and makes none (CreateTopics with validateOnly). Raises the
        errors of `create_topic`.
        """
        ...

    async def delete_topic(self, name: str) -> None:
        """Deletes a topic with all its records. Raises UnknownTopicOrPartition."""
        ...

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        """Runs one Kafka transaction: begin, `check(BEGUN)`, produce `copies`, add every group's new offset,
        `check(READY)`, commit. Returns the place of each copy, in order.

        At BEGUN, `check` can wait for offsets that another transaction holds; later our own transaction would block it.
        At READY, a member's commit made before is seen by `check`, and one made after is newer than ours on the broker,
        so no offset is overwritten unseen. An error from `check` aborts the transaction and is raised. Beginning fences
        an earlier producer of `transactional_id` and aborts its open transaction. Raises OutcomeUnknown if the commit
        was sent and no answer came. A CancelledError means that the transaction was aborted: once the commit is sent, a
        cancellation waits for its answer, which is returned or raised, and then comes at the caller's next await; so
        what is committed is always returned. With `batch_bytes`, copies are put
        together in batches of at most so many bytes, which has to be what their topics take; else each is a batch.
        """
        ...

    def transactor(
        self, transactional_id: str, *, batch_bytes: int | None = None
    ) -> AbstractAsyncContextManager[Transactor]:
        """Opens what runs many transactions, with one producer for all of them. Opening fences an earlier producer of
        `transactional_id` and ends its open transaction; what is committed of it can be read behind that.
        """
        ...

    async def produce(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        """Writes records outside a transaction (acks=all, an idempotent producer), each once. Returns the place of
        each, in order. An error of one raises, and others may have been written. Raises OutcomeUnknown where no broker
        said whether a record was taken; a cancellation leaves it unknown too.
        """
        ...

    def join_group(self, membership: GroupMembership) -> GroupMember:
        """Returns a member of a consumer group. It joins with its first poll. Raises ReadOnly."""
        ...

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:
        """Removes every member that the group has now (LeaveGroup v3+); they rejoin and read the committed offset.
        Returns their member ids. Streams and share groups raise UnsupportedByBroker.
        """
        ...

    async def renew(self) -> None:
        """Replaces every connection and forgets earlier failures, for a user who wants to retry now. Does not wait."""
        ...

    async def close(self) -> None:
        """Closes every client, each on its own thread."""
        ...
