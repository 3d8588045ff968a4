"""Transactions that nobody will ever end, made for real."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from confluent_kafka import Producer

from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.demo.hanging import orphan_request
from kafkaview.terms import TopicPartition

QUIET: Final = {"log_level": 0, "transaction.timeout.ms": 5_000}


async def orphan(cluster: KafkaCluster, where: TopicPartition, producer_id: int, *, written_ms: int = 0) -> None:
    """Begin a transaction on one partition, of which no coordinator ever hears."""
    written_ms = written_ms or time.time_ns() // 1_000_000
    request = orphan_request(where.topic, where.partition, producer_id, written_ms, b"k", b"orphaned")
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
