"""The fake, Kafka 4.4 (KRaft) and Kafka 3.9 (ZooKeeper), each as a world under the same contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from kafkaview.demo.kafka import EmbeddedKafka
from tests.contract.world import FakeWorld, KafkaWorld, World
from tests.contract.zookeeper import zookeeper_kafka


@pytest.fixture(scope="package")
def kraft() -> Iterator[str]:
    with EmbeddedKafka() as kafka:
        yield kafka.bootstrap


@pytest.fixture(scope="package")
def zookeeper() -> Iterator[str]:
    with zookeeper_kafka() as bootstrap:
        yield bootstrap


@pytest.fixture(params=["fake", "kraft", "zookeeper"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    world = FakeWorld() if request.param == "fake" else KafkaWorld(request.getfixturevalue(request.param))
    yield world
    await world.cluster.close()
