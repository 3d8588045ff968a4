"""The names of a record's headers as its log has them; librdkafka cuts a name at its first NUL without an error."""

from __future__ import annotations

import zlib
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
import snappy  # type: ignore[import-untyped]
import zstandard
from kafka.record import MemoryRecords  # type: ignore[import-untyped]

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.kafka.raw_batches import fetch_batches
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.terms import RecordId

# What the codecs raise: gzip's three, and RuntimeError of lz4.
_OF_CODECS: Final = (
    wire_errors.KafkaError,
    snappy.UncompressError,
    zstandard.ZstdError,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
)


async def header_names(wire: BrokerRequests, where: RecordId) -> tuple[str, ...] | None:
    """Returns the names of a record's headers; None where its batch cannot be read, or a name in it is not UTF-8."""
    data, _ = await fetch_batches(wire, where, f"reading the headers of {where}")
    try:
        return _names_of(MemoryRecords(data), where.offset)
    except (*DAMAGE, *_OF_CODECS):
        return None


def _names_of(records: Any, offset: int) -> tuple[str, ...] | None:
    while (batch := records.next_batch()) is not None:
        for record in batch:
            if record.offset == offset:
                return tuple(name for name, _ in record.headers)
    return None
