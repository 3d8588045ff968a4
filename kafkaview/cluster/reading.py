"""Reading records: partitions are assigned, no group is joined, nothing is committed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Final

from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
)
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.codes import BAD_MESSAGE, LOGIN_REFUSED, PARTITION_EOF, PASSING
from kafkaview.cluster.complaints import Complaints
from kafkaview.cluster.errors import CorruptBatch, Unreachable
from kafkaview.cluster.port import Batch
from kafkaview.cluster.settings import librdkafka_settings
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.translation import as_cluster_error, from_code
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Header, Isolation, Record, TimestampType, TopicPartition

SLICE_SECONDS: Final = 0.2
GONE_SECONDS: Final = 30.0
LOGIN_SECONDS: Final = 3.0

_TIMESTAMPS: Final = {
    TIMESTAMP_CREATE_TIME: TimestampType.CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME: TimestampType.LOG_APPEND_TIME,
}


class Reading:
    """One consumer on its own thread that reads each partition from its start to its end."""

    def __init__(
        self,
        profile: ConnectionProfile,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int],
        isolation: Isolation,
        batch: int,
    ) -> None:
        self._profile = profile
        self._end = end
        self._isolation = isolation
        self._batch = batch
        self._next = dict(start)
        self._open = {partition for partition, first in start.items() if first < end[partition]}
        self._complaints = Complaints()
        self._thread = ClientThread("kafkaview-read")
        self._consumer: Consumer | None = None
        self._silent_seconds = 0.0
        self._ending: asyncio.Task[None] | None = None

    async def next_batch(self) -> Batch | None:
        """What came in since the last one; None at the end. Nothing is fetched unasked: the caller's pace is ours."""
        if not self._open:
            return None
        return Batch(await self._thread.run(self._slice), dict(self._next))

    async def close(self) -> None:
        """End the consumer after the slice that runs."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._thread.close(self._forget))
        await asyncio.shield(self._ending)

    def _forget(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _slice(self) -> tuple[Record, ...]:
        if self._consumer is None:
            self._consumer = self._assigned()
        # Never more than can still come, so that a short range does not wait for its slice to end.
        wanted = min(self._batch, sum(self._end[p] - self._next[p] for p in self._open))
        messages = self._consumer.consume(max(1, wanted), SLICE_SECONDS)
        if messages:
            self._silent_seconds = 0.0
        else:
            self._bear_silence()
        taken = (self._take(self._consumer, message) for message in messages)
        return tuple(record for record in taken if record is not None)

    def _assigned(self) -> Consumer:
        settings = librdkafka_settings(
            self._profile,
            self._complaints,
            group_id=f"kafkaview-read-{uuid.uuid4()}",
            enable_auto_commit=False,
            enable_auto_offset_store=False,
            enable_partition_eof=True,
            auto_offset_reset="error",
            allow_auto_create_topics=False,
            check_crcs=True,
            isolation_level=self._isolation.value,
            fetch_wait_max_ms=100,
            fetch_error_backoff_ms=100,
        )
        try:
            consumer = Consumer(settings)
        except KafkaException as failure:
            raise as_cluster_error(failure, "opening a reader") from failure
        consumer.assign([ClientPartition(p.topic, p.partition, self._next[p]) for p in sorted(self._open)])
        return consumer

    def _bear_silence(self) -> None:
        self._silent_seconds += SLICE_SECONDS
        reason = self._complaints.since(0)
        if reason is not None and reason.code() in LOGIN_REFUSED and self._silent_seconds > LOGIN_SECONDS:
            raise from_code(reason, "reading")
        if self._silent_seconds > GONE_SECONDS:
            waiting = ", ".join(str(partition) for partition in sorted(self._open)[:3])
            raise Unreachable(
                f"No record of {waiting} came for {GONE_SECONDS:.0f} s{f': {reason.str()}' if reason else ''}.",
                "Read again when the broker is back.",
            )

    def _take(self, consumer: Consumer, message: Message) -> Record | None:
        error = message.error()
        if error is not None:
            self._hear(consumer, message, error)
            return None
        partition = TopicPartition(message.topic() or "", message.partition() or 0)
        if partition not in self._open:
            return None
        record = _record_of(message)
        self._advance(consumer, partition, record.offset + 1)
        return record if record.offset < self._end[partition] else None

    def _hear(self, consumer: Consumer, message: Message, error: KafkaError) -> None:
        code = error.code()
        partition = TopicPartition(message.topic() or "", message.partition() or 0)
        if code == PARTITION_EOF:
            if partition in self._open:
                self._advance(consumer, partition, max(self._next[partition], message.offset() or 0))
        elif code == BAD_MESSAGE:
            raise CorruptBatch(f"{partition}: {error.str()}", "The batch on the broker's disk fails its checksum.")
        elif code not in PASSING:
            raise from_code(error, f"reading {partition} from offset {self._next.get(partition)}")

    def _advance(self, consumer: Consumer, partition: TopicPartition, following: int) -> None:
        end = self._end[partition]
        self._next[partition] = min(following, end)
        if following >= end:
            self._open.discard(partition)
            consumer.pause([ClientPartition(partition.topic, partition.partition)])


def _record_of(message: Message) -> Record:
    kind, timestamp = message.timestamp()
    epoch = message.leader_epoch()
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        timestamp if kind in _TIMESTAMPS and timestamp >= 0 else None,
        _TIMESTAMPS.get(kind, TimestampType.NOT_AVAILABLE),
        message.key(),
        message.value(),
        tuple(Header(key, _raw(value)) for key, value in _headers_of(message)),
        epoch if epoch is not None and epoch >= 0 else None,
    )


def _headers_of(message: Message) -> list[tuple[str, str | bytes | None]]:
    headers = message.headers() or []
    return list(headers.items()) if isinstance(headers, dict) else headers


def _raw(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
