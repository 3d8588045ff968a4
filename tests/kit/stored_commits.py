"""What a coordinator stores of commits, in the log of a fake cluster."""

from __future__ import annotations

import struct
from typing import Final

from kafkaview.terms import TopicPartition
from tests.kit.fake_cluster import FakeCluster

LOG: Final = "__consumer_offsets"


def store_commit(cluster: FakeCluster, group: str, place: TopicPartition, offset: int, at_ms: int) -> None:
    """One commit as Kafka 3.9 stores it: OffsetCommitKey and OffsetCommitValue of version 3."""
    key = struct.pack(">h", 1) + _text(group) + _text(place.topic) + struct.pack(">i", place.partition)
    value = struct.pack(">hqi", 3, offset, 0) + _text("") + struct.pack(">q", at_ms)
    cluster.add_record(LOG, value, key=key, timestamp_ms=at_ms)


def _text(word: str) -> bytes:
    return struct.pack(">h", len(word)) + word.encode()
