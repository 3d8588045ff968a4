"""A producer of whole records, each with its place, bytes and timestamp, that waits until the brokers have them all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, Final, ParamSpec, TypeVar

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    NotAuthorized,
    OutcomeUnknown,
    RefusedByPolicy,
    UnknownTopicOrPartition,
    Unreachable,
    UnsupportedByBroker,
)
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.kafka.error_codes import DROPPED, FATAL, NOT_DELIVERED
from kafkaview.cluster.kafka.librdkafka_errors import as_cluster_error
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.topics import describe_topics
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import RecordId

P = ParamSpec("P")
T = TypeVar("T")

STEP_SECONDS: Final = 10.0
SLICE_SECONDS: Final = 0.25
CLIENT_LIMIT_BYTES: Final = 1_000_000_000  # the client's own limit out of the way: the topic's is the one that counts
LARGEST_BATCH_BYTES: Final = 1_000_000  # librdkafka's own default
# By these a broker says that it has not taken a record; after any other error it may have.
_REFUSALS: Final = (
    AuthenticationFailed,
    NotAuthorized,
    RefusedByPolicy,
    UnknownTopicOrPartition,
    UnsupportedByBroker,
)


def delivery_settings(batch_bytes: int | None = None) -> dict[str, Any]:
    """Returns the settings by which a producer writes each record once, and waits for all replicas in sync. Without
    `batch_bytes` each record is a batch of its own.
    """
    # The topic's limit counts for a batch, so records that fit alone must not fail together.
    batches = (
        {"batch_num_messages": 1, "linger_ms": 0}
        if batch_bytes is None
        else {"batch_size": min(batch_bytes, LARGEST_BATCH_BYTES), "linger_ms": 5}
    )
    return {
        **batches,
        "acks": "all",
        "enable_idempotence": True,
        "message_timeout_ms": int(STEP_SECONDS * 1000),
        "message_max_bytes": CLIENT_LIMIT_BYTES,
        # A record that lies compressed in its own topic may be over the limit without.
        "compression_type": "lz4",
    }


async def produce(producer: RecordProducer, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
    """Produces records outside a transaction. Raises OutcomeUnknown where they may have been written all the same."""
    try:
        await producer.run(producer.open)
        try:
            return await producer.run(producer.produce, copies)
        except (
            NotAuthorized
        ) as error:  # without WRITE on any topic a broker gives no producer id, and names the cluster
            rights = (f"WRITE on Topic {name}" for name in sorted({copy.topic for copy in copies}))
            error.hint = f"Ask for the right {' and '.join(rights)}."
            raise
        except _REFUSALS:
            raise
        except ClusterError as error:
            raise OutcomeUnknown(
                f"{error.message}: whether it was written is not known", "Look at the end of the topic."
            ) from error
    finally:
        await producer.close()


async def check_targets(wire: BrokerRequests, copies: Sequence[Copy]) -> None:
    """Raises ClusterError for a timestamp of 0 and for a missing topic, which the producer would create."""
    for copy in copies:
        if copy.timestamp_ms == 0:
            raise ClusterError(
                f"A copy for {copy.topic} has the timestamp 0, which the client would replace by the present time.",
                "Let the producer set the timestamp, and keep the original one in a header.",
            )
    names = {copy.topic for copy in copies}
    try:
        known = await describe_topics(wire, names)
    except Unreachable:  # the connection may have died while nobody looked, and was given up now
        known = await describe_topics(wire, names)
    for name, topic in known.items():
        if isinstance(topic, ClusterError):
            raise topic
        numbers = {partition.partition for partition in topic.partitions}
        missing = {copy.partition for copy in copies if copy.topic == name} - numbers - {None}
        if missing:
            raise UnknownTopicOrPartition(f"There is no partition {name}:{min(p for p in missing if p is not None)}.")


class RecordProducer:
    """A producer on its own thread. Its steps block and run on that thread. Where copies are written `all_or_nothing`,
    one that is refused ends the waiting for the others.
    """

    all_or_nothing: ClassVar[bool] = False

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._complaints = Complaints()
        self._thread = ClientThread("kafkaview-producer")
        self._made: Producer | None = None
        self._stopping = False
        self._lost = False  # whether a copy of the present call was not delivered
        self.refused: int | None = None  # the place of the copy that was refused last, among those of one call

    async def run(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a step; a cancelled step ends after its present slice."""
        try:
            return await self._thread.run(step, *args, **kwargs)
        except asyncio.CancelledError:
            self._stopping = True
            raise

    async def close(self) -> None:
        """Closes the producer. Records that it still holds are dropped."""
        await self._thread.close(self._forget)

    def open(self) -> None:
        """Makes the client. Nothing is sent yet."""
        try:
            self._made = self._settings.authenticate(Producer(self._client_settings()))
        except KafkaException as failure:
            raise as_cluster_error(failure, "opening a producer") from failure

    def produce(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        """Produces the copies and waits until the broker has all; returns the place of each, in order."""
        delivered: dict[int, Message] = {}
        self._lost = False
        for number, copy in enumerate(copies):
            self._send(number, copy, delivered)
        deadline = time.monotonic() + STEP_SECONDS
        try:
            while self._producer.flush(SLICE_SECONDS) and not self._stopping and time.monotonic() < deadline:
                if self._lost and self.all_or_nothing:
                    break
        except (KafkaException, SystemError) as failure:
            raise self._translate(_fatal(failure), "writing the records") from failure
        self._check_delivered(copies, delivered)
        return tuple(
            RecordId(copy.topic, message.partition() or 0, message.offset() or 0)
            for copy, message in ((copy, delivered[number]) for number, copy in enumerate(copies))
        )

    def _check_delivered(self, copies: Sequence[Copy], delivered: dict[int, Message]) -> None:
        """Raises the error of the first copy that was not delivered; first of one that was refused itself, for others
        are dropped with it.
        """
        dropped: KafkaError | None = None
        for number, copy in enumerate(copies):
            message = delivered.get(number)
            error = KafkaError(NOT_DELIVERED) if message is None else message.error()
            if error is None:
                continue
            if error.code() not in DROPPED and message is not None:
                self.refused = number
                raise self._translate(self._delivery_error(error), f"writing to {copy.topic}")
            dropped = dropped or error
        if dropped is not None:
            raise self._translate(self._delivery_error(dropped), f"writing to {copies[0].topic}")

    def _client_settings(self) -> dict[str, Any]:
        return self._settings.librdkafka(self._complaints, **delivery_settings())

    @property
    def _producer(self) -> Producer:
        assert self._made is not None
        return self._made

    def _poll_callbacks(self) -> None:
        """Polls the client's callbacks. A fatal error that it raises again is dropped, because the caller has it
        already.
        """
        with suppress(KafkaException, SystemError):
            self._producer.poll(0)

    def _forget(self) -> None:
        if self._made is not None:
            self._made.purge(blocking=False)
            self._made = None

    def _send(self, number: int, copy: Copy, delivered: dict[int, Message]) -> None:
        try:
            self._producer.produce(
                copy.topic,
                value=copy.value,
                key=copy.key,
                partition=-1 if copy.partition is None else copy.partition,
                headers=[(header.key, header.value) for header in copy.headers],
                timestamp=copy.timestamp_ms or 0,
                on_delivery=partial(self._note_delivery, delivered, number),
            )
        except KafkaException as failure:
            raise self._translate(failure, f"writing to {copy.topic}") from failure

    def _note_delivery(
        self, delivered: dict[int, Message], number: int, error: KafkaError | None, message: Message
    ) -> None:
        delivered[number] = message
        self._lost = self._lost or error is not None

    def _delivery_error(self, error: KafkaError) -> KafkaException:
        """Returns why a record was not delivered."""
        return KafkaException(error)

    def _translate(self, failure: KafkaException, doing: str) -> ClusterError:
        self._poll_callbacks()
        return as_cluster_error(failure, doing, self._complaints.since(0))


def _fatal(failure: KafkaException | SystemError) -> KafkaException:
    """Returns the fatal error that the client raised, or the one that Python wrapped, once or more, because it came out
    of a callback.
    """
    cause: BaseException | None = failure
    while cause is not None and not isinstance(cause, KafkaException):
        cause = cause.__cause__ or cause.__context__
    return cause if cause is not None else KafkaException(KafkaError(FATAL))
