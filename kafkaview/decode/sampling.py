"""Some records of a topic, to see its format by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.leaders import find_silence, leaderless
from kafkaview.terms import PartitionOffsets, Record, TopicPartition

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_SAMPLE = 200  # records looked at per topic, spread over its partitions
_LEAST = 5  # records looked at per partition


async def sample_records(cluster: Cluster, topic: str) -> list[Record]:
    """Returns records from the end of every partition, and from its start if the end holds no value. Raises Unreachable
    where no record is there to see, and a leader is missing or silent: that tells nothing of the format.
    """
    all_of_it = (await cluster.topic(topic)).partitions
    partitions = [p.topic_partition for p in all_of_it if p.leader is not None]
    offsets = await cluster.offsets(partitions)
    each = max(_LEAST, _SAMPLE // max(1, len(partitions)))
    spans = {tp: span for tp in partitions if (span := _span(offsets[tp], each))}
    if not spans:
        for one in all_of_it:
            if one.leader is None:
                raise leaderless(one)
            if offsets[one.topic_partition].last_stable_offset is None:
                raise await find_silence(cluster, one.topic_partition)
    records = await _read(cluster, spans)
    if spans and all(record.value is None for record in records):
        records = await _read(cluster, {tp: _head(offsets[tp], span, each) for tp, span in spans.items()})
    return records


def _span(offsets: PartitionOffsets, records: int) -> tuple[int, int] | None:
    first, end = offsets.log_start_offset, offsets.last_stable_offset
    if first is None or end is None or first >= end:
        return None
    return max(first, end - records), end


def _head(offsets: PartitionOffsets, tail: tuple[int, int], records: int) -> tuple[int, int]:
    first = tail[0] if offsets.log_start_offset is None else offsets.log_start_offset
    return first, min(first + records, tail[1])


async def _read(cluster: Cluster, spans: dict[TopicPartition, tuple[int, int]]) -> list[Record]:
    if not spans:
        return []
    records: list[Record] = []
    start, end = {tp: span[0] for tp, span in spans.items()}, {tp: span[1] for tp, span in spans.items()}
    batches = cluster.read(start, end)
    try:
        async for batch in batches:
            records.extend(batch.records)
    except ClusterError:
        if not records:
            raise
    return records
