"""The log directories of every broker, with the size and free space of their volumes (KIP-827)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from kafka.protocol.admin import DescribeLogDirsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import rows_of, text_of
from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.kafka.refusals import DESCRIBE, check, words_of
from kafkaview.cluster.kafka.requests import ANSWER_SECONDS, BrokerRequests
from kafkaview.cluster.ports.brokers import LogDirectory
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.terms import TopicPartition


async def log_directories(wire: BrokerRequests) -> Mapping[int, tuple[LogDirectory, ...] | ClusterError]:
    """Returns the log directories by broker, or why they are unknown."""
    brokers = await wire.broker_ids()
    return dict(zip(brokers, await asyncio.gather(*(_ask_broker(wire, broker) for broker in brokers)), strict=True))


async def _ask_broker(wire: BrokerRequests, broker: int) -> tuple[LogDirectory, ...] | ClusterError:
    try:
        return await _directories_of(wire, broker)
    except ClusterError as error:
        return error


async def _directories_of(wire: BrokerRequests, broker: int) -> tuple[LogDirectory, ...]:
    doing = f"reading the log directories of broker {broker}"
    answer = await wire.send_aside(DescribeLogDirsRequest(topics=None), broker, doing, ANSWER_SECONDS)
    check(getattr(answer, "error_code", 0) or 0, doing, DESCRIBE)
    if not answer.results:  # what brokers before version 3 of the request say to those who lack the right
        raise NotAuthorized(f"{doing}: it tells of none", f"Ask for the right {DESCRIBE}.")
    return tuple(sorted(map(_directory, answer.results), key=lambda directory: directory.path))


def _directory(row: Any) -> LogDirectory:
    return LogDirectory(
        text_of(row.log_dir),
        none_if_negative(row.total_bytes),
        none_if_negative(row.usable_bytes),
        {
            TopicPartition(text_of(topic.name), partition.partition_index): partition.partition_size
            for topic in rows_of(row.topics)
            for partition in rows_of(topic.partitions)
            if not partition.is_future_key
        },
        words_of(row.error_code, None) if row.error_code else None,
    )
