"""Provenance headers: they name the origin of a dead letter, under the names that other tools read. Sources: KIP-1191
(`kafka`), Connect's DeadLetterQueueReporter (`connect`), Spring's KafkaHeaders (`spring`), KIP-1034 (`streams`).
Numbers are decimal text, except Spring's big-endian integers. The record's own headers come first and are never
changed. The `kafkaview.*` headers hold what the dialects lack and are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kafkaview.terms import Header, Record, RecordId
from kafkaview.words import utc_iso


class Dialect(StrEnum):
    """The tool whose header names the provenance uses."""

    KAFKA = "kafka"
    CONNECT = "connect"
    SPRING = "spring"
    STREAMS = "streams"


SOURCE_HEADER = "kafkaview.source"
TIME_HEADER = "kafkaview.timestamp"
CLUSTER_HEADER = "kafkaview.cluster.id"
ROUTED_HEADER = "kafkaview.routed.at"
OWN_HEADERS = frozenset(
    (
        SOURCE_HEADER,
        TIME_HEADER,
        "kafkaview.timestamp.type",
        "kafkaview.leader.epoch",
        CLUSTER_HEADER,
        ROUTED_HEADER,
        "kafkaview.version",
    )
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """The reason why a record is sent away, the groups that did not read it, and the time."""

    groups: tuple[str, ...]
    reason: str
    routed_at: str  # ISO 8601, UTC
    cluster_id: str | None
    version: str


def provenance_headers(dialect: Dialect, record: Record, provenance: Provenance) -> tuple[Header, ...]:
    """Returns the headers to be added after the record's own, in order."""
    return (*_WRITERS[dialect](record, provenance), *_own_headers(record, provenance))


def routed_at(headers: Sequence[Header], at_ms: int) -> tuple[Header, ...]:
    """Returns the headers of a copy that is written at a time in Unix milliseconds: a plan may have lain open since."""
    routed = _same_text(ROUTED_HEADER, utc_iso(at_ms))
    return tuple(routed if one.key == ROUTED_HEADER else one for one in headers)


def source_of(headers: Sequence[Header]) -> RecordId | None:
    """Returns the record that a dead letter of kafkaview is a copy of; the last source after several hops."""
    for header in reversed(headers):
        if header.key == SOURCE_HEADER and header.value is not None:
            try:
                return RecordId.parse(header.value.decode())
            except ValueError:  # somebody else's header of that name
                return None
    return None


def _text(key: str, value: object) -> Header:
    return Header(key, str(value).encode(errors="backslashreplace"))  # a rule may be no text


_same_text: Final = lru_cache(1_024)(_text)  # of what many records have in common


def _own_headers(record: Record, provenance: Provenance) -> tuple[Header, ...]:
    headers = [_text(SOURCE_HEADER, record.id)]
    if record.timestamp_ms is not None:
        headers.append(_text(TIME_HEADER, record.timestamp_ms))
    headers.append(_same_text("kafkaview.timestamp.type", record.timestamp_type))
    if record.leader_epoch is not None:
        headers.append(_same_text("kafkaview.leader.epoch", record.leader_epoch))
    if provenance.cluster_id is not None:
        headers.append(_same_text(CLUSTER_HEADER, provenance.cluster_id))
    headers.append(_same_text(ROUTED_HEADER, provenance.routed_at))
    headers.append(_same_text("kafkaview.version", provenance.version))
    return tuple(headers)


def _kafka(record: Record, provenance: Provenance) -> tuple[Header, ...]:
    return (
        _same_text("__dlq.errors.topic", record.topic),
        _same_text("__dlq.errors.partition", record.partition),
        _text("__dlq.errors.offset", record.offset),
        *(_same_text("__dlq.errors.group", group) for group in provenance.groups),
        _text("__dlq.errors.message", provenance.reason),
    )


def _connect(record: Record, provenance: Provenance) -> tuple[Header, ...]:
    prefix = "__connect.errors."
    return (
        _text(f"{prefix}topic", record.topic),
        _text(f"{prefix}partition", record.partition),
        _text(f"{prefix}offset", record.offset),
        _text(f"{prefix}stage", "VALUE_CONVERTER"),
        _text(f"{prefix}exception.message", provenance.reason),
    )


def _streams(record: Record, provenance: Provenance) -> tuple[Header, ...]:
    prefix = "__streams.errors."
    return (
        _text(f"{prefix}message", provenance.reason),
        _text(f"{prefix}topic", record.topic),
        _text(f"{prefix}partition", record.partition),
        _text(f"{prefix}offset", record.offset),
    )


def _spring_headers(record: Record, provenance: Provenance) -> tuple[Header, ...]:
    prefix = "kafka_dlt-"
    headers = [
        _text(f"{prefix}original-topic", record.topic),
        Header(f"{prefix}original-partition", record.partition.to_bytes(4, "big", signed=True)),
        Header(f"{prefix}original-offset", record.offset.to_bytes(8, "big", signed=True)),
    ]
    if record.timestamp_ms is not None:
        headers.append(Header(f"{prefix}original-timestamp", record.timestamp_ms.to_bytes(8, "big", signed=True)))
    headers.append(_text(f"{prefix}original-timestamp-type", record.timestamp_type))
    headers.extend(_text(f"{prefix}original-consumer-group", group) for group in provenance.groups)
    headers.append(_text(f"{prefix}exception-message", provenance.reason))
    return tuple(headers)


_WRITERS = {
    Dialect.KAFKA: _kafka,
    Dialect.CONNECT: _connect,
    Dialect.SPRING: _spring_headers,
    Dialect.STREAMS: _streams,
}
