"""Reads a record with its neighbours on the partition, or the first records of a span. Joins no group and commits
nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from kafkaview.cluster.errors import OffsetOutOfRange, Unreachable
from kafkaview.decode.report import DecoderReport, try_decoders
from kafkaview.decode.result import Decoded, Decoder, Surroundings, Undecodable, within
from kafkaview.decode.schemas import Schemas
from kafkaview.terms import Isolation, PartitionOffsets, Record, TopicPartition

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch
    from kafkaview.session import Session

REACH: Final = 20  # records on either side
NEAR: Final = 10  # records on either side that can be shown without reading again


@dataclass(frozen=True, slots=True)
class DecodedRecord:
    """A record's value as text, with the report of each decoder tried on it. `text` is None if no decoder reads it."""

    text: str | None
    tried: tuple[DecoderReport, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The records around an offset. An offset without a record holds a transaction marker, or an aborted or compacted
    record. `judged` is whether the topic has a known format; `readings` belong to the records near the offset.
    """

    topic_partition: TopicPartition
    offset: int
    records: Mapping[int, Record]
    problems: Mapping[int, Undecodable]
    bounds: PartitionOffsets
    judged: bool
    readings: Mapping[int, DecodedRecord]

    @property
    def record(self) -> Record | None:
        """The record at the requested offset."""
        return self.records.get(self.offset)


async def read_around(session: Session, place: TopicPartition, offset: int, *, uncommitted: bool = False) -> Around:
    """Reads the records around an offset and decodes each value with the topic's decoder. Uncommitted records are
    returned only where an open transaction is itself examined. Raises OffsetOutOfRange, and Unreachable where the
    leader does not answer.
    """
    isolation = Isolation.READ_UNCOMMITTED if uncommitted else Isolation.READ_COMMITTED
    bounds = (await session.cluster.offsets([place]))[place]
    first, end = bounds.log_start_offset, bounds.log_end_offset
    if first is None and end is None:
        raise Unreachable(await _describe_silence(session, place))  # a read would wait for the same leader, and longer
    if first is not None and offset < first:
        raise OffsetOutOfRange(
            f"{place} @ {offset:,} is no longer there: the log starts at {first:,}",
            "Retention has removed the record. Nothing keeps the group at it.",
        )
    topic = await session.decoders.of(session.cluster, place.topic)
    decoder = topic.decoder
    start = max(first or 0, offset - REACH)
    stop = offset + REACH + 1 if end is None else min(end, offset + REACH + 1)
    records: dict[int, Record] = {}
    if start < stop:
        async for batch in session.cluster.read({place: start}, {place: stop}, isolation=isolation):
            records |= {record.offset: record for record in batch.records if start <= record.offset < stop}
    await session.decoders.learn(topic, list(records.values()))
    found = {o: problem for o, record in records.items() if (problem := topic.problem(record))}
    problems = {o: problem for o, problem in found.items() if problem.judged}
    schemas = session.decoders.schemas
    readings = {o: reading(record, decoder, schemas) for o, record in records.items() if abs(o - offset) <= NEAR}
    return Around(place, offset, records, problems, bounds, decoder is not None, readings)


async def _describe_silence(session: Session, place: TopicPartition) -> str:
    """Returns why the leader of a partition says nothing. Raises ClusterError."""
    partitions = (await session.cluster.topic(place.topic)).partitions
    leader = next((one.leader for one in partitions if one.partition == place.partition), None)
    return f"{place} has no leader" if leader is None else f"Broker {leader}, which leads {place}, does not answer"


@dataclass(frozen=True, slots=True)
class SkippedRecords:
    """The first records of a span of offsets. `complete` is false if the span has more records."""

    records: tuple[Record, ...]
    complete: bool


async def read_skipped(
    session: Session, spans: Mapping[TopicPartition, tuple[int, int]], limit: int
) -> dict[TopicPartition, SkippedRecords]:
    """Returns the first committed records of each span (start included, end excluded). Raises OffsetOutOfRange."""
    return {
        place: await _read_span(session, place, *span, limit)
        for place, span in sorted(spans.items())
        if span[0] < span[1]
    }


async def _read_span(session: Session, place: TopicPartition, start: int, stop: int, limit: int) -> SkippedRecords:
    found: list[Record] = []
    opened = cast("AsyncGenerator[Batch, None]", session.cluster.read({place: start}, {place: stop}, batch=limit + 1))
    async with aclosing(opened) as batches:
        async for batch in batches:
            found += [record for record in batch.records if start <= record.offset < stop]
            if len(found) > limit:
                break
    return SkippedRecords(tuple(found[:limit]), complete=len(found) <= limit)


def reading(record: Record, decoder: Decoder | None, schemas: Schemas | None = None) -> DecodedRecord:
    """Decodes a record's value with the topic's decoder, and tries the other decoders too."""
    if record.value is None:
        return DecodedRecord(None, ())
    around = Surroundings(record.topic, record.key, record.headers)
    decoded = within(decoder, around).decode(record.value) if decoder is not None else None
    text = decoded.text if isinstance(decoded, Decoded) else None
    return DecodedRecord(text, try_decoders(record.value, "value", decoder, record=around, schemas=schemas))
