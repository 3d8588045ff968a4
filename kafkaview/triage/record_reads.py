"""Reads of records for triage: a short range of one partition, and the dead letters that kafkaview wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import Record, RecordId, TimestampType, TopicPartition
from kafkaview.triage.provenance_headers import source_of


async def read_range(cluster: Cluster, partition: TopicPartition, start: int, end: int) -> tuple[Record, ...]:
    """Returns the committed records of one partition from `start` up to, not including, `end`."""
    found: list[Record] = []
    async for batch in cluster.read({partition: start}, {partition: end}):
        found.extend(record for record in batch.records if start <= record.offset < end)
    return tuple(found)


async def whole_records(cluster: Cluster, records: Sequence[Record]) -> list[Record]:
    """Returns records as they can be copied: without their headers where the client library has cut the name of one."""
    with_headers = [record.id for record in records if record.headers]
    names = await cluster.header_names(with_headers) if with_headers else {}
    return [_with_whole_names(record, names.get(record.id)) for record in records]


def _with_whole_names(record: Record, names: tuple[str, ...] | None) -> Record:
    pairs = zip(names or (), record.headers or (), strict=False)
    cut = next((name for name, header in pairs if name != header.key), None)
    return record if cut is None else replace(record, headers=None, unreadable_header=cut.encode())


async def find_copies(
    cluster: Cluster, starts: Mapping[TopicPartition, int], fits: Callable[[RecordId, Record], bool]
) -> dict[RecordId, RecordId]:
    """Returns the places of committed dead letters, from `starts` to the log ends, by their sources. Headers that name
    a source are not enough: a topic that was deleted and made again has other records at the same offsets, so `fits`
    says whether a dead letter is a copy of that source.
    """
    found: dict[RecordId, RecordId] = {}
    async for batch in cluster.read(starts):
        for record in batch.records:
            source = source_of(record.headers or ())
            if source is not None and fits(source, record):
                found[source] = record.id
    return found


def copy_fits(sources: Mapping[RecordId, Record]) -> Callable[[RecordId, Record], bool]:
    """Returns what says whether a dead letter is a copy of one of these records."""
    return lambda source, found: source in sources and is_copy(found, sources[source])


def is_copy(found: Record, source: Record) -> bool:
    """Returns whether a dead letter holds a record byte for byte: its headers first, its timestamp where it could be
    kept.
    """
    if found.headers is None or source.headers is None:
        return False
    return (
        (found.key, found.value) == (source.key, source.value)
        and found.headers[: len(source.headers)] == source.headers
        and keeps_time(found, source.timestamp_ms)
    )


def keeps_time(found: Record, timestamp_ms: int | None) -> bool:
    """Returns whether a copy has the timestamp of its source, or could not keep it: brokers have set another, or
    there was none that can be written.
    """
    stamped_anew = found.timestamp_type is TimestampType.LOG_APPEND_TIME or not timestamp_ms
    return stamped_anew or found.timestamp_ms == timestamp_ms
