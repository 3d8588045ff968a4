"""A cluster without Kafka: what the window and the units are tested on. tests/contract holds it to the real one.

A test fills it (`add_topic`, `add_record`, `add_group`, `join`, `commit`), marks what is poison, moves its consumers
with `tick`, and breaks it (`down`, `frozen`, `failures`, `open_transaction`, `retain`).
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial

from kafkaview.cluster.errors import (
    ClusterError,
    FencedTransaction,
    OffsetOutOfRange,
    ReadRefused,
    RecordTooLarge,
    RefusedByPolicy,
    TopicExists,
    UnknownGroup,
    UnknownTopicOrPartition,
    Unreachable,
    UnsupportedByBroker,
)
from kafkaview.cluster.kafka.client_thread import to_its_end
from kafkaview.cluster.ports.cluster import (
    Batch,
    BatchHead,
    Copy,
    GroupMove,
    Groups,
    Omission,
    TopicDraft,
    TopicSetting,
    TransactionStage,
)
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Ints, PartitionTable
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode, Quorum, QuorumReplica, replica_health
from kafkaview.cluster.ports.group_member import GroupMembership
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
from kafkaview.terms import (
    UNKNOWN_OFFSETS,
    Broker,
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    GroupState,
    GroupType,
    Header,
    Isolation,
    Partition,
    PartitionOffsets,
    Record,
    RecordId,
    RemovalCause,
    RemovedOffsets,
    TimestampType,
    Topic,
    TopicPartition,
)
from tests.kit.fake_columns import fake_bounds, fake_commits, fake_table
from tests.kit.fake_group_member import FakeGroupMember
from tests.kit.fake_group_offsets import FakeGroupOffsets
from tests.kit.fake_log import FakeLog
from tests.kit.fake_members import FakeMember, OnPoison
from tests.kit.fake_security import FakeSecurity
from tests.kit.fake_serving import FakeBrokers, FakeTransactions, FakeVoters
from tests.kit.fake_topic_changes import DEFAULTS, LARGEST_RECORD, OF_A_TOPIC, OF_ALL, FakeTopicChanges, as_told

__all__ = ["FakeCluster", "FakeMember", "OnPoison"]

FIRST_TIMESTAMP_MS = 1_790_000_000_000


def _target(copy: Copy) -> TopicPartition:
    return TopicPartition(copy.topic, copy.partition or 0)


@dataclass
class FakeTopic:
    """A topic: its logs and settings."""

    logs: list[FakeLog]
    replicas: int
    id: bytes = field(default_factory=lambda: uuid.uuid4().bytes)
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeGroup:
    """A group: its consumers and what is committed. `state` None is told from the consumers."""

    type: GroupType = GroupType.CLASSIC
    protocol: str | None = "range"
    coordinator: int = 1
    state: GroupState | None = None
    members: list[FakeMember] = field(default_factory=list)
    committed: dict[TopicPartition, CommittedOffset] = field(default_factory=dict)

    def state_now(self) -> GroupState:
        """Stable while somebody is there."""
        if self.state is not None:
            return self.state
        return GroupState.STABLE if any(member.joined for member in self.members) else GroupState.EMPTY


@dataclass
class FakeTransactor:
    """The producer of a transactional id, until another one is opened."""

    cluster: FakeCluster
    transactional_id: str
    epoch: int

    async def transact(
        self,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
    ) -> tuple[RecordId, ...]:
        """As the port says."""
        fenced = partial(self.cluster.check_not_fenced, self.transactional_id, self.epoch)
        return await self.cluster.run_transaction(copies, moves, check, fenced)


class FakeCluster:
    """The port in memory. Public attributes are the test's to change at any time."""

    def __init__(self, brokers: int = 3) -> None:
        self.nodes = tuple(Broker(n, f"broker-{n}", 9092) for n in range(1, brokers + 1))
        self.security = FakeSecurity()
        self.default_replicas = 1
        self.default_partitions = 1
        self.default_settings: dict[str, str] = {}  # of every topic that does not say otherwise
        self.down: set[int] = set()  # brokers that do not answer
        self.failures: dict[str, ClusterError] = {}  # method name: what it raises, until taken out
        self.refused: set[str] = set()  # topics that may not be read
        self.unlisted: dict[int | None, ClusterError] = {}  # coordinators that do not list all of their groups
        self.omitted: set[Omission] = set()  # what is left out of lists; a test takes the rows out itself
        self.delays: dict[str, float] = {}  # method name: seconds before it answers
        self.frozen: set[str] = set()  # method names that do not answer until they are taken out
        self.whole_names: dict[RecordId, tuple[str, ...]] = {}  # of headers whose names `read` has cut
        self.poisons: set[RecordId] = set()  # what the consumers cannot process
        self.coordinated: Coordination | None = None  # what is told; None tells of the brokers as voters
        self.zookeeper_nodes: dict[str, ZooKeeperNode] = {}
        self.calls: Counter[str] = Counter()
        self.closed = False
        self.topic_changes = FakeTopicChanges(self)
        self.brokers = FakeBrokers(settings_of_topic=self.topic_changes.described)
        self.transactions = FakeTransactions()
        self.voters = FakeVoters()
        self.group_offsets = FakeGroupOffsets(self)
        self.logged: dict[str, FakeTopic] = {}
        self.grouped: dict[str, FakeGroup] = {}
        self._epochs: Counter[str] = Counter()
        self._stored: dict[str, frozenset[str]] = {}  # the members of a classic group, as last written
        self._membership_log: list[str] = []
        self._clock_ms = FIRST_TIMESTAMP_MS
        self._table: PartitionTable | None = None

    # What a test fills it with

    def add_topic(
        self, name: str, partitions: int = 1, replicas: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        """Make a topic; leaders go round the brokers."""
        self.logged[name] = FakeTopic([], replicas, settings=dict(settings or {}))
        self.add_logs(name, partitions)

    def add_logs(self, name: str, to: int) -> None:
        """Give a topic `to` partitions."""
        logs = self.logged[name].logs
        logs += [FakeLog(leader=self.nodes[n % len(self.nodes)].id) for n in range(len(logs), to)]

    def add_record(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int = 0,
        key: bytes | None = None,
        headers: Sequence[Header] = (),
        timestamp_ms: int | None = None,
        poison: bool = False,
    ) -> RecordId:
        """Produce one record."""
        copy = Copy(topic, partition, key, value, tuple(headers), timestamp_ms)
        where = self._append(copy, partition)
        if poison:
            self.poisons.add(where)
        return where

    def add_group(
        self,
        group: str,
        type: GroupType = GroupType.CLASSIC,  # noqa: A002 - the protocol's word
        state: GroupState | None = None,
        coordinator: int = 1,
    ) -> FakeGroup:
        """Make a group."""
        protocol = "range" if type is GroupType.CLASSIC else "uniform"
        self.grouped[group] = FakeGroup(type, protocol, coordinator, state)
        return self.grouped[group]

    def join(self, group: str, member: FakeMember) -> FakeMember:
        """Let a consumer join; the group is made if need be."""
        (self.grouped.get(group) or self.add_group(group)).members.append(member)
        return member

    def commit(self, group: str, partition: TopicPartition, offset: int, metadata: str = "") -> None:
        """Commit as a member or a tool would."""
        of_group = self.grouped.get(group) or self.add_group(group)
        of_group.committed[partition] = CommittedOffset(offset, 0, metadata)

    def retain(self, partition: TopicPartition, first: int) -> None:
        """Let retention remove what lies before an offset."""
        self.log(partition).truncate_before(first)

    @contextmanager
    def open_transaction(self, partition: TopicPartition, value: bytes = b"open") -> Iterator[None]:
        """While the block runs, a transaction with one record is open; it ends aborted."""
        log = self.log(partition)
        log.open_from = log.end
        log.aborted.add(self.add_record(partition.topic, value, partition=partition.partition).offset)
        yield
        log.open_from = None
        log.mark()

    def tick(self) -> None:
        """One poll of every consumer: evicted ones rejoin, the others process and commit."""
        for group in self.grouped.values():
            for member in group.members:
                if member.joined:
                    self._poll(group, member)
                else:
                    member.rejoin(group.type)

    def log(self, partition: TopicPartition) -> FakeLog:
        """A partition's log; raises UnknownTopicOrPartition."""
        topic = self.logged.get(partition.topic)
        if topic is None or not 0 <= partition.partition < len(topic.logs):
            raise UnknownTopicOrPartition(f"There is no partition {partition}.")
        return topic.logs[partition.partition]

    # The port

    async def describe(self) -> ClusterInfo:
        """As the port says."""
        await self.asked("describe")
        up = tuple(broker for broker in self.nodes if broker.id not in self.down)
        return ClusterInfo("fake-cluster", up, up[0].id, "4.4", "KRaft")

    async def coordination(self) -> Coordination:
        """As the port says: what was set; else the brokers are the voters, and the first that is up leads."""
        await self.asked("coordination")
        if self.coordinated is not None:
            return self.coordinated
        up = [broker.id for broker in self.nodes if broker.id not in self.down]
        voters = tuple(self._voter(broker.id, up) for broker in self.nodes)
        evidence = ("The fake is its own quorum.",)
        return Coordination(
            CoordinationMode.KRAFT, evidence, up[0], 1, Quorum(up[0], 1, 100, voters, ()), (), self.nodes
        )

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """As the port says: a node that was set."""
        await self.asked("zookeeper_node")
        if path not in self.zookeeper_nodes:
            raise UnsupportedByBroker("No ZooKeeper address is known.")
        return self.zookeeper_nodes[path]

    async def topics(self) -> tuple[Topic, ...]:
        """As the port says."""
        await self.asked("topics")
        return tuple(self._topic(name) for name in sorted(self.logged))

    async def topic(self, name: str) -> Topic:
        """As the port says."""
        await self.asked("topic")
        return self._topic(name)

    async def topic_settings(self, name: str) -> tuple[TopicSetting, ...]:
        """As the port says."""
        await self.asked("topic_settings")
        self._topic(name)
        return self._shown(self.logged[name].settings)

    def _shown(self, own: Mapping[str, str]) -> tuple[TopicSetting, ...]:
        few = {name: DEFAULTS[name] for name in ("cleanup.policy", "max.message.bytes")}  # no retention: days pass
        shown = {**few, **self.default_settings, **own}
        return tuple(
            TopicSetting(
                key,
                shown[key],
                OF_A_TOPIC if key in own else OF_ALL,
                key not in own,
                sensitive=False,
            )
            for key in sorted(shown)
        )

    async def topic_sizes(self) -> Mapping[TopicPartition, int]:
        """As the port says."""
        await self.asked("topic_sizes")
        return {
            TopicPartition(name, number): sum(len(r.value or b"") + 70 for r in log.entries if r is not None)
            for name, topic in self.logged.items()
            for number, log in enumerate(topic.logs)
            if self._answers(log)
        }

    @property
    def requests(self) -> Counter[str]:
        """As the port says; here every call is one request."""
        return self.calls

    async def partition_table(self, *, fresh: bool = False) -> PartitionTable:  # noqa: ARG002 - it is always fresh
        """As the port says."""
        await self.asked("partition_table")
        self._table = fake_table([self._topic(name) for name in sorted(self.logged)], self._table)
        return self._table

    async def log_bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """As the port says."""
        await self.asked("log_bounds")
        asked = range(len(table)) if places is None else places.tolist()
        known = {place: self._bounds(table.partition(place)) for place in asked}
        return fake_bounds(table, known, starts=starts, stables=stables)

    async def commits(
        self, groups: Collection[str], table: PartitionTable
    ) -> Mapping[str, CommitColumns | ClusterError]:
        """As the port says."""
        await self.asked("commits")
        return {
            name: answer if isinstance(answer, ClusterError) else fake_commits(table, answer)
            for name, answer in self._committed(groups).items()
        }

    async def offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """As the port says."""
        await self.asked("offsets")
        return {partition: self._bounds(partition) for partition in partitions}

    async def offsets_at(
        self, partitions: Collection[TopicPartition], timestamp_ms: int
    ) -> Mapping[TopicPartition, int | None]:
        """As the port says."""
        await self.asked("offsets_at")
        told = [one for one in partitions if self._bounds(one) != UNKNOWN_OFFSETS]
        return {partition: self._offset_at(partition, timestamp_ms) for partition in told}

    async def groups(self) -> Groups:
        """As the port says."""
        await self.asked("groups")
        silent: dict[int | None, ClusterError] = {
            broker: Unreachable(f"listing the groups of broker {broker}: no answer") for broker in sorted(self.down)
        }
        rows = (
            GroupListing(name, group.type, group.state_now())
            for name, group in sorted(self.grouped.items())
            if group.coordinator not in self.down
        )
        return Groups(tuple(rows), silent | self.unlisted)

    async def omissions(self) -> frozenset[Omission]:
        """As the port says."""
        await self.asked("omissions")
        return frozenset(self.omitted)

    async def describe_groups(self, groups: Collection[GroupListing]) -> Mapping[str, Group | ClusterError]:
        """As the port says."""
        await self.asked("describe_groups")
        return {listing.group: self._described(listing.group) for listing in groups}

    async def membership_changes(self, groups: Collection[str], since: Mapping[int, int]) -> MembershipChanges:
        """As the port says; its coordinators keep one log."""
        await self.asked("membership_changes")
        for name, group in self.grouped.items():
            members = frozenset(member.member_id for member in group.members if member.joined)
            if self._stored.get(name) != members:
                self._stored[name] = members
                self._membership_log.append(name)
        ends = {0: len(self._membership_log)}
        if 0 not in since:
            return MembershipChanges(frozenset(), frozenset(), ends)
        changed = frozenset(self._membership_log[since[0] :])
        return MembershipChanges(changed.intersection(groups), frozenset(groups), ends)

    async def committed_offsets(
        self,
        groups: Collection[str],
        *,
        require_stable: bool = False,  # noqa: ARG002 - nothing is pending here
    ) -> Mapping[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        """As the port says."""
        await self.asked("committed_offsets")
        return self._committed(groups)

    async def header_names(self, records: Collection[RecordId]) -> Mapping[RecordId, tuple[str, ...] | None]:
        """As the port says."""
        await self.asked("header_names")
        return {record: self._header_names(record) for record in records}

    async def read_at(self, offsets: Mapping[TopicPartition, Collection[int]]) -> AsyncIterator[Batch]:
        """As the port says; a hundred records at once."""
        await self.asked("read_at")
        for place, own in offsets.items():
            log = self.log(place)
            present = sorted(one for one in set(own) if log.start <= one < log.stable_end and one not in log.corrupt)
            for at in range(0, len(present), 100):
                some = present[at : at + 100]
                found = [one for offset in some for one in log.visible(offset, offset + 1, Isolation.READ_COMMITTED)]
                yield Batch(tuple(found), {place: some[-1] + 1})

    async def next_batch(self, record: RecordId) -> int | None:
        """Each record is a batch."""
        return record.offset + 1

    async def batch_heads(self, record: RecordId) -> tuple[BatchHead, ...]:
        """Each record is a batch."""
        await self.asked("batch_heads")
        entries = self.log(record.topic_partition).entries[record.offset :]
        return tuple(
            BatchHead(one.offset, "none", 1, 70 + len(one.value or b"")) for one in entries if one is not None
        )[:50]

    async def is_batch_sound(self, record: RecordId) -> bool:
        """As the port says."""
        await self.asked("is_batch_sound")
        return record.offset not in self.log(record.topic_partition).stalling

    async def reader_settings(self, isolation: Isolation = Isolation.READ_COMMITTED) -> None:
        """A cluster in memory is read by this process alone."""

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
        """As the port says; partitions one after the other."""
        await self.asked("read")
        refused = self.refused.intersection(place.topic for place in start)
        if refused:
            raise ReadRefused(f"reading {min(refused)}: Topic authorization failed", topics=frozenset(refused))
        if pass_removed and end is not None:
            ends = dict(end)
        else:
            ends = {place: self._end_of_read(place, first, end, isolation) for place, first in start.items()}
        following = dict(start)
        for partition, last in sorted(ends.items()) if in_order else ends.items():
            while following[partition] < last and not self._stalls(partition, following[partition]):
                await asyncio.sleep(self.delays.get("batch", 0))
                gap = self._gap(partition, following[partition], last)
                if gap is None and pass_removed and following[partition] in self.log(partition).corrupt:
                    damage = RemovedOffsets(partition, following[partition], last, RemovalCause.DAMAGE)
                    yield Batch((), dict(following), (damage,))
                    break
                following[partition] = gap.to_offset if gap else following[partition]
                until = (
                    self._until(partition, following[partition], min(last, following[partition] + batch))
                    if not gap
                    else 0
                )
                records = () if gap else self.log(partition).visible(following[partition], until, isolation)
                following[partition] = following[partition] if gap else until
                yield Batch(records, dict(following), (gap,) if gap else ())
        if any(self._stalls(partition, following[partition]) for partition in ends):
            raise Unreachable("No record came for 30 s.")

    def _stalls(self, partition: TopicPartition, offset: int) -> bool:
        return partition.topic in self.logged and offset in self.log(partition).stalling

    async def follow(
        self, start: Mapping[TopicPartition, int], *, isolation: Isolation = Isolation.READ_COMMITTED
    ) -> AsyncIterator[Batch]:
        """As the port says."""
        await self.asked("follow")
        following = dict(start)
        while following:
            records: list[Record] = []
            gaps: list[RemovedOffsets] = []
            for partition, first in list(following.items()):
                if partition.topic not in self.logged:
                    gaps.append(RemovedOffsets(partition, first, 2**63 - 1, RemovalCause.DELETION))
                    del following[partition]
                    continue
                log = self.log(partition)
                if first < log.start:
                    gaps.append(RemovedOffsets(partition, first, log.start, RemovalCause.RETENTION))
                    first = log.start  # noqa: PLW2901
                end = log.stable_end if isolation is Isolation.READ_COMMITTED else log.end
                records += log.visible(first, end, isolation)
                following[partition] = max(first, end)
            yield Batch(tuple(records), dict(following), tuple(gaps))
            await asyncio.sleep(self.delays.get("batch", 0.01))

    async def create_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> uuid.UUID | None:
        """As the port says."""
        await self.asked("create_topic")
        if name in self.logged:
            raise TopicExists(f"creating the topic {name}: it is there")
        self._check_new(name, replication_factor)
        replicas = replication_factor or self.default_replicas
        told = {key: as_told(value) for key, value in (settings or {}).items()}
        self.add_topic(name, partitions or self.default_partitions, replicas, told)
        topic_id = self._topic(name).id
        return uuid.UUID(bytes=topic_id) if topic_id and any(topic_id) else None

    async def draft_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> TopicDraft:
        """As the port says."""
        await self.asked("draft_topic")
        if name in self.logged:
            raise TopicExists(f"creating the topic {name}: it is there")
        self._check_new(name, replication_factor)
        return TopicDraft(
            replication_factor or self.default_replicas,
            self._shown(dict(settings or {})),
            partitions or self.default_partitions,
        )

    async def delete_topic(self, name: str) -> None:
        """As the port says."""
        await self.asked("delete_topic")
        self._topic(name)
        del self.logged[name]

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        """As the port says."""
        async with self.transactor(transactional_id, batch_bytes=batch_bytes) as transactor:
            return await transactor.transact(copies, moves, check)

    @asynccontextmanager
    async def transactor(
        self,
        transactional_id: str,
        *,
        batch_bytes: int | None = None,  # noqa: ARG002 - every record is a batch here
    ) -> AsyncIterator[FakeTransactor]:
        """As the port says."""
        await self.asked("transactor")
        self._epochs[transactional_id] += 1
        yield FakeTransactor(self, transactional_id, self._epochs[transactional_id])

    async def run_transaction(
        self,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        check_not_fenced: Callable[[], None],
    ) -> tuple[RecordId, ...]:
        """One transaction of a producer that may be fenced."""
        await self.asked("transact")
        self.check_copies(copies)
        await check(TransactionStage.BEGUN)
        check_not_fenced()
        logs = {id(log): log for log in (self.log(_target(copy)) for copy in copies)}.values()
        for log in logs:
            log.open_from = log.end
        written = tuple(self._append(copy, copy.partition or 0) for copy in copies)
        try:
            await check(TransactionStage.READY)
            await to_its_end(asyncio.sleep(self.delays.get("commit", 0)))
            check_not_fenced()
        except BaseException:
            for where in written:
                self.log(where.topic_partition).aborted.add(where.offset)
            raise
        finally:
            for log in logs:
                log.open_from = None
                log.mark()
        for move in moves:
            (self.grouped.get(move.group) or self.add_group(move.group)).committed[move.topic_partition] = (
                move.committed
            )
        return written

    def join_group(self, membership: GroupMembership) -> FakeGroupMember:
        """As the port says."""
        return FakeGroupMember(self, membership)

    async def produce(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        """As the port says."""
        await self.asked("produce")
        self.check_copies(copies)
        return tuple(self._append(copy, copy.partition or 0) for copy in copies)

    async def remove_members(self, group: Group, reason: str) -> tuple[str, ...]:  # noqa: ARG002 - told to nobody here
        """As the port says; the consumers rejoin at the next tick."""
        await self.asked("remove_members")
        if group.type in (GroupType.SHARE, GroupType.STREAMS):
            raise UnsupportedByBroker(
                f"{group.group} is a {group.type.value} group: brokers remove no members of those."
            )
        if group.group not in self.grouped:
            raise UnknownGroup(f"There is no group {group.group}.")
        present = [member for member in self.grouped[group.group].members if member.joined]
        for member in present:
            member.joined = False
        return tuple(member.member_id for member in present)

    async def renew(self) -> None:
        """As the port says; it has no connections."""
        self.calls["renew"] += 1

    async def close(self) -> None:
        """As the port says."""
        self.closed = True

    # How it answers

    async def asked(self, what: str) -> None:
        """Counts a call, and raises what a test has set for it."""
        self.calls[what] += 1
        await asyncio.sleep(self.delays.get(what, 0))
        while what in self.frozen:  # noqa: ASYNC110  # a test takes it out when it likes
            await asyncio.sleep(0.01)
        if what in self.failures:
            raise self.failures[what]
        if len(self.down) == len(self.nodes):
            raise Unreachable("no broker answers", "Check the address and whether the broker runs.")

    def _voter(self, broker: int, up: Sequence[int]) -> QuorumReplica:
        age = 0 if broker in up else 60_000
        health = replica_health(leader=broker == up[0], fetch_age_ms=age, caught_up_lag_ms=age)
        return QuorumReplica(broker, None, (f"broker-{broker}:9093",), 100, 0, age, age, health)

    def _answers(self, log: FakeLog) -> bool:
        return log.leader is not None and log.leader not in self.down

    def _bounds(self, partition: TopicPartition) -> PartitionOffsets:
        try:
            log = self.log(partition)
        except UnknownTopicOrPartition:
            return UNKNOWN_OFFSETS
        return log.bounds() if self._answers(log) else UNKNOWN_OFFSETS

    def _offset_at(self, partition: TopicPartition, timestamp_ms: int) -> int | None:
        records = (record for record in self.log(partition).entries if record is not None)
        return next((r.offset for r in records if (r.timestamp_ms or 0) >= timestamp_ms), None)

    def _committed(self, groups: Collection[str]) -> dict[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
        answers: dict[str, Mapping[TopicPartition, CommittedOffset] | ClusterError] = {}
        for name in groups:
            group = self.grouped.get(name)
            if group is not None and group.coordinator in self.down:
                answers[name] = Unreachable(f"reading the committed offsets of {name}: no answer")
            else:
                answers[name] = {} if group is None else dict(group.committed)
        return answers

    def _header_names(self, record: RecordId) -> tuple[str, ...] | None:
        entry = self.log(record.topic_partition).entries[record.offset]
        return None if entry is None else self.whole_names.get(record, tuple(one.key for one in entry.headers or ()))

    def _topic(self, name: str) -> Topic:
        topic = self.logged.get(name)
        if topic is None:
            raise UnknownTopicOrPartition(f"There is no topic {name}.")
        return Topic(name, name.startswith("__"), tuple(self._partitions(name, topic)), topic.id)

    def _partitions(self, name: str, topic: FakeTopic) -> Iterator[Partition]:
        ids = [broker.id for broker in self.nodes]
        for number, log in enumerate(topic.logs):
            replicas = tuple(ids[(number + n) % len(ids)] for n in range(min(topic.replicas, len(ids))))
            in_sync = tuple(replica for replica in replicas if replica not in self.down)
            yield Partition(name, number, log.leader if self._answers(log) else None, replicas, in_sync)

    def _described(self, name: str) -> Group | ClusterError:
        group = self.grouped.get(name)
        if group is None:
            return UnknownGroup(f"There is no group {name}.")
        if group.coordinator in self.down:
            return Unreachable(f"describing {name}: no answer")
        state = group.state_now()
        if group.type is GroupType.SHARE:
            return Group(name, group.type, state, None, None, ())
        members = tuple(member.as_member() for member in group.members if member.joined)
        return Group(name, group.type, state, group.protocol if members else None, group.coordinator, members)

    def _until(self, partition: TopicPartition, first: int, last: int) -> int:
        """The end of a batch of records: that of the log, or where one is corrupt."""
        log = self.log(partition)
        return min(last, log.end, *(offset for offset in log.corrupt | log.stalling if offset > first))

    def _gap(self, partition: TopicPartition, first: int, last: int) -> RemovedOffsets | None:
        """What went away of a read that is at `first`."""
        if partition.topic not in self.logged:
            return RemovedOffsets(partition, first, last, RemovalCause.DELETION)
        log = self.log(partition)
        if not self._answers(log):
            raise Unreachable(f"The leader of {partition} does not answer.")
        if first < log.start:
            return RemovedOffsets(partition, first, min(log.start, last), RemovalCause.RETENTION)
        return RemovedOffsets(partition, first, last, RemovalCause.TRUNCATION) if first >= log.end else None

    def _end_of_read(
        self, partition: TopicPartition, first: int, end: Mapping[TopicPartition, int] | None, isolation: Isolation
    ) -> int:
        log = self.log(partition)
        if not self._answers(log):
            raise Unreachable(f"The leader of {partition} does not answer.")
        if not log.start <= first <= log.end:
            raise OffsetOutOfRange(
                f"Offset {first} is not in {partition}, which holds offsets {log.start} to {log.end}."
            )
        last = log.stable_end if isolation is Isolation.READ_COMMITTED else log.end
        return last if end is None else min(last, end.get(partition, last))

    def _check_new(self, name: str, replication_factor: int | None) -> None:
        """What the controller looks at before it makes a topic."""
        doing = f"creating the topic {name}"
        if not re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) or name in (".", ".."):
            raise RefusedByPolicy(f"{doing}: invalid name")
        if any(topic.replace(".", "_") == name.replace(".", "_") for topic in self.logged):
            raise RefusedByPolicy(f"{doing}: it collides with another one")
        if (replication_factor or 1) > len(self.nodes):
            raise RefusedByPolicy(f"{doing}: replication factor larger than available brokers")

    def check_not_fenced(self, transactional_id: str, epoch: int) -> None:
        """Raises FencedTransaction where another producer of the id was opened."""
        if self._epochs[transactional_id] != epoch:
            raise FencedTransaction("Another kafkaview has begun the same work meanwhile; nothing was written.")

    def check_copies(self, copies: Sequence[Copy]) -> None:
        """Raises what brokers refuse them with."""
        for copy in copies:
            self.log(_target(copy))
            if copy.timestamp_ms == 0:
                raise ClusterError(f"A copy for {copy.topic} has the timestamp 0.")
            limit = int(self.logged[copy.topic].settings.get("max.message.bytes", LARGEST_RECORD))
            if len(copy.value or b"") + len(copy.key or b"") > limit:
                raise RecordTooLarge(f"writing to {copy.topic}: the record is larger than {limit} bytes")

    def _append(self, copy: Copy, partition: int) -> RecordId:
        log = self.log(TopicPartition(copy.topic, partition))
        self._clock_ms += 20
        timestamp = self._clock_ms if copy.timestamp_ms is None else copy.timestamp_ms
        kind = TimestampType.CREATE_TIME
        return log.append(
            Record(copy.topic, partition, log.end, timestamp, kind, copy.key, copy.value, copy.headers, leader_epoch=0)
        )

    # How its consumers behave

    def _poll(self, group: FakeGroup, member: FakeMember) -> None:
        for partition in member.partitions:
            log = self.log(partition)
            stood = group.committed.get(partition)
            at = member.positions.get(partition, log.start if stood is None else stood.offset)
            until, poisoned = self._processed(member, partition, at, min(log.stable_end, at + member.rate))
            member.positions[partition] = until
            if until > at or member.auto_commit:
                group.committed[partition] = CommittedOffset(until, 0)
            if poisoned and member.on_poison is OnPoison.CRASH:
                member.restart()
                return

    def _processed(self, member: FakeMember, partition: TopicPartition, at: int, until: int) -> tuple[int, bool]:
        for offset in range(at, until):
            poison = RecordId(partition.topic, partition.partition, offset) in self.poisons
            if poison and member.on_poison is not OnPoison.SKIP:
                return offset, True
        return until, False
