"""Reading of records: partitions are assigned, no group is joined, nothing is committed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final

from confluent_kafka import Consumer

from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.kafka.librdkafka_log import Complaints
from kafkaview.cluster.kafka.records import record_of
from kafkaview.cluster.kafka.span_reader import ENDLESS, Gap, Place, SpanReader, Token
from kafkaview.cluster.ports.cluster import Batch, ReaderSettings
from kafkaview.terms import Isolation, Record, RemovalCause, RemovedOffsets, TopicPartition

# Whoever follows reads as records come. One that is slower would have 200 MB of them waiting in the client.
_FOLLOWING: Final = {"fetch.message.max.bytes": 131_072, "queued.min.messages": 1_000}


class PartitionReader:
    """One consumer on its own thread that reads each partition from its start to its end; of the records in between it
    may return those at the offsets `only`, and makes nothing of the others.
    """

    def __init__(
        self,
        settings: ClientSettings,
        start: Mapping[TopicPartition, int],
        end: Mapping[TopicPartition, int],
        isolation: Isolation,
        batch: int,
        *,
        pass_removed: bool = False,
        in_order: bool = False,
        only: Mapping[Place, Collection[int]] | None = None,
    ) -> None:
        self._settings = settings
        self._only = only
        self._isolation = isolation
        self._own = _FOLLOWING if ENDLESS in end.values() else {}
        spans = {(tp.topic, tp.partition): (first, end[tp]) for tp, first in start.items()}
        self._reader = SpanReader(self._client, spans, batch, pass_removed=pass_removed, in_order=in_order)
        self._thread = ClientThread("kafkaview-read")
        self._ending: asyncio.Task[None] | None = None

    async def next_batch(self) -> Batch | None:
        """Returns the records since the last call; None at the end. Nothing is fetched between calls, so the caller
        sets the pace.
        """
        if self._reader.ended:
            return None
        records = await self._thread.run(self._slice)
        following = {TopicPartition(*place): offset for place, offset in self._reader.next.items()}
        return Batch(records, following, tuple(map(_removed_offsets, self._reader.take_gaps())))

    async def close(self) -> None:
        """Closes the consumer after the slice that runs."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._thread.close(self._reader.close))
        await asyncio.shield(self._ending)

    def _slice(self) -> tuple[Record, ...]:
        messages, only = self._reader.slice().messages, self._only
        if only is not None:
            messages = [one for one in messages if one.offset() in only[one.topic() or "", one.partition() or 0]]
        return tuple(map(record_of, messages))

    def _client(self, complaints: Complaints) -> Consumer:
        made = consumer_settings(self._settings, complaints, self._isolation) | self._own
        return self._settings.authenticate(Consumer(made))


def reader_settings(settings: ClientSettings, isolation: Isolation) -> ReaderSettings:
    """Returns the settings that another process needs to read. Blocks and raises as
    `ClientSettings.librdkafka` does.
    """
    made = consumer_settings(settings, Complaints(), isolation)
    own = {name: value for name, value in made.items() if isinstance(value, str | int | float)}
    tokens = settings.tokens
    if tokens is None:
        return ReaderSettings(own, settings.password_login)

    def token() -> Token:
        now = tokens.fresh_token()
        return now.value, now.expires_at, now.subject, dict(tokens.extensions)

    return ReaderSettings(own, settings.password_login, token)


def consumer_settings(settings: ClientSettings, complaints: Complaints, isolation: Isolation) -> dict[str, Any]:
    """Returns the settings of a consumer that reads records and commits nothing."""
    return settings.librdkafka(
        complaints,
        group_id=f"kafkaview-read-{uuid.uuid4()}",
        enable_auto_commit=False,
        enable_auto_offset_store=False,
        enable_partition_eof=True,
        auto_offset_reset="error",
        allow_auto_create_topics=False,
        check_crcs=True,
        isolation_level=isolation.value,
        fetch_wait_max_ms=100,
        fetch_message_max_bytes=524_288,  # of each partition at once; with the queue's length half of the memory
        queued_min_messages=10_000,
        fetch_error_backoff_ms=100,
        fetch_queue_backoff_ms=10,  # a full queue would stop the fetching for 1 s: three times slower over all
    )


def _removed_offsets(gap: Gap) -> RemovedOffsets:
    return RemovedOffsets(TopicPartition(*gap.place), gap.first, gap.last, RemovalCause(gap.cause))
