"""A record and its neighbours on the partition, read for the pane: joins no group, commits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kafkaview.cluster.errors import OffsetOutOfRange
from kafkaview.decode.report import Tried, decoders_tried
from kafkaview.decode.result import Decoder, Undecodable
from kafkaview.session import Session
from kafkaview.terms import Isolation, PartitionOffsets, Record, TopicPartition

REACH = 20  # records on either side


@dataclass(frozen=True, slots=True)
class Around:
    """What was read. An offset without a record holds a transaction marker, an aborted or a compacted record."""

    topic_partition: TopicPartition
    offset: int
    records: Mapping[int, Record]
    problems: Mapping[int, Undecodable]
    bounds: PartitionOffsets
    decoder: Decoder | None

    @property
    def record(self) -> Record | None:
        """The record asked for."""
        return self.records.get(self.offset)

    def tried(self, record: Record) -> tuple[Tried, ...]:
        """Every decoder tried on the record's value."""
        return decoders_tried(record.value, "value", self.decoder) if record.value is not None else ()


async def read_around(
    session: Session, place: TopicPartition, offset: int, *, open_transaction: bool = False
) -> Around:
    """Read the records around an offset and hold each value to the topic's decoder.

    Uncommitted records are shown only while an open transaction is the very thing looked at.
    """
    isolation = Isolation.READ_UNCOMMITTED if open_transaction else Isolation.READ_COMMITTED
    bounds = (await session.cluster.offsets([place]))[place]
    first, end = bounds.log_start_offset, bounds.log_end_offset
    if first is not None and offset < first:
        raise OffsetOutOfRange(
            f"{place} @ {offset:,} is no longer there: the log starts at {first:,}",
            "Retention has removed the record. Nothing keeps the group at it.",
        )
    decoder = (await session.decoders.of(session.cluster, place.topic)).decoder
    start = max(first or 0, offset - REACH)
    stop = offset + REACH + 1 if end is None else min(end, offset + REACH + 1)
    records: dict[int, Record] = {}
    if start < stop:
        async for batch in session.cluster.read({place: start}, {place: stop}, isolation=isolation):
            records |= {record.offset: record for record in batch.records if start <= record.offset < stop}
    problems = {o: problem for o, record in records.items() if (problem := _problem(decoder, record))}
    return Around(place, offset, records, problems, bounds, decoder)


def _problem(decoder: Decoder | None, record: Record) -> Undecodable | None:
    if decoder is None or record.value is None:
        return None
    return decoder.problem(record.value)
