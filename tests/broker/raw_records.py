"""Records that no client library would send, as a batch of bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from kafka.protocol.producer import ProduceRequest  # type: ignore[import-untyped]
from kafka.record.default_records import DefaultRecordBatchBuilder  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.cluster import KafkaCluster

_LAST_BY_NAME: Final = 11


class _Name:
    """The name of a header as its bytes, in the place where kafka-python has text."""

    def __init__(self, name: bytes) -> None:
        self._name = name

    def encode(self, _encoding: str) -> bytes:
        return self._name


async def produce_raw(
    cluster: KafkaCluster, topic: str, value: bytes, headers: Sequence[tuple[bytes, bytes | None]], codec: int = 0
) -> int:
    """Writes one record to partition 0, packed by a codec, its header names byte for byte; returns its offset."""
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=65_536,
    )
    batch.append(0, time.time_ns() // 1_000_000, b"k", value, [(_Name(name), data) for name, data in headers])
    of_topic = ProduceRequest.TopicProduceData
    data = of_topic.PartitionProduceData(index=0, records=bytes(batch.build()))
    request = ProduceRequest(
        transactional_id=None,
        acks=-1,
        timeout_ms=5_000,
        topic_data=[of_topic(name=topic, partition_data=[data])],
        max_version=_LAST_BY_NAME,
    )
    leader = (await cluster.topic(topic)).partitions[0].leader
    assert leader is not None
    answer = await cluster._wire.send(request, leader, "writing a record")
    (partition,) = answer.responses[0].partition_responses
    assert partition.error_code == 0, partition
    return int(partition.base_offset)
