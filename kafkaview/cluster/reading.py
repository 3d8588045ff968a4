"""Reading records: partitions are assigned, no group is joined, nothing is committed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
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
from confluent_kafka._types import HeadersType

from kafkaview.cluster.codes import BAD_MESSAGE, LOGIN_REFUSED, PARTITION_EOF, PASSING
from kafkaview.cluster.complaints import Complaints
from kafkaview.cluster.errors import ClusterError, CorruptBatch, Unreachable
from kafkaview.cluster.port import Batch
from kafkaview.cluster.settings import ClientSettings
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.translation import as_cluster_error, from_code
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
        settings: ClientSettings,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int],
        isolation: Isolation,
        batch: int,
    ) -> None:
        self._settings = settings
        self._end = end
        self._ends = {(partition.topic, partition.partition): last for partition, last in end.items()}
        self._isolation = isolation
        self._batch = batch
        self._next = dict(start)
        self._open = {partition for partition, first in start.items() if first < end[partition]}
        self._complaints = Complaints()
        self._thread = ClientThread("kafkaview-read")
        self._consumer: Consumer | None = None
        self._silent_seconds = 0.0
        self._failure: ClusterError | None = None
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
        if self._failure is not None:
            raise self._failure
        if self._consumer is None:
            self._consumer = self._assigned()
        # Never more than can still come, so that a short range does not wait for its slice to end.
        wanted = min(self._batch, sum(self._end[p] - self._next[p] for p in self._open))
        messages = self._consumer.consume(max(1, wanted), SLICE_SECONDS)
        if messages:
            self._silent_seconds = 0.0
        else:
            self._bear_silence()
        return self._taken(self._consumer, messages)

    def _taken(self, consumer: Consumer, messages: Sequence[Message]) -> tuple[Record, ...]:
        """The records of the ranges; how far each partition is read is noted once for all of them."""
        records: list[Record] = []
        following: dict[tuple[str, int], int] = {}
        for message in messages:
            where = (message.topic() or "", message.partition() or 0)
            offset, error = message.offset() or 0, message.error()
            if error is None:
                following[where] = offset + 1
                if offset < self._ends.get(where, 0):
                    records.append(_record_of(message))
            elif error.code() == PARTITION_EOF:
                following[where] = max(offset, following.get(where, 0))
            elif error.code() not in PASSING:
                self._failure = self._told(TopicPartition(*where), error)
                break
        for (topic, number), offset in following.items():
            self._advance(consumer, TopicPartition(topic, number), offset)
        if self._failure is not None and not records:
            raise self._failure  # else what was read before it comes first
        return tuple(records)

    def _assigned(self) -> Consumer:
        settings = self._settings.librdkafka(
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
            fetch_queue_backoff_ms=10,  # a full queue would stop the fetching for 1 s: three times slower over all
        )
        try:
            consumer = self._settings.given(Consumer(settings))
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

    def _told(self, partition: TopicPartition, error: KafkaError) -> ClusterError:
        if error.code() == BAD_MESSAGE:
            return CorruptBatch(f"{partition}: {error.str()}", "The batch on the broker's disk fails its checksum.")
        return from_code(error, f"reading {partition} from offset {self._next.get(partition)}")

    def _advance(self, consumer: Consumer, partition: TopicPartition, following: int) -> None:
        if partition not in self._open:
            return
        end = self._end[partition]
        self._next[partition] = min(max(following, self._next[partition]), end)
        if following >= end:
            self._open.discard(partition)
            consumer.pause([ClientPartition(partition.topic, partition.partition)])


def _record_of(message: Message) -> Record:
    kind, timestamp = message.timestamp()
    epoch, headers = message.leader_epoch(), message.headers()
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        timestamp if kind in _TIMESTAMPS and timestamp >= 0 else None,
        _TIMESTAMPS.get(kind, TimestampType.NOT_AVAILABLE),
        message.key(),
        message.value(),
        _headers_of(headers) if headers else (),
        epoch if epoch is not None and epoch >= 0 else None,
    )


def _headers_of(headers: HeadersType) -> tuple[Header, ...]:
    pairs = headers.items() if isinstance(headers, dict) else headers
    return tuple(Header(key, value.encode() if isinstance(value, str) else value) for key, value in pairs)
