"""Transactions that nobody will ever end, made for real.

Since Kafka 3.6 a leader asks the coordinator whether it knows of a transaction before it takes its first record
(KIP-890). With `transaction.partition.verification.enable=false` on the broker it takes a batch that merely says that
it is transactional: what older brokers did when a producer's batch came late.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from confluent_kafka import Producer
from kafka.protocol.producer import ProduceRequest  # type: ignore[import-untyped]
from kafka.record.default_records import DefaultRecordBatchBuilder  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.terms import TopicPartition

UNVERIFIED: Final = {"transaction.partition.verification.enable": "false"}
QUIET: Final = {"log_level": 0, "transaction.timeout.ms": 5_000}
_LAST_BY_NAME: Final = 11  # from version 12 on the leader adds the partition to the transaction by itself (KIP-890)


async def orphan(cluster: KafkaCluster, where: TopicPartition, producer_id: int, *, written_ms: int = 0) -> None:
    """Begin a transaction on one partition, of which no coordinator ever hears."""
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=True,
        producer_id=producer_id,
        producer_epoch=0,
        base_sequence=0,
        batch_size=4096,
    )
    batch.append(0, written_ms or time.time_ns() // 1_000_000, b"k", b"orphaned", [])
    of_topic = ProduceRequest.TopicProduceData
    data = of_topic.PartitionProduceData(index=where.partition, records=bytes(batch.build()))
    request = ProduceRequest(
        transactional_id="orphan",
        acks=-1,
        timeout_ms=5_000,
        topic_data=[of_topic(name=where.topic, partition_data=[data])],
        max_version=_LAST_BY_NAME,
    )
    leader = next(
        one.leader for one in (await cluster.topic(where.topic)).partitions if one.partition == where.partition
    )
    assert leader is not None
    answer = await cluster._wire.send(request, leader, "orphaning a transaction")
    (partition,) = answer.responses[0].partition_responses
    assert partition.error_code == 0, partition


async def producer_of(cluster: KafkaCluster, bootstrap: str, transactional_id: str) -> int:
    """The producer id that its coordinator gives a transactional id, without a transaction."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": transactional_id, **QUIET})
    await asyncio.to_thread(producer.init_transactions, 20)
    transaction = await cluster.transactions.describe(transactional_id)
    assert transaction is not None
    return transaction.producer_id
