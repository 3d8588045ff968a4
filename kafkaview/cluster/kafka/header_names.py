"""The names of a record's headers as its log has them: librdkafka ends a name at its first NUL and says nothing."""

from __future__ import annotations

from typing import Any

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from kafka.record import MemoryRecords  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.raw_batches import fetch_batches
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.terms import RecordId


async def header_names(wire: BrokerRequests, where: RecordId) -> tuple[str, ...] | None:
    """Returns the names of a record's headers, None where its batch is packed as librdkafka alone unpacks it."""
    data, _ = await fetch_batches(wire, where, f"reading the headers of {where}")
    try:
        return _names_of(MemoryRecords(data), where.offset)
    except (wire_errors.UnsupportedCodecError, wire_errors.CorruptRecordError, ValueError):
        return None  # of another codec, or beside a name that is not UTF-8


def _names_of(records: Any, offset: int) -> tuple[str, ...] | None:
    while (batch := records.next_batch()) is not None:
        for record in batch:
            if record.offset == offset:
                return tuple(name for name, _ in record.headers)
    return None
