"""Connections are replaced, as Refresh does: nobody who waits for an answer loses it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from kafka.protocol.consumer import FetchRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.cluster import KafkaCluster, open_cluster
from kafkaview.profiles.profile import ConnectionProfile
from tests.broker.material import Broker, wait_until

_HELD_MS = 1_200


def held(topic: str, milliseconds: int = _HELD_MS) -> Any:
    """A request whose answer the broker holds back for a while: there is nothing to read."""
    of_topic = FetchRequest.FetchTopic
    partition = of_topic.FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1_000)
    return FetchRequest(
        max_wait_ms=milliseconds,
        min_bytes=1,
        max_bytes=1_000,
        isolation_level=0,
        session_id=0,
        session_epoch=-1,
        topics=[of_topic(topic=topic, partitions=[partition])],
        forgotten_topics_data=[],
        rack_id="",
        min_version=4,
        max_version=12,
    )


def old_ones() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "old-connections"]


async def test_a_request_that_is_under_way_gets_its_answer(broker: Broker) -> None:
    topic = broker.topic()
    cluster = open_cluster(ConnectionProfile("test", broker.bootstrap))
    assert isinstance(cluster, KafkaCluster)
    try:
        (one,) = (await cluster.topic(topic)).partitions
        assert one.leader is not None
        waiting = asyncio.ensure_future(cluster._wire.send(held(topic), one.leader, "waiting"))
        await asyncio.sleep(_HELD_MS / 4_000)
        await cluster.renew()
        assert (await cluster.topic(topic)).name == topic, "others go on at once, on new connections"
        assert not waiting.done()
        assert old_ones()
        answer = await waiting
        assert answer.responses[0].partitions[0].error_code == 0
        await asyncio.to_thread(wait_until, lambda: not old_ones())
    finally:
        await cluster.close()


async def test_what_is_under_way_ends_with_the_cluster(broker: Broker) -> None:
    topic = broker.topic()
    cluster = open_cluster(ConnectionProfile("test", broker.bootstrap))
    assert isinstance(cluster, KafkaCluster)
    (one,) = (await cluster.topic(topic)).partitions
    assert one.leader is not None
    waiting = asyncio.ensure_future(cluster._wire.send(held(topic, 12_000), one.leader, "waiting"))
    await asyncio.sleep(_HELD_MS / 4_000)
    await cluster.renew()
    assert old_ones()
    began = time.monotonic()
    await cluster.close()
    with pytest.raises(ClusterError):
        await waiting
    await asyncio.to_thread(wait_until, lambda: not old_ones())
    assert time.monotonic() - began < 10, "it does not wait for the answer"
