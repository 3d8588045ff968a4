"""Transactions that hold the copies of records and the new offsets of groups."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar, Final

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.errors import (
    ClientStuck,
    ClusterError,
    FencedTransaction,
    OutcomeUnknown,
    RefusedHere,
    Unreachable,
)
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import to_its_end
from kafkaview.cluster.kafka.error_codes import DROPPED, FATAL, FENCED
from kafkaview.cluster.kafka.librdkafka_errors import kafka_error
from kafkaview.cluster.kafka.librdkafka_log import LOG, Complaints
from kafkaview.cluster.kafka.record_producer import (
    SLICE_SECONDS,
    STEP_SECONDS,
    RecordProducer,
    check_targets,
    delivery_settings,
)
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Copy, GroupMove, TransactionStage
from kafkaview.cluster.ports.group_ids import fits_transaction
from kafkaview.terms import RecordId
from kafkaview.words import name_text

PAUSE_SECONDS: Final = 0.02
OFFSETS_SLICE_SECONDS: Final = 2.0  # unlike the other steps, adding offsets starts anew with every call
STUCK_SECONDS: Final = STEP_SECONDS + 3 * OFFSETS_SLICE_SECONDS
COMMIT_SECONDS: Final = 20.0
TRANSACTION_TIMEOUT_MS: Final = 20_000
_ENDED_BY_TIME: Final = f"Brokers end its transaction within {TRANSACTION_TIMEOUT_MS // 1000} s. Try again then."
_ANY_GROUP: Final = b"kafkaview"
_AFTER_FENCING: Final = "Look whether another one did it, then make a new plan."
_NO_COORDINATOR: Final = (
    "No transaction was begun. Look at the topic __transaction_state: without it, without its leaders or with too few"
    " of its replicas in sync, a cluster keeps no transactions."
)


def producer_settings(
    settings: ClientSettings, complaints: Complaints, transactional_id: str, batch_bytes: int | None = None
) -> dict[str, Any]:
    """Returns the settings of a producer of transactions."""
    return settings.librdkafka(
        complaints,
        transactional_id=transactional_id,
        transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        socket_timeout_ms=TRANSACTION_TIMEOUT_MS,  # the profile's own may be longer, which librdkafka refuses
        **delivery_settings(batch_bytes),
    )


@asynccontextmanager
async def open_transactor(
    wire: BrokerRequests, settings: ClientSettings, transactional_id: str, batch_bytes: int | None
) -> AsyncIterator[KafkaTransactor]:
    """Opens the producer of a transactional id, and closes it at the end, whatever is cancelled meanwhile."""
    producer = TransactionalProducer(settings, transactional_id, batch_bytes)
    try:
        await producer.run(producer.initialize)
        yield KafkaTransactor(wire, producer)
    finally:
        await to_its_end(producer.close())


class KafkaTransactor:
    """Runs one transaction after the other with one producer."""

    def __init__(self, wire: BrokerRequests, producer: TransactionalProducer) -> None:
        self._wire = wire
        self._producer = producer

    async def transact(
        self,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
    ) -> tuple[RecordId, ...]:
        """Produces, adds the offsets, checks and commits. A failure before the commit is sent aborts the transaction.
        Behind the commit nothing is awaited: what is committed is always returned.
        """
        await check_targets(self._wire, copies)
        producer = self._producer
        try:
            await producer.run(producer.begin)
            await check(TransactionStage.BEGUN)
            written: tuple[RecordId, ...] = await producer.run(producer.produce, copies)
            await producer.move_groups(moves)
            await check(TransactionStage.READY)
        except ClientStuck:
            raise  # it cannot be asked to abort
        except BaseException:
            await to_its_end(producer.run(producer.abort))
            raise
        await to_its_end(producer.run(producer.commit))
        return written


class TransactionalProducer(RecordProducer):
    """The producer of a transactional id."""

    all_or_nothing: ClassVar[bool] = True

    def __init__(self, settings: ClientSettings, transactional_id: str, batch_bytes: int | None = None) -> None:
        super().__init__(settings)
        self._id = transactional_id
        self._batch_bytes = batch_bytes
        self._open = False

    async def move_groups(self, moves: Sequence[GroupMove]) -> None:
        """Adds each group's new offsets. Raises ClientStuck where librdkafka waits for good: it does if the broker that
        coordinates the group goes away at the wrong moment, whatever time it was given.
        """
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await self.run(self.add_offsets, moves)
        except TimeoutError:
            self._thread.abandon()
            raise ClientStuck("moving the groups: the client library does not come back", _ENDED_BY_TIME) from None

    def initialize(self) -> None:
        """Initializes the transactional id: an earlier producer is fenced, and its open transaction aborted."""
        self.open()
        try:
            self._until_done("opening the transaction", lambda: self._producer.init_transactions(SLICE_SECONDS))
        except Unreachable as error:  # by what came before, brokers answer: it is their coordinator that does not
            error.hint = _NO_COORDINATOR
            raise

    def begin(self) -> None:
        """Begins a transaction."""
        self._until_done("opening the transaction", self._producer.begin_transaction)
        self._open = True

    def add_offsets(self, moves: Sequence[GroupMove]) -> None:
        """Adds each group's new offsets, as from outside the group: no member id, no generation."""
        positions: dict[str, list[ClientPartition]] = {}
        for move in moves:
            positions.setdefault(move.group, []).append(_position_of(move))
        for group, where in positions.items():
            self._add_offsets_of(group, where)

    def commit(self) -> None:
        """Commits, and repeats the request while no answer comes. Only a refusal of the first request proves that
        nothing was committed.
        """
        complaints_before = self._complaints.count
        deadline = time.monotonic() + COMMIT_SECONDS
        attempts = 0
        while True:
            attempts += 1
            try:
                self._producer.commit_transaction(SLICE_SECONDS)
            except KafkaException as failure:
                self._poll_callbacks()
                plain = attempts == 1 and self._complaints.count == complaints_before
                error = kafka_error(failure)
                if error is not None and error.retriable() and time.monotonic() < deadline:
                    continue
                if plain and error is not None and (error.txn_requires_abort() or error.code() in FENCED):
                    self.abort()
                    raise self._translate(failure, "committing") from failure
                fenced = error is not None and error.code() in FENCED
                raise OutcomeUnknown(
                    f"The commit was sent and no clear answer came: {self._say_fenced() if fenced else failure}",
                    "Look whether the copies can be read and where the groups stand.",
                ) from failure
            else:
                self._open = False
                return

    def abort(self) -> None:
        """Aborts the open transaction. If no broker answers, the coordinator ends it after its time-out."""
        self._stopping = False
        if self._open:
            self._open = False
            with suppress(ClusterError):
                self._until_done("aborting", lambda: self._producer.abort_transaction(SLICE_SECONDS))

    def _delivery_error(self, error: KafkaError) -> KafkaException:
        """Returns why a copy was not delivered. One that was dropped with its failed transaction, or not taken because
        of an earlier fatal error, has no reason of its own; a commit, which the client refuses locally, has it.
        """
        if error.code() in DROPPED or error.code() == FATAL:
            try:
                self._producer.commit_transaction(SLICE_SECONDS)
            except KafkaException as failure:
                return failure
        return KafkaException(error)

    def _add_offsets_of(self, group: str, positions: list[ClientPartition]) -> None:
        identity = _identity_of(group)
        self._until_done(
            f"moving the group {group}",
            lambda: self._producer.send_offsets_to_transaction(positions, identity, OFFSETS_SLICE_SECONDS),
        )

    def _client_settings(self) -> dict[str, Any]:
        return producer_settings(self._settings, self._complaints, self._id, self._batch_bytes)

    def _until_done(self, doing: str, call: Callable[[], None]) -> None:
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            try:
                return call()
            except KafkaException as failure:
                error = kafka_error(failure)
                over = self._stopping or time.monotonic() > deadline
                if over or error is None or not error.retriable():
                    raise self._translate(failure, doing) from failure
                time.sleep(PAUSE_SECONDS)

    def _say_fenced(self) -> str:
        """Returns a clause on who has begun meanwhile. Its id is a topic's, or a group's where offsets are moved."""
        return (
            f"Another kafkaview has begun meanwhile under the transactional id {self._id}: another re-route of this "
            "topic, or what it commits again for its groups (or the brokers took longer than "
            f"{TRANSACTION_TIMEOUT_MS // 1000} s)"
        )

    def _translate(self, failure: KafkaException, doing: str) -> ClusterError:
        error = kafka_error(failure)
        if error is not None and error.code() == FATAL:
            error = kafka_error(failure := self._delivery_error(error))
        if error is not None and error.code() in FENCED:
            return FencedTransaction(f"{self._say_fenced()}; nothing was written.", _AFTER_FENCING)
        return super()._translate(failure, doing)


def _identity_of(group: str) -> bytes:
    """Returns the group metadata that librdkafka needs in a transaction. It is not made with the group's name as a
    setting: a setting loses leading blanks, and an empty name aborts the process. Raises RefusedHere.
    """
    if not fits_transaction(group):
        raise RefusedHere(
            f"The group {name_text(group)} cannot be named in a transaction", "Move it with `offsets apply`."
        )
    # Without brokers this consumer can neither join nor ask.
    consumer = Consumer({"group.id": _ANY_GROUP.decode(), "logger": LOG})
    try:
        identity: bytes = consumer.consumer_group_metadata()
    finally:
        consumer.close()
    before, named, after = identity.partition(_ANY_GROUP)
    assert named, "librdkafka writes a group's identity in another form"
    return before + group.encode() + after


def _position_of(move: GroupMove) -> ClientPartition:
    where, to = move.topic_partition, move.committed
    epoch = -1 if to.leader_epoch is None else to.leader_epoch
    if not to.metadata:
        return ClientPartition(where.topic, where.partition, to.offset, leader_epoch=epoch)
    # The client counts the end of the C string: the broker stores one NUL more than is given here.
    return ClientPartition(where.topic, where.partition, to.offset, to.metadata, epoch)
