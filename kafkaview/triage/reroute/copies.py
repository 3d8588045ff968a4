"""The copy of a record in a dead letter queue: its place, and the headers that explain it. Does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Header, Record
from kafkaview.triage.reroute.dialects import Dialect, Provenance, provenance_headers
from kafkaview.words import number
from kafkaview.writes.topic_limits import TopicLimits, batch_size, record_parts


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
    headers = (*(record.headers or ()), *added)
    whole, parts = batch_size(record.key, record.value, headers), record_parts(record.key, record.value, headers)
    if limits.largest is None or not limits.is_too_large(parts, whole - sum(map(len, parts))):
        return added
    shorter = _cut(provenance.reason, whole - limits.largest)
    return provenance_headers(dialect, record, replace(provenance, reason=shorter))


def _cut(reason: str, over: int) -> str:
    """Returns a reason that is at least `over` bytes shorter, or has nothing left but that it was cut."""
    data = reason.encode()
    mark = f"… (cut, it had {number(len(data))} bytes)"
    room = len(data) - over - len(mark.encode())
    if room <= 0:
        return mark if len(mark.encode()) < len(data) else reason
    return f"{data[:room].decode(errors='ignore')}{mark}"
