"""The copy of a record in a dead letter queue: its place, and the headers that explain it. Does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Header, Record
from kafkaview.triage.provenance_headers import Dialect, Provenance, provenance_headers
from kafkaview.words import number
from kafkaview.writes.topic_limits import TopicLimits, batch_size, record_parts

_LONGEST_CHARACTER: Final = 4  # bytes in UTF-8
_HEADER_AROUND: Final = 64  # bytes at most, for the lengths of a header and the name of one of a dialect
_MOST_AROUND: Final = 2_048  # bytes at most, for the head of a batch, lengths, and what a dialect says of each record


def make_copy(dlq: str, partitions: int, record: Record, added: Sequence[Header]) -> Copy:
    """Returns the copy of a record whose headers are known, for a queue of so many partitions."""
    assert record.headers is not None, "a plan with such a record has a problem"
    return Copy(
        topic=dlq,
        partition=record.partition % partitions,  # as the broker's own share-group queue does (KIP-1191)
        key=record.key,
        value=record.value,
        headers=(*record.headers, *added),
        timestamp_ms=record.timestamp_ms or None,  # librdkafka takes 0 for "now"; the header keeps it then
    )


def fit_headers(limits: TopicLimits, dialect: Dialect, record: Record, provenance: Provenance) -> tuple[Header, ...]:
    """Returns the headers to be added to a copy. If with them it is too large for the queue, the reason, which may be a
    stack trace, is cut, and says so; nothing of the record itself ever is.
    """
    added = provenance_headers(dialect, record, provenance)
    if limits.largest is None or _most_bytes(record, provenance) <= limits.largest:
        return added
    headers = (*(record.headers or ()), *added)
    whole, parts = batch_size(record.key, record.value, headers), record_parts(record.key, record.value, headers)
    if not limits.is_too_large(parts, whole - sum(map(len, parts))):
        return added
    shorter = _cut(provenance.reason, whole - limits.largest)
    return provenance_headers(dialect, record, replace(provenance, reason=shorter))


def _most_bytes(record: Record, provenance: Provenance) -> int:
    """Returns what a batch with this one copy has at most, at a fraction of what `batch_size` takes to count it."""
    size = len(record.key or b"") + len(record.value or b"") + _MOST_AROUND
    for header in record.headers or ():
        size += _LONGEST_CHARACTER * len(header.key) + len(header.value or b"") + _HEADER_AROUND
    for group in provenance.groups:
        size += _LONGEST_CHARACTER * len(group) + _HEADER_AROUND
    return size + _LONGEST_CHARACTER * len(provenance.reason)


def _cut(reason: str, over: int) -> str:
    """Returns a reason that is at least `over` bytes shorter, or has nothing left but that it was cut."""
    data = reason.encode(errors="backslashreplace")
    mark = f"… (cut, it had {number(len(data))} bytes)"
    room = len(data) - over - len(mark.encode())
    if room <= 0:
        return mark if len(mark.encode()) < len(data) else reason
    return f"{data[:room].decode(errors='ignore')}{mark}"
