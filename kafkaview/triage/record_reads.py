"""Reads of records for triage: a short range of one partition, and the dead letters that kafkaview wrote."""

from __future__ import annotations

from collections.abc import Mapping

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import Record, RecordId, TimestampType, TopicPartition
from kafkaview.triage.reroute.dialects import source_of


async def read_range(cluster: Cluster, partition: TopicPartition, start: int, end: int) -> tuple[Record, ...]:
    """Returns the committed records of one partition from `start` up to, not including, `end`."""
    found: list[Record] = []
    async for batch in cluster.read({partition: start}, {partition: end}):
        found.extend(record for record in batch.records if start <= record.offset < end)
    return tuple(found)


async def find_copies(
    cluster: Cluster, starts: Mapping[TopicPartition, int], sources: Mapping[RecordId, Record]
) -> dict[RecordId, Record]:
    """Returns the committed dead letters, from `starts` to the log ends, that are copies of one of `sources`. Headers
    that name the source are not enough: a topic that was deleted and made again has other records at the same offsets.
    """
    found: dict[RecordId, Record] = {}
    async for batch in cluster.read(starts):
        for record in batch.records:
            source = source_of(record.headers or ())
            if source is not None and source in sources and is_copy(record, sources[source]):
                found[source] = record
    return found


def is_copy(found: Record, source: Record) -> bool:
    """Returns whether a dead letter holds a record byte for byte: its headers first, its timestamp where it could be
    kept.
    """
    if found.headers is None or source.headers is None:
        return False
    stamped_anew = found.timestamp_type is TimestampType.LOG_APPEND_TIME or not source.timestamp_ms
    return (
        (found.key, found.value) == (source.key, source.value)
        and found.headers[: len(source.headers)] == source.headers
        and (stamped_anew or found.timestamp_ms == source.timestamp_ms)
    )
