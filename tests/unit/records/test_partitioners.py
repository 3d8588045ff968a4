"""Partitioners by the values of Kafka's own tests (org.apache.kafka.common.utils.UtilsTest) and of librdkafka's."""

from __future__ import annotations

import pytest

from kafkaview.records.partitioners import Partitioner, murmur2


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_that_of_java(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed % 2**32


def test_the_sign_of_java_is_cleared_before_the_remainder() -> None:
    assert Partitioner.MURMUR2.choose(b"21", 6) == (-973932308 & 0x7FFFFFFF) % 6


def test_librdkafka_takes_the_crc32() -> None:
    assert Partitioner.CRC32.choose(b"123456789", 2**32) == 0xCBF43926
