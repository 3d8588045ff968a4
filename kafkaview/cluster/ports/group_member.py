"""The port of a member of a consumer group: it reads for the user, and passes what it is told is done with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.cluster.ports.record_source import RecordSource
from kafkaview.terms import Record, RecordId, TopicPartition


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """What a member joins, and where it begins where its group has committed nothing. With a `transactional_id` it may
    write copies; `batch_bytes` is as in `Cluster.transact`.
    """

    group: str
    topics: tuple[str, ...]
    from_end: bool = False
    transactional_id: str | None = None
    batch_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SourceCopy:
    """A record to be produced, and the one that it is a copy of."""

    source: RecordId
    copy: Copy


@dataclass(frozen=True, slots=True)
class CommittedCopy:
    """A copy that is committed, together with the group's offset behind its source. The place of one whose commit was
    not answered, but stands, is unknown.
    """

    source: RecordId
    target: RecordId | None


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record that a member does not pass, and why."""

    record: RecordId
    error: ClusterError


class PolledRecords(RecordSource, Protocol):
    """Records in the order in which they were read."""

    def __len__(self) -> int:
        """Returns how many they are."""
        ...

    def record(self, index: int) -> Record:
        """Returns one of them with all that it has."""
        ...


@dataclass(frozen=True, slots=True)
class MemberPoll:
    """What has come since the last poll. `read` is the offset behind what was read, and `ends` the end of the log (None
    where that is unknown), of every partition that is owned now. `held` are the records at which a partition stands:
    its topic does not take the copy, or the log cannot be read there. `error` is why something did not come about that
    is tried again. Of the partitions in `shortened` the log ends before what was read of it: what comes of it below
    that is left out.
    """

    records: PolledRecords
    read: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int | None]
    copied: tuple[CommittedCopy, ...] = ()
    held: tuple[HeldRecord, ...] = ()
    error: ClusterError | None = None
    shortened: frozenset[TopicPartition] = frozenset()


class GroupMember(Protocol):
    """A member of a consumer group. Kafka gives it partitions and takes them away; what it is told to pass is committed
    before that. All methods are coroutines that take turns.
    """

    async def poll(self) -> MemberPoll:
        """Returns the records since the last poll, perhaps none, at least every 250 ms. What was passed is committed
        about every second. Raises ClusterError where the group or a topic may not be read, or the login is refused; a
        broker that is away is waited for.
        """
        ...

    async def pass_records(self, until: Mapping[TopicPartition, int], copies: Sequence[SourceCopy]) -> None:
        """Notes that the records of some partitions before these offsets are done with, once these copies are written:
        copies and offsets are committed in one transaction, which a rebalance fences. What it could not commit is read
        again.
        """
        ...

    async def hold(self, place: TopicPartition) -> None:
        """Stops reading a partition, of which a record may not be passed, until it is released or all is read again."""
        ...

    async def release(self, place: TopicPartition) -> None:
        """Reads a partition that was held again from what is committed; other partitions may be read again too."""
        ...

    async def go_back(self) -> None:
        """Reads all partitions again from what is committed, also those that were held. What is passed before the next
        poll does not count: it comes again.
        """
        ...

    async def begin_again(self, places: Collection[TopicPartition]) -> None:
        """Reads these partitions again from offset 0, which is committed of them whatever was before, and all others as
        `go_back` does.
        """
        ...

    async def close(self) -> MemberPoll:
        """Commits what was passed, and leaves the group. Returns what came of it."""
        ...
