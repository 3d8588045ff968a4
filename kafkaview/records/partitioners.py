"""Which partition a producer sends a key to: murmur2 as Java's clients do it, CRC32 as librdkafka does."""

from __future__ import annotations

from enum import StrEnum
from zlib import crc32

_MASK = 0xFFFFFFFF
_SEED = 0x9747B28C
_M = 0x5BD1E995


class Partitioner(StrEnum):
    """A producer's way to choose the partition of a key."""

    MURMUR2 = "murmur2"  # Java's default; librdkafka's murmur2_random
    CRC32 = "crc32"  # librdkafka's default, consistent_random

    @property
    def clients(self) -> str:
        """Whose default it is."""
        return "Java clients" if self is Partitioner.MURMUR2 else "librdkafka"

    def choose(self, key: bytes, partitions: int) -> int:
        """Returns the partition of a key that is neither null nor, for librdkafka, empty."""
        hashed = murmur2(key) & 0x7FFFFFFF if self is Partitioner.MURMUR2 else crc32(key)
        return hashed % partitions


def murmur2(data: bytes) -> int:
    """Returns the hash of org.apache.kafka.common.utils.Utils.murmur2, as an unsigned number of 32 bits."""
    length = len(data)
    h = _SEED ^ length
    for at in range(0, length - length % 4, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    rest = data[length - length % 4 :]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15
