"""Kafka's own words as values, used by all of kafkaview; this module imports nothing of ours. `None` in a field means
that the broker did not say: it is shown as a dash and never counted as 0. Offsets are record offsets of one partition;
times are Unix milliseconds on the clock of whoever wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OFFSETS_TOPIC: Final = "__consumer_offsets"


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    """One partition of a topic, written `TOPIC:PARTITION`."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}"


@dataclass(frozen=True, slots=True, order=True)
class RecordId:
    """The place of one record, written `TOPIC:PARTITION:OFFSET`."""

    topic: str
    partition: int
    offset: int

    @property
    def topic_partition(self) -> TopicPartition:
        """The partition that holds the record."""
        return TopicPartition(self.topic, self.partition)

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> RecordId:
        """Returns the record id of a text `TOPIC:PARTITION:OFFSET`. Raises ValueError."""
        topic, partition, offset = text.rsplit(":", 2)
        if not topic or not partition.isdecimal() or not offset.isdecimal():
            raise ValueError(f"'{text}' is not TOPIC:PARTITION:OFFSET")
        return cls(topic, int(partition), int(offset))


class TimestampType(StrEnum):
    """Who sets a record's timestamp (`message.timestamp.type` of its topic)."""

    CREATE_TIME = "CreateTime"
    LOG_APPEND_TIME = "LogAppendTime"
    NOT_AVAILABLE = "NoTimestampType"


@dataclass(frozen=True, slots=True)
class Header:
    """One record header. Keys may repeat and the order counts; a null value is not an empty one."""

    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read, byte for byte. A null value is a tombstone; an empty one (`b""`) is not. `headers` is None if
    the client library cannot return them: a header's name, `unreadable_header`, is not UTF-8 or holds NUL.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    timestamp_type: TimestampType
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] | None = ()
    leader_epoch: int | None = None
    unreadable_header: bytes | None = None

    @property
    def id(self) -> RecordId:
        """The record's id."""
        return RecordId(self.topic, self.partition, self.offset)

    @property
    def topic_partition(self) -> TopicPartition:
        """The partition that holds the record."""
        return TopicPartition(self.topic, self.partition)


class Isolation(StrEnum):
    """The `isolation.level` of a reader: read_committed stops at the last stable offset."""

    READ_COMMITTED = "read_committed"
    READ_UNCOMMITTED = "read_uncommitted"


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker as the cluster's metadata names it."""

    id: int
    host: str
    port: int
    rack: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """The cluster as one broker describes it. `version` is the oldest release with the same API versions, if known."""

    cluster_id: str | None
    brokers: tuple[Broker, ...]
    controller_id: int | None
    version: str | None = None
    mode: str | None = None  # "KRaft" or "ZooKeeper", None where unknown


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition from the cluster's metadata. `leader` is None if the partition is offline; replicas that a
    reassignment adds or removes are None as long as reassignments are unknown.
    """

    topic: str
    partition: int
    leader: int | None
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline_replicas: tuple[int, ...] | None = None
    adding_replicas: tuple[int, ...] | None = None
    removing_replicas: tuple[int, ...] | None = None

    @property
    def topic_partition(self) -> TopicPartition:
        """The partition's name."""
        return TopicPartition(self.topic, self.partition)

    @property
    def out_of_sync(self) -> bool:
        """Whether a replica is out of sync; replicas that are being added count too."""
        return len(self.isr) < len(self.replicas)

    @property
    def moving(self) -> bool | None:
        """Whether a reassignment is in progress, which is so only while a replica is out of sync."""
        if self.adding_replicas is None and self.out_of_sync:
            return None
        return bool(self.adding_replicas or self.removing_replicas)

    @property
    def under_replicated(self) -> bool | None:
        """Whether in-sync replicas are missing. Replicas that a reassignment adds do not count (KIP-352), unless their
        broker is gone.
        """
        if not self.out_of_sync:
            return False
        if self.adding_replicas is None:
            return None
        gone = set(self.adding_replicas) & set(self.offline_replicas or ())
        return bool(gone) or len(self.isr) < len(self.replicas) - len(self.adding_replicas)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and its partitions, ordered by number. A topic that was deleted and created again has another `id`
    (KIP-516); None if the release has no topic ids.
    """

    name: str
    internal: bool
    partitions: tuple[Partition, ...]
    id: bytes | None = None

    @property
    def replication_factor(self) -> int | None:
        """The replicas of the first partition; None if the answer has no partitions."""
        return len(self.partitions[0].replicas) if self.partitions else None


@dataclass(frozen=True, slots=True)
class PartitionOffsets:
    """The bounds of a partition's log. `log_end_offset` is the high watermark, the answer of ListOffsets(latest,
    read_uncommitted); `last_stable_offset` is the answer with read_committed, lower while a transaction is open.
    """

    log_start_offset: int | None
    log_end_offset: int | None
    last_stable_offset: int | None


UNKNOWN_OFFSETS = PartitionOffsets(None, None, None)


class RemovalCause(StrEnum):
    """Why records could not be read."""

    RETENTION = "retention"  # or DeleteRecords: the log starts later
    TRUNCATION = "truncation"  # an unclean election: the log ends sooner, or its end is another one
    DELETION = "deletion"  # of the topic
    DAMAGE = "damage"  # a batch on the broker's disk cannot be read
    MUCH_DAMAGE = "much_damage"  # so many batches before them cannot be read that they were not tried


@dataclass(frozen=True, slots=True)
class RemovedOffsets:
    """Offsets of a partition, up to and not including `to_offset`, that were removed before they were read or cannot be
    read.
    """

    topic_partition: TopicPartition
    from_offset: int
    to_offset: int
    cause: RemovalCause

    @property
    def offsets(self) -> int:
        """The number of removed offsets."""
        return self.to_offset - self.from_offset


class GroupType(StrEnum):
    """`group.type` in ListGroups (KIP-848, KIP-932, KIP-1071)."""

    CLASSIC = "classic"
    CONSUMER = "consumer"
    SHARE = "share"
    STREAMS = "streams"
    UNKNOWN = "unknown"


class GroupState(StrEnum):
    """The state of a group, from its coordinator."""

    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    ASSIGNING = "Assigning"
    RECONCILING = "Reconciling"
    NOT_READY = "NotReady"
    STABLE = "Stable"
    EMPTY = "Empty"
    DEAD = "Dead"
    UNKNOWN = "Unknown"

    @property
    def rebalancing(self) -> bool:
        """Whether partitions are being assigned to members now."""
        return self in (
            GroupState.PREPARING_REBALANCE,
            GroupState.COMPLETING_REBALANCE,
            GroupState.ASSIGNING,
            GroupState.RECONCILING,
        )


@dataclass(frozen=True, slots=True)
class GroupListing:
    """One row of ListGroups."""

    group: str
    type: GroupType
    state: GroupState


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a group and the partitions it owns; None if its assignment cannot be read."""

    member_id: str
    client_id: str
    host: str
    group_instance_id: str | None
    assignment: tuple[TopicPartition, ...] | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its coordinator describes it."""

    group: str
    type: GroupType
    state: GroupState
    protocol: str | None
    coordinator: int | None
    members: tuple[Member, ...]
    epoch: int | None = None  # of a consumer group: it goes up when a member comes or goes

    def owner_of(self, partition: TopicPartition) -> Member | None:
        """Returns the member that owns a partition, if any."""
        return next((m for m in self.members if partition in (m.assignment or ())), None)


@dataclass(frozen=True, slots=True)
class CommittedOffset:
    """The committed offset of a group on one partition: the next offset to read."""

    offset: int
    leader_epoch: int | None = None
    metadata: str = ""
