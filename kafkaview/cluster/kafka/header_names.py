"""The names of records' headers as their log has them; librdkafka cuts a name at its first NUL without an error."""

from __future__ import annotations

import asyncio
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Final

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


async def header_names(wire: BrokerRequests, records: Collection[RecordId]) -> dict[RecordId, tuple[str, ...] | None]:
    """Returns the names of the headers of records; None where a batch cannot be read, or a name in it is not UTF-8. One
    answer of a leader has the batches of many that lie near each other.
    """
    found: dict[RecordId, tuple[str, ...] | None] = {}
    for place, own in groupby(sorted(records), key=attrgetter("topic_partition")):
        rest = deque(one.offset for one in own)
        while rest:
            first = RecordId(place.topic, place.partition, rest[0])
            data, _ = await fetch_batches(wire, first, f"reading the headers of {first}")
            names, end = await asyncio.to_thread(_names_within, data, tuple(rest))
            while rest and (rest[0] < end or rest[0] == first.offset):  # the first is never asked twice
                offset = rest.popleft()
                found[replace(first, offset=offset)] = names.get(offset)
    return found


def _names_within(data: bytes, offsets: Sequence[int]) -> tuple[dict[int, tuple[str, ...]], int]:
    """Returns the header names of the records at these offsets, given in order, and the offset behind the last batch
    that could be read. Batches without such a record are not unpacked.
    """
    names: dict[int, tuple[str, ...]] = {}
    wanted, end = frozenset(offsets), 0
    try:
        batches = MemoryRecords(data)
        while (batch := batches.next_batch()) is not None:
            behind = getattr(batch, "next_offset", None)  # a batch of an old release does not say it
            if behind is not None and bisect_left(offsets, batch.base_offset) == bisect_left(offsets, behind):
                end = behind
                continue
            for record in batch:
                end = record.offset + 1
                if record.offset in wanted:
                    names[record.offset] = tuple(name for name, _ in record.headers)
            end = behind or end
    except (*DAMAGE, *_OF_CODECS):
        pass
    return names, end
