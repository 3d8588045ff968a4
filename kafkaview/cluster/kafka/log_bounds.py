"""ListOffsets (2) read into columns: one request per leader and log end."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.kafka.metadata import numbers_of
from kafkaview.cluster.kafka.raw_requests import (
    RawAnswer,
    RawRequest,
    read_count,
    read_string,
    read_text,
    skip_tags,
    write_count,
    write_string,
)
from kafkaview.cluster.ports.columns import Ints, Longs, PartitionTable

LATEST: Final = -1
EARLIEST: Final = -2
_KEY: Final = 2
_VERSIONS: Final = (2, 7)
_FLEXIBLE: Final = 6
_WITH_EPOCH: Final = 4
_HEAD: Final = struct.Struct(">ib")  # replica id, isolation level
_CONSUMER: Final = -1
_NO_EPOCH: Final = -1


@dataclass(frozen=True, slots=True)
class Offsets:
    """The answer of one leader, in the leader's order; a row whose `errors` is not 0 has no offset."""

    places: Ints
    errors: NDArray[np.int16]
    offsets: Longs


def bounds_request(table: PartitionTable, places: Ints, at: int, *, committed: bool) -> RawRequest:
    """Returns the request for the first offset, the next one (LATEST), or the first at or after a time. The places are
    in ascending order. With `committed`, LATEST is the last stable offset.
    """

    def body(version: int) -> bytes:
        return _HEAD.pack(_CONSUMER, int(committed)) + _topics(table, places, at, version)

    return RawRequest("ListOffsets", _KEY, body, versions=_VERSIONS, flexible=_FLEXIBLE)


def _topics(table: PartitionTable, places: Ints, at: int, version: int) -> bytes:
    flexible = version >= _FLEXIBLE
    topics, numbers = numbers_of(table, places)
    asked = _request_type(version)
    rows = np.zeros(len(places), asked)
    rows["number"] = numbers
    rows["at"] = at
    if "epoch" in (asked.names or ()):
        rows["epoch"] = _NO_EPOCH
    written = memoryview(rows.tobytes())
    starts = np.flatnonzero(np.diff(topics, prepend=-1))
    ends = np.append(starts[1:], len(places))
    parts: list[bytes | memoryview] = [write_count(len(starts), flexible=flexible)]
    tags = b"\0" if flexible else b""
    for start, end, topic in zip(starts.tolist(), ends.tolist(), topics[starts].tolist(), strict=True):
        parts += (
            write_string(table.topics[topic].encode(), flexible=flexible),
            write_count(end - start, flexible=flexible),
            written[start * asked.itemsize : end * asked.itemsize],
            tags,
        )
    parts.append(tags)
    return b"".join(parts)


def _request_type(version: int) -> np.dtype[np.void]:
    fields = [("number", ">i4"), ("epoch", ">i4"), ("at", ">i8"), ("tags", "u1")]
    return np.dtype([f for f in fields if _has(f[0], version)])


def _row_type(version: int) -> np.dtype[np.void]:
    fields = [("number", ">i4"), ("error", ">i2"), ("time", ">i8"), ("offset", ">i8"), ("epoch", ">i4"), ("tags", "u1")]
    return np.dtype([f for f in fields if _has(f[0], version)])


def _has(field: str, version: int) -> bool:
    return version >= {"epoch": _WITH_EPOCH, "tags": _FLEXIBLE}.get(field, 0)


def read_bounds(answer: RawAnswer, table: PartitionTable) -> Offsets:
    """Returns the offsets of an answer for the places of a table. Partitions that the table lacks, and all after
    damage, are left out.
    """
    row = _row_type(answer.version)
    topics, counts, begins = [], [], []
    with suppress(*DAMAGE):
        for topic, count, begin in _topics_of(answer, table, row.itemsize):
            topics.append(topic)
            counts.append(count)
            begins.append(begin)
    of_topic = np.array(counts, np.int64)
    total = int(of_topic.sum())
    within = np.arange(total) - np.repeat(np.cumsum(of_topic) - of_topic, of_topic)
    begin_of_row = np.repeat(np.array(begins, np.int64), of_topic) + within * row.itemsize
    octets = np.frombuffer(answer.data, np.uint8)
    rows = octets[begin_of_row[:, None] + np.arange(row.itemsize)].view(row).reshape(total)
    numbers = rows["number"].astype(np.int32)
    topic_of_row = np.repeat(np.array(topics, np.int32), of_topic)
    first = table.first[topic_of_row]
    known = (numbers >= 0) & (numbers < table.first[topic_of_row + 1] - first)
    return Offsets(
        (first + numbers)[known], rows["error"][known].astype(np.int16), rows["offset"][known].astype(np.int64)
    )


def _topics_of(answer: RawAnswer, table: PartitionTable, size: int) -> Iterator[tuple[int, int, int]]:
    """Yields each topic that the table has: its index, number of rows and where the rows begin."""
    data, flexible = answer.data, answer.version >= _FLEXIBLE
    index = table.index
    count, at = read_count(data, answer.start + 4, flexible=flexible)
    for _ in range(count):
        name, at = read_string(data, at, flexible=flexible)
        topic = index.get(read_text(name))
        rows, at = read_count(data, at, flexible=flexible)
        if at + rows * size > len(data):
            raise ValueError(f"{rows} rows are longer than the answer")
        if topic is not None and rows:
            yield topic, rows, at
        at += rows * size
        if flexible:
            at = skip_tags(data, at)
