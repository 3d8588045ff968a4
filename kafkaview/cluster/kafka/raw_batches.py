"""Record batches as the leader sends them, fetched without librdkafka: their bytes, and the offset of
the next batch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from kafka.protocol.consumer import FetchRequest  # type: ignore[import-untyped]
from kafka.record.util import calc_crc32c  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading
from kafkaview.cluster.errors import CorruptBatch, UnknownTopicOrPartition
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.topics import one_topic
from kafkaview.cluster.leaders import leaderless
from kafkaview.cluster.ports.cluster import BatchHead
from kafkaview.terms import RecordId

_BY_NAME: Final = 12  # the last version that names topics by their names
_MOST_BYTES: Final = 1_048_576  # of one answer; a batch that is larger comes whole
_HEAD: Final = struct.Struct(">qiibIhi")  # base offset, length, leader epoch, magic, CRC, attributes, last offset delta
_BEFORE_LENGTH: Final = 12  # bytes that the length of a batch does not count
_MAGIC: Final = 2
_OLD_MAGICS: Final = (0, 1)
# What follows in the head: first and largest timestamp, producer id and epoch, first sequence, count of records.
_TAIL: Final = struct.Struct(">qqqhii")
_CODECS: Final = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_CODEC_BITS, _TRANSACTIONAL, _CONTROL = 0x07, 0x10, 0x20  # of the attributes
_HEADS_BYTES: Final = 131_072  # of one answer that is read for its heads
_CHECKED_FROM: Final = 21  # the checksum covers what is behind it


async def fetch_batches(
    wire: BrokerRequests, where: RecordId, doing: str, most_bytes: int = _MOST_BYTES
) -> tuple[bytes, int]:
    """Returns the batches from the one that holds an offset on, the last one perhaps cut, and the high watermark."""
    topic = await one_topic(wire, where.topic)
    known = next((one for one in topic.partitions if one.partition == where.partition), None)
    if known is None:
        raise UnknownTopicOrPartition(f"{doing}: there is no partition {where.topic_partition}")
    if known.leader is None:
        raise leaderless(known)
    answer = await wire.send(_request(where, most_bytes), known.leader, doing)
    with reading(doing):
        partition = answer.responses[0].partitions[0]
    if partition.error_code:
        raise response_error(partition.error_code, doing)
    return bytes(partition.records or b""), partition.high_watermark


async def next_batch(wire: BrokerRequests, where: RecordId) -> int | None:
    """Returns where the batch behind the one of an offset begins; None where no header of them can be believed. A
    batch's own count of offsets is part of what may be damaged, so the next batch is asked first.
    """
    doing = f"looking for the batch behind {where}"
    data, end = await fetch_batches(wire, where, doing)
    if len(data) < _HEAD.size:
        return None
    _, length, *_ = _HEAD.unpack_from(data)
    if len(data) < (needed := _BEFORE_LENGTH + length + _HEAD.size) <= len(data) + 2 * _HEAD.size:
        data, end = await fetch_batches(wire, where, doing, needed)
    behind = next((offset for offset in _ends(data, where.offset) if where.offset < offset <= end), None)
    if behind is None or behind == end:
        return behind
    data, _ = await fetch_batches(wire, replace(where, offset=behind), doing)
    return behind if len(data) >= _HEAD.size else None  # the broker may not find it behind a damaged length


async def is_batch_sound(wire: BrokerRequests, where: RecordId) -> bool:
    """Returns whether the batch of an offset is whole: it is all there by its own length, and has its own checksum. No
    client reads one that is not, and librdkafka waits without a word for one whose length is damaged.
    """
    doing = f"looking at the batch of {where}"
    try:
        data, end = await fetch_batches(wire, where, doing)
    except CorruptBatch:  # the broker itself cannot read it
        return False
    if where.offset >= end:
        return True
    if len(data) < _HEAD.size:
        return False
    base, length, _, magic, checksum, _, last = _HEAD.unpack_from(data)
    whole = data[: _BEFORE_LENGTH + length] if 0 < length <= len(data) - _BEFORE_LENGTH else b""
    if magic != _MAGIC:
        return magic in _OLD_MAGICS  # one of an old release, whose checksum lies elsewhere
    return len(whole) > _HEAD.size and base + last >= where.offset and calc_crc32c(whole[_CHECKED_FROM:]) == checksum


async def batch_heads(wire: BrokerRequests, where: RecordId) -> tuple[BatchHead, ...]:
    """Returns the heads of the batches in one answer, from the one that holds an offset on; the last may be cut."""
    data, _ = await fetch_batches(wire, where, f"looking at the batches from {where} on", _HEADS_BYTES)
    return tuple(_heads(data))


def _heads(data: bytes) -> Iterator[BatchHead]:
    at = 0
    while len(data) >= at + _HEAD.size + _TAIL.size:
        base, length, _, magic, _, attributes, last = _HEAD.unpack_from(data, at)
        *_, count = _TAIL.unpack_from(data, at + _HEAD.size)
        codec = _CODECS.get(attributes & _CODEC_BITS)
        if magic != _MAGIC or length <= 0 or codec is None or not 0 <= count <= last + 1:
            return
        control, transactional = bool(attributes & _CONTROL), bool(attributes & _TRANSACTIONAL)
        yield BatchHead(base, codec, count, _BEFORE_LENGTH + length, control, transactional)
        at += _BEFORE_LENGTH + length


def _ends(data: bytes, offset: int) -> Iterator[int]:
    """Yields where the batch of an offset may end: the next base offset behind it, then by its own count."""
    at, counted = 0, offset
    while len(data) >= at + _HEAD.size:
        base, length, _, magic, _, _, last = _HEAD.unpack_from(data, at)
        if at and magic != _MAGIC:
            break
        if base > offset:
            yield base
            break
        at, counted = at + _BEFORE_LENGTH + length, base + last + 1
        if length < 0:
            break
    yield counted


def _request(where: RecordId, most_bytes: int) -> Any:
    of_topic = FetchRequest.FetchTopic
    partition = of_topic.FetchPartition(
        partition=where.partition, fetch_offset=where.offset, partition_max_bytes=most_bytes
    )
    return FetchRequest(
        max_wait_ms=100,
        min_bytes=1,
        max_bytes=most_bytes,
        isolation_level=0,
        session_id=0,
        session_epoch=-1,
        topics=[of_topic(topic=where.topic, partitions=[partition])],
        forgotten_topics_data=[],
        rack_id="",
        min_version=4,
        max_version=_BY_NAME,
    )
