"""A member of a consumer group on one thread: it reads what Kafka gives it, and commits what it is told to pass.

What makes each copy one: the offsets behind the sources are in the transaction of the copies, the broker takes them
only from a member that is in the group now, and whoever gets a partition next waits until no transaction is pending on
its offset (KIP-447; librdkafka asks for stable offsets where it reads committed records).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    NotAuthorized,
    OutcomeUnknown,
    RefusedByPolicy,
)
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.kafka.error_codes import (
    DAMAGED,
    LOGIN_REFUSED,
    NO_ANSWER,
    NOT_AUTHORIZED,
    PARTITION_EOF,
    UNKNOWN_TOPIC,
)
from kafkaview.cluster.kafka.group_writer import GroupWriter
from kafkaview.cluster.kafka.librdkafka_errors import as_cluster_error, from_code
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.cluster.kafka.polled_slice import PolledSlice
from kafkaview.cluster.kafka.span_reader import Place
from kafkaview.cluster.ports.group_member import CommittedCopy, GroupMembership, HeldRecord, MemberPoll, SourceCopy
from kafkaview.terms import RecordId, TopicPartition

_SLICE_S: Final = 0.2
_MOST: Final = 2_000  # records of one poll
_COMMIT_S: Final = 1.0
_MOST_COPIES: Final = 500  # of one transaction
_ASK_S: Final = 2.0  # for one question; asked again with the next poll
_LOGIN_S: Final = 3.0
_MIB: Final = 1_048_576


@dataclass(slots=True)
class _OwnedPartition:
    """One partition that the member owns: the offset behind what was read, behind what is done with, and behind what is
    committed (-1 where nothing is known yet).
    """

    read: int = -1
    passed: int = -1
    committed: int = -1


@dataclass(slots=True)
class _MemberNews:
    """What the next poll tells beside the records."""

    copied: list[CommittedCopy] = field(default_factory=list)
    held: list[HeldRecord] = field(default_factory=list)
    error: ClusterError | None = None
    shortened: set[TopicPartition] = field(default_factory=set)


class KafkaGroupMember:
    """The real member; the client is made by the first poll."""

    def __init__(self, settings: ClientSettings, membership: GroupMembership) -> None:
        self._settings = settings
        self._of = membership
        self._thread = ClientThread("kafkaview-member")
        self._complaints = Complaints()
        self._consumer: Consumer | None = None
        self._writer: GroupWriter | None = None
        if membership.transactional_id is not None:
            self._writer = GroupWriter(settings, membership.transactional_id, membership.batch_bytes)
        self._owned: dict[Place, _OwnedPartition] = {}
        self._held: set[Place] = set()
        self._copies: list[SourceCopy] = []
        self._gathered: list[Message] = []
        self._news = _MemberNews()
        self._commit_at = 0.0
        self._adrift = False  # what was read is not to be counted on: positions are to be found again
        self._begun_again: set[Place] = set()
        self._unsettled: dict[Place, int] | None = None  # the offsets of a commit that was not answered
        self._refused_since: float | None = None
        self._failure: ClusterError | None = None

    async def poll(self) -> MemberPoll:
        """Returns what has come."""
        return await self._thread.run(self._poll)

    async def pass_records(self, until: Mapping[TopicPartition, int], copies: Sequence[SourceCopy]) -> None:
        """Notes what is done with, and commits it where that is due."""
        await self._thread.run(self._pass, until, copies)

    async def hold(self, place: TopicPartition) -> None:
        """Stops reading a partition."""
        await self._thread.run(self._hold, (place.topic, place.partition))

    async def release(self, place: TopicPartition) -> None:
        """Reads a partition again."""
        await self._thread.run(self._release, (place.topic, place.partition))

    async def go_back(self) -> None:
        """Reads all again from what is committed."""
        await self._thread.run(self._drift)

    async def begin_again(self, places: Collection[TopicPartition]) -> None:
        """Reads some partitions again from offset 0."""
        await self._thread.run(self._begin_again, {(place.topic, place.partition) for place in places})

    async def close(self) -> MemberPoll:
        """Commits and leaves."""
        await self._thread.close(self._close)
        return self._tell()

    # On the thread

    def _poll(self) -> MemberPoll:
        consumer = self._consumer or self._join()
        if self._adrift and self._owned:
            self._find_again(consumer)
        until = time.monotonic() + _SLICE_S
        while len(self._gathered) < _MOST:
            wait = 0.0 if self._gathered else max(0.0, until - time.monotonic())
            message = consumer.poll(wait)
            if message is None:
                if self._gathered or time.monotonic() >= until:
                    break
                continue
            self._take(consumer, message)
        if self._failure is not None:
            raise self._failure
        self._check_login()
        if time.monotonic() >= self._commit_at:
            self._commit(consumer)
        return self._tell(consumer)

    def _join(self) -> Consumer:
        try:
            made = self._settings.librdkafka(
                self._complaints,
                group_id=self._of.group,
                enable_auto_commit=False,
                enable_auto_offset_store=False,
                enable_partition_eof=True,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                check_crcs=True,
                isolation_level="read_committed",
                partition_assignment_strategy="roundrobin",
                session_timeout_ms=10_000,
                heartbeat_interval_ms=2_000,
                fetch_wait_max_ms=100,
                fetch_message_max_bytes=_MIB,
                queued_max_messages_kbytes=32 * 1024,
                fetch_error_backoff_ms=100,
                fetch_queue_backoff_ms=10,
            )
            consumer = self._settings.authenticate(Consumer(made))
            consumer.subscribe(
                list(self._of.topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
            )
        except KafkaException as failure:
            raise as_cluster_error(failure, f"joining the group {self._of.group}") from failure
        self._consumer = consumer
        return consumer

    def _take(self, consumer: Consumer, message: Message) -> None:
        place = (message.topic() or "", message.partition() or 0)
        owned, offset, error = self._owned.get(place), message.offset() or 0, message.error()
        if error is not None:
            self._take_error(consumer, place, offset, error)
        elif owned is not None and place not in self._held and not self._adrift:
            if offset < owned.read:  # the client has begun again
                self._news.shortened.add(TopicPartition(*place))
                return
            owned.read = offset + 1
            self._gathered.append(message)

    def _take_error(self, consumer: Consumer, place: Place, offset: int, error: KafkaError) -> None:
        owned, code = self._owned.get(place), error.code()
        if code == PARTITION_EOF:
            if owned is not None and place not in self._held and not self._adrift:
                owned.read = max(owned.read, offset)  # behind markers and what was aborted
        elif code in NOT_AUTHORIZED:
            self._failure = from_code(error, f"reading {place[0]}" if place[0] else f"as {self._of.group}")
        elif code in DAMAGED or code in UNKNOWN_TOPIC:
            told = from_code(error, f"reading {place[0]}:{place[1]}")
            if owned is None:
                self._news.error = told
            elif place not in self._held:
                self._news.held.append(HeldRecord(RecordId(*place, max(offset, owned.read, 0)), told))
                self._hold_at(consumer, place)
        else:
            self._news.error = from_code(error, "reading")

    def _check_login(self) -> None:
        """Raises where the login is refused for some seconds: a broker that is away is waited for."""
        reason = self._complaints.since(0)
        if reason is None or reason.code() not in LOGIN_REFUSED:
            self._refused_since = None
            return
        self._refused_since = self._refused_since or time.monotonic()
        if time.monotonic() - self._refused_since > _LOGIN_S:
            raise from_code(reason, f"joining the group {self._of.group}")

    # Rebalances: called by the client within a poll

    def _assigned(self, consumer: Consumer, partitions: list[ClientPartition]) -> None:
        begun = not self._of.from_end or self._begin_at_the_end(consumer, partitions)
        self._owned = {(one.topic, one.partition): _OwnedPartition() for one in partitions}
        self._held, self._adrift = set(), self._unsettled is not None or not begun
        self._complaints.forget()
        consumer.assign(partitions)

    def _begin_at_the_end(self, consumer: Consumer, partitions: list[ClientPartition]) -> bool:
        """Gives partitions the offsets at which they are read first. Returns False where brokers do not tell: then it
        is asked again, and nothing that is read until then counts.
        """
        try:
            places = self._positions(consumer, {(one.topic, one.partition) for one in partitions})
        except KafkaException:
            return False
        for one in partitions:
            one.offset = places[one.topic, one.partition]
        return True

    def _positions(self, consumer: Consumer, places: set[Place]) -> dict[Place, int]:
        """Returns what the group has committed of each partition, -1 for nothing. A watch that begins at the end
        commits the ends of logs of which nothing is committed, so that whoever reads them next goes on there. Raises
        KafkaException where a broker does not tell.
        """
        known = consumer.committed([ClientPartition(*place) for place in sorted(places)], _ASK_S)
        untold = next((one.error for one in known if one.error is not None), None)
        if untold is not None:
            raise KafkaException(untold)
        found = {(one.topic, one.partition): max(one.offset, -1) for one in known}
        ends = [self._end(consumer, place) for place, at in found.items() if at < 0 and self._of.from_end]
        if ends:
            consumer.commit(offsets=ends, asynchronous=False)
        return found | {(one.topic, one.partition): one.offset for one in ends}

    def _end(self, consumer: Consumer, place: Place) -> ClientPartition:
        bounds = consumer.get_watermark_offsets(ClientPartition(*place), timeout=_ASK_S)
        if bounds is None:
            raise KafkaException(KafkaError(NO_ANSWER))
        return ClientPartition(*place, bounds[1])

    def _revoked(self, consumer: Consumer, partitions: list[ClientPartition]) -> None:
        self._commit(consumer)
        self._let_go(consumer, partitions)

    def _lost(self, consumer: Consumer, partitions: list[ClientPartition]) -> None:
        self._let_go(consumer, partitions)

    def _let_go(self, consumer: Consumer, partitions: Iterable[ClientPartition]) -> None:
        gone = {(one.topic, one.partition) for one in partitions}
        self._gathered = [one for one in self._gathered if (one.topic(), one.partition()) not in gone]
        if self._unsettled is None:  # else it may turn out that they are committed
            self._copies = [one for one in self._copies if (one.source.topic, one.source.partition) not in gone]
        for place in gone:
            self._owned.pop(place, None)
            self._held.discard(place)
        consumer.unassign()

    # What is passed

    def _pass(self, until: Mapping[TopicPartition, int], copies: Sequence[SourceCopy]) -> None:
        if self._adrift:
            return  # all of it is read again
        for place, offset in until.items():
            owned = self._owned.get((place.topic, place.partition))
            if owned is not None:
                owned.passed = max(owned.passed, offset)
        self._copies += [one for one in copies if (one.source.topic, one.source.partition) in self._owned]
        if len(self._copies) >= _MOST_COPIES and self._consumer is not None:
            self._commit(self._consumer)

    def _commit(self, consumer: Consumer) -> None:
        """Commits what is passed. What fails is read again from what is committed."""
        self._commit_at = time.monotonic() + _COMMIT_S
        offsets = {place: one.passed for place, one in self._owned.items() if one.passed > one.committed}
        if not offsets or self._adrift:
            return
        copies, self._copies = self._copies, []
        try:
            written = self._send(consumer, [ClientPartition(*place, at) for place, at in offsets.items()], copies)
        except OutcomeUnknown as error:
            self._unsettled, self._news.error = offsets, error
            self._copies = copies  # told as copied where the commit turns out to stand
            self._drift()
        except ClusterError as error:
            self._fail(error, copies)
        else:
            self._note(offsets, [CommittedCopy(one.source, at) for one, at in zip(copies, written, strict=True)])

    def _send(
        self, consumer: Consumer, positions: list[ClientPartition], copies: Sequence[SourceCopy]
    ) -> Sequence[RecordId]:
        try:
            if copies:
                assert self._writer is not None
                membership = consumer.consumer_group_metadata()
                return self._writer.write([one.copy for one in copies], positions, membership)
            consumer.commit(offsets=positions, asynchronous=False)
        except KafkaException as failure:
            raise as_cluster_error(failure, "committing the offsets") from failure
        return ()

    def _note(self, offsets: Mapping[Place, int], copied: Iterable[CommittedCopy]) -> None:
        for place, offset in offsets.items():
            if place in self._owned:
                self._owned[place].committed = offset
        self._news.copied += copied

    def _fail(self, error: ClusterError, copies: Sequence[SourceCopy]) -> None:
        refused = self._writer.refused if self._writer is not None and copies else None
        if refused is not None and isinstance(error, RefusedByPolicy):
            self._news.held.append(HeldRecord(copies[refused].source, error))
        elif isinstance(error, AuthenticationFailed | NotAuthorized):
            self._failure = error
        else:
            self._news.error = error
            self._unsettled = {}
        self._drift()

    def _drift(self) -> None:
        """Forgets what was read and is not committed."""
        self._adrift = True
        self._gathered = []
        if self._unsettled is None:
            self._copies = []

    def _begin_again(self, places: set[Place]) -> None:
        self._begun_again |= places
        self._drift()

    def _find_again(self, consumer: Consumer) -> None:
        """Goes back to what is committed, once that is known for good; tried with each poll."""
        others = sorted((self._unsettled or {}).keys() - self._owned.keys())
        try:
            if self._unsettled is not None and self._writer is not None:
                self._writer.end_open_transaction()  # what was open is ended: the committed offsets are final now
            starts = [ClientPartition(*place, 0) for place in sorted(self._begun_again & self._owned.keys())]
            if starts:
                consumer.commit(offsets=starts, asynchronous=False)
            committed = self._positions(consumer, set(self._owned))
            for place in self._owned:
                at = committed[place]
                consumer.seek(ClientPartition(*place, at if at >= 0 else OFFSET_BEGINNING))
                self._owned[place] = _OwnedPartition(at, at, at)
            known = consumer.committed([ClientPartition(*place) for place in others], _ASK_S) if others else []
            committed |= {(one.topic, one.partition): one.offset for one in known if one.error is None}
        except (KafkaException, ClusterError) as failure:
            self._news.error = self._news.error or as_cluster_error(failure, "looking up what is committed")
            return
        if self._unsettled and all(committed.get(place, -1) >= at for place, at in self._unsettled.items()):
            self._news.copied += [CommittedCopy(one.source, None) for one in self._copies]
        self._copies, self._unsettled, self._adrift, self._held = [], None, False, set()
        self._begun_again = set()
        consumer.resume([ClientPartition(*place) for place in self._owned])

    # Partitions that stand

    def _hold(self, place: Place) -> None:
        if place in self._owned and self._consumer is not None:
            self._hold_at(self._consumer, place)

    def _hold_at(self, consumer: Consumer, place: Place) -> None:
        self._held.add(place)
        with suppress(KafkaException):
            consumer.pause([ClientPartition(*place)])

    def _release(self, place: Place) -> None:
        """Goes back to what is committed, whether or not the member still knows that it held the partition: what was
        read of it since was not passed.
        """
        if place in self._owned and self._consumer is not None:
            self._held.discard(place)
            self._commit(self._consumer)
            self._drift()

    def _tell(self, consumer: Consumer | None = None) -> MemberPoll:
        records, self._gathered = PolledSlice(self._gathered), []
        news, self._news = self._news, _MemberNews()
        read = {TopicPartition(*place): one.read for place, one in self._owned.items() if one.read >= 0}
        ends = {TopicPartition(*place): _end_of(consumer, place) for place in self._owned}
        return MemberPoll(
            records, read, ends, tuple(news.copied), tuple(news.held), news.error, frozenset(news.shortened)
        )

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self._commit(consumer)
            if self._unsettled and self._copies:
                message = "The last commit was sent and no clear answer came"
                self._news.error = OutcomeUnknown(message, "The next member of the group goes on behind what stands.")
            self._owned = {}
            consumer.close()
        if self._writer is not None:
            self._writer.shut()


def _end_of(consumer: Consumer | None, place: Place) -> int | None:
    """Returns the end of a log as the last fetch told it."""
    if consumer is None:
        return None
    try:
        bounds: Any = consumer.get_watermark_offsets(ClientPartition(*place), cached=True)
    except KafkaException:
        return None
    return bounds[1] if bounds is not None and bounds[1] >= 0 else None
