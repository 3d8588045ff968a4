"""The port over a cluster.

`open_cluster` (cluster/kafka/cluster.py) is the real one, tests/kit/fake_cluster.py the fake one; tests/contract holds
both to what stands here.

All methods are coroutines on plain asyncio and raise `ClusterError` subclasses. A call over many things answers with
what is known: a thing that did not answer carries its own error, and never keeps the rest from showing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.brokers import BrokersPort
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Ints, PartitionTable
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.group_offsets import GroupOffsets
from kafkaview.cluster.ports.security import SecurityPort
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


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups that could be listed, and by coordinator why the groups of others are not among them. Groups whose
    partition of `__consumer_offsets` has no leader have no coordinator: their error stands at None.
    """

    listings: tuple[GroupListing, ...]
    unlisted: Mapping[int | None, ClusterError] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[ClusterError, ...]:
        """Why groups may be missing."""
        return tuple(self.unlisted.values())


class Omission(Enum):
    """What brokers leave out of their lists without a word, by the right that is missing."""

    GROUPS = "DESCRIBE on Group *"
    TOPICS = "DESCRIBE on Topic *"  # nor do they say what is committed on those

    def as_error(self) -> NotAuthorized:
        """Returns it as the error that no broker raises."""
        return NotAuthorized(f"You may not see all {self.name.lower()}", f"Ask for the right {self.value}.")


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
    """The topic that the cluster would make. Where the principal may not read it (DESCRIBE_CONFIGS), the replication
    factor is None and there are no settings.
    """

    replication_factor: int | None
    settings: tuple[TopicSetting, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one or several partitions in the order they were read, and how far each partition is read.

    `next_offsets` holds, for every partition of the read, the next offset to come: it passes over transaction
    markers, aborted records and compaction gaps, so it may run ahead of the last record's offset + 1. `removed` are
    offsets that turned out to be gone since the last batch.
    """

    records: tuple[Record, ...]
    next_offsets: Mapping[TopicPartition, int]
    removed: tuple[RemovedOffsets, ...] = ()


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """What another process needs to read records with a client of its own. Holds secrets: it passes through private
    pipes alone. `token` returns the OAUTHBEARER token of now (value, end of life, principal, extensions); it blocks.
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
    """When a transaction asks whether it still may be made."""

    BEGUN = "begun"  # an earlier holder of the id is fenced and what it left is ended; nothing is added yet
    READY = "ready"  # copies and offsets are added; only the commit is left


class Cluster(Protocol):
    """One open connection to one cluster. What is asked of it seldom stands in ports of its own."""

    @property
    def security(self) -> SecurityPort:
        """Rights: ACLs, SCRAM users, quotas, tokens, certificates."""
        ...

    @property
    def brokers(self) -> BrokersPort:
        """Brokers: log directories, settings, reassignments."""
        ...

    @property
    def transactions(self) -> TransactionsPort:
        """Producers and their open transactions."""
        ...

    @property
    def voters(self) -> VotersPort:
        """Who votes in the metadata quorum."""
        ...

    @property
    def group_offsets(self) -> GroupOffsets:
        """Committed offsets and groups, changed from outside."""
        ...

    @property
    def requests(self) -> Counter[str]:
        """How many requests of each kind (`ListOffsets`) were sent to brokers; librdkafka's do not count."""
        ...

    async def describe(self) -> ClusterInfo:
        """Cluster id, brokers, controller, release and mode as far as known."""
        ...

    async def coordination(self) -> Coordination:
        """Who coordinates the cluster, and how well; `refused` tells where a right is missing."""
        ...

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """What Kafka keeps in ZooKeeper at a path (`/config/topics/orders`; the chroot is added), secrets masked.
        Raises UnsupportedByBroker where no ZooKeeper is known, RefusedHere for a path that is not Kafka's.
        """
        ...

    async def topics(self) -> tuple[Topic, ...]:
        """Every topic that the principal may see, internal ones too, ordered by name."""
        ...

    async def topic(self, name: str) -> Topic:
        """One topic. Raises UnknownTopicOrPartition."""
        ...

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """The topic's configuration, ordered by name."""
        ...

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """Bytes of each partition's leader replica on disk (DescribeLogDirs); absent where unknown. Raises
        ClusterError where no broker tells any.
        """
        ...

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:
        """Every partition that the principal may see. Remembered for 30 s, or until a leader turns out to have moved;
        `fresh` asks anew. The same object comes back while nothing changed.
        """
        ...

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """The log bounds of a table's partitions (at `places`, or all) as columns as long as the table; -1 where not
        asked for and where a leader did not say. Without `starts` and `stables`, log starts and last stable offsets are
        not asked for. Raises Unreachable or AuthenticationFailed if no broker answers at all.
        """
        ...

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """What each group has committed, as columns over a table."""
        ...

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """The log bounds of each partition asked for; fields None where its broker did not say. Never raises for one
        partition; raises Unreachable or AuthenticationFailed if nothing can be asked at all.
        """
        ...

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """The first offset of each partition whose record is not older than a time; None where none is, or its broker
        did not say.
        """
        ...

    async def groups(self) -> Groups:
        """Groups of every type, ordered by name."""
        ...

    async def omissions(self) -> frozenset[Omission]:
        """What may be missing in lists of groups, topics and committed offsets, because the principal may not see it.
        Empty where no broker answers, or none can say.
        """
        ...

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """Members and owners of each group asked for. Share groups come without members where they are unknown. The
        assignment of a member is the same tuple from call to call while the broker says the same.
        """
        ...

    async def committed_offsets(
        self, groups: Collection[str], *, require_stable: bool = False
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """What each group has committed. With `require_stable`, waits (a few seconds) until no transaction is pending
        on the group's offsets (KIP-447).
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
    ) -> AsyncIterator[Batch]:
        """Read each partition from its start offset up to (not including) its end offset, joining no group and
        committing nothing. Ends when every partition has reached its end: the log's end for this isolation at call
        time, or `end` where that comes first. Yields a Batch (perhaps without records) at least every 250 ms, so that a
        caller can stop between batches; closing the iterator ends the client. Raises OffsetOutOfRange,
        UnknownTopicOrPartition, CorruptBatch, Unreachable (after its broker was gone for 30 s: a restarted broker is
        waited for). With `pass_removed`, and an `end` of every partition, offsets that are gone end nothing: each batch
        names them, and a partition goes on where its log begins now. It ends before a batch that cannot be read.
        """
        ...

    async def header_names(self, record: RecordId) -> tuple[str, ...] | None:
        """The names of a record's headers, whole: `read` cuts one at its first NUL. None where they cannot be had, as
        of a batch that is damaged. Raises ClusterError.
        """
        ...

    async def next_batch(self, record: RecordId) -> int | None:
        """Where the batch behind the one that holds an offset begins, also where that one cannot be read; None where
        that cannot be told. Raises ClusterError.
        """
        ...

    async def reader_settings(self) -> ReaderSettings | None:
        """What other processes need to read records as `read` does, read_committed; None where only this process can.
        Raises ClusterError where something of the profile cannot be used.
        """
        ...

    async def create_topic(
        self,
        name: str,
        partitions: int,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Create a topic; replication None takes the cluster's default. An existing topic is no error. Returns when
        every broker that is asked knows it.
        """
        ...

    async def draft_topic(
        self,
        name: str,
        partitions: int,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """Returns the topic that `create_topic` would make, and makes none (CreateTopics with validateOnly). Raises
        what that would raise, and ClusterError where a topic of this name is there.
        """
        ...

    async def delete_topic(self, name: str) -> None:
        """Delete a topic with all that it holds. Raises UnknownTopicOrPartition."""
        ...

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
    ) -> tuple[RecordId, ...]:
        """One Kafka transaction: begin, `check(BEGUN)`, produce `copies`, add every group's new offset, `check(READY)`,
        commit.

        Offsets that somebody else's transaction holds can be waited for when it has BEGUN; our own would be in the way
        later. When it is READY, a plain commit by a member after that point beats ours on the broker, and one before it
        is seen by `check`: so no move can overwrite an offset unseen. Whatever `check` raises aborts the transaction
        and is raised. Opening fences an earlier holder of `transactional_id` and
        ends what it left open. Returns where each copy stands, in order. Raises OutcomeUnknown if the commit was sent
        and no answer came. A CancelledError from here means that it was aborted: once the commit is sent, a
        cancellation waits for its answer and reaches the caller at its next await.
        """
        ...

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:
        """Remove every member that the group has now (LeaveGroup v3+); they rejoin and read the committed offset.
        Returns their member ids. Streams and share groups raise UnsupportedByBroker.
        """
        ...

    async def renew(self) -> None:
        """Let go of every connection, and of what is remembered of failures: the next call begins anew. For a user who
        wants to try now; waits for nothing.
        """
        ...

    async def close(self) -> None:
        """End every client, each on its own thread."""
        ...
