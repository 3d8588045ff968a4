"""Damaged record batches through each reader of raw ones, of every codec: bits that flip, ends that are missing,
lengths that lie. `make soak` sends 100,000.
"""

from __future__ import annotations

import random
import struct

import pytest
from kafka.record import MemoryRecordsBuilder  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.header_names import header_names
from kafkaview.cluster.kafka.raw_batches import batch_heads, is_batch_sound, next_batch
from kafkaview.terms import RecordId
from tests.kit.damaged_answers import DamagingWire, Sample, damage_bytes
from tests.unit.cluster.test_damaged_answers import TOPICS, VALUES, as_wire

FEW, MANY = 10, 100_000
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
HEADERS = [("a", b"1"), ("a\0b", None)]
END = 9  # the high watermark
_LENGTH_AT, _RECORDS_AT = 8, 61


def batches(codec: int) -> bytes:
    """Two batches of two records each."""
    found = b""
    for base in (0, 2):
        builder = MemoryRecordsBuilder(magic=2, compression_type=codec, batch_size=1_000)
        for _ in range(2):
            builder.append(timestamp=1, key=b"k" * 30, value=b"v" * 30, headers=HEADERS)
        builder.close()
        found += struct.pack(">q", base) + bytes(builder.buffer())[8:]
    return found


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Damage anywhere, in the packed records alone, or in the length."""
    kind = chance.randrange(3)
    if kind == 0:
        return damage_bytes(chance, data)
    if kind == 1:
        return data[:_RECORDS_AT] + damage_bytes(chance, data[_RECORDS_AT:])
    length = struct.pack(">i", chance.choice((-1, 0, 1, 48, 49, 2**31 - 1, -(2**31), chance.randrange(400))))
    return data[:_LENGTH_AT] + length + data[_LENGTH_AT + 4 :]


def wire_with(data: bytes) -> DamagingWire:
    """A leader that has these bytes."""
    wire = DamagingWire(Sample(VALUES), 0)
    wire.of = "Fetch"

    def give(answer: object) -> None:
        partition = answer.responses[0].partitions[0]  # type: ignore[attr-defined]
        partition.records, partition.high_watermark = data, END

    wire.fields = give
    return wire


@pytest.mark.parametrize("codec", CODECS)
async def test_each_codec_is_read(codec: str) -> None:
    wire = as_wire(wire_with(batches(CODECS[codec])))
    record = RecordId(TOPICS[0], 0, 3)
    assert await header_names(wire, [record]) == {record: ("a", "a\0b")}
    assert [await next_batch(wire, RecordId(TOPICS[0], 0, offset)) for offset in range(5)] == [2, 2, 4, 4, None]
    assert await is_batch_sound(wire, RecordId(TOPICS[0], 0, 0))
    heads = await batch_heads(wire, RecordId(TOPICS[0], 0, 0))
    assert [(head.first, head.codec, head.records) for head in heads] == [(0, codec, 2), (2, codec, 2)]
    assert not any(head.control for head in heads)
    assert sum(head.size for head in heads) == len(batches(CODECS[codec]))


@pytest.mark.parametrize("at", [*range(8, 12), *range(17, 40), 61, -1])
async def test_a_batch_with_a_changed_byte_is_not_sound(at: int) -> None:
    """Of its head only the base offset and the leader's epoch are not covered by the length and the checksum."""
    data = bytearray(batches(CODECS["none"]))
    length = int.from_bytes(data[8:12], "big")
    data[at if at >= 0 else 11 + length] ^= 0x01
    assert not await is_batch_sound(as_wire(wire_with(bytes(data))), RecordId(TOPICS[0], 0, 0))


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY // len(CODECS), marks=pytest.mark.soak)])
@pytest.mark.parametrize("codec", CODECS)
async def test_a_damaged_batch_is_unknown_or_a_failure_of_ours(codec: str, count: int) -> None:
    chance, sound = random.Random(f"{codec} {count}"), batches(CODECS[codec])
    for _ in range(count):
        wire = as_wire(wire_with(damaged(chance, sound)))
        where = RecordId(TOPICS[0], 0, chance.randrange(5))
        try:
            names = (await header_names(wire, [where]))[where]
            behind = await next_batch(wire, where)
            assert await is_batch_sound(wire, where) in (True, False)
            assert all(head.size > 0 and head.records >= 0 for head in await batch_heads(wire, where))
        except ClusterError:
            continue
        assert names is None or all(isinstance(name, str) for name in names)
        assert behind is None or where.offset < behind <= END
