"""A cluster under the contract, and what a test does to it past the port."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient

from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import GroupType, Header, TopicPartition
from tests.kit.fake_cluster import FakeCluster, FakeMember


class World(Protocol):
    """The fake or a real broker."""

    cluster: Cluster

    async def topic(self, partitions: int = 1, **settings: str) -> str:
        """A new topic."""
        ...

    async def put(self, topic: str, values: Sequence[bytes | None], partition: int = 0) -> None:
        """Produce records without key, each with the header n=1."""
        ...

    async def commit(self, group: str, partition: TopicPartition, offset: int) -> None:
        """Commit for a group without members."""
        ...

    async def purge(self, partition: TopicPartition, first: int) -> None:
        """Remove what lies before an offset."""
        ...

    def open_transaction(self, partition: TopicPartition) -> AbstractAsyncContextManager[None]:
        """One record in a transaction that stays open while the block runs, and aborts."""
        ...

    def member(self, group: str, topic: str, kind: GroupType) -> AbstractAsyncContextManager[None]:
        """A live member that owns partition 0 of the topic and commits nothing. One that is removed rejoins."""
        ...


def _dotted(settings: Mapping[str, str]) -> dict[str, str]:
    return {key.replace("_", "."): value for key, value in settings.items()}


class FakeWorld:
    """The fake, whose consumers tick by themselves here."""

    def __init__(self) -> None:
        self.fake = FakeCluster()
        self.cluster: Cluster = self.fake

    async def topic(self, partitions: int = 1, **settings: str) -> str:
        name = f"t-{uuid.uuid4().hex[:8]}"
        self.fake.add_topic(name, partitions, settings=_dotted(settings))
        return name

    async def put(self, topic: str, values: Sequence[bytes | None], partition: int = 0) -> None:
        for value in values:
            self.fake.add_record(topic, value, partition=partition, headers=[Header("n", b"1")])

    async def commit(self, group: str, partition: TopicPartition, offset: int) -> None:
        self.fake.commit(group, partition, offset)

    async def purge(self, partition: TopicPartition, first: int) -> None:
        self.fake.retain(partition, first)

    @asynccontextmanager
    async def open_transaction(self, partition: TopicPartition) -> AsyncIterator[None]:
        with self.fake.open_transaction(partition):
            yield

    @asynccontextmanager
    async def member(self, group: str, topic: str, kind: GroupType) -> AsyncIterator[None]:
        self.fake.add_group(group, kind)
        self.fake.join(group, FakeMember("member", (TopicPartition(topic, 0),), rate=0))
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            self.fake.grouped[group].members.clear()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            self.fake.tick()


class KafkaWorld:
    """A real broker, used past kafkaview through plain clients."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.cluster = open_cluster(ConnectionProfile("contract", bootstrap))
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    async def topic(self, partitions: int = 1, **settings: str) -> str:
        name = f"t-{uuid.uuid4().hex[:8]}"
        await self.cluster.create_topic(name, partitions, None, _dotted(settings))
        return name

    async def put(self, topic: str, values: Sequence[bytes | None], partition: int = 0) -> None:
        await asyncio.to_thread(self._put, topic, values, partition)

    def _put(self, topic: str, values: Sequence[bytes | None], partition: int) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap, "log_level": 0})
        for value in values:
            producer.produce(topic, value, partition=partition, headers=[("n", b"1")])
        assert producer.flush(10) == 0

    async def commit(self, group: str, partition: TopicPartition, offset: int) -> None:
        at = ClientPartition(partition.topic, partition.partition, offset)
        request = [ConsumerGroupTopicPartitions(group, [at])]
        while True:  # a young broker refuses while it makes __consumer_offsets
            answer = await asyncio.wrap_future(self._admin.alter_consumer_group_offsets(request)[group])
            if all(p.error is None for p in answer.topic_partitions):
                return
            await asyncio.sleep(0.1)

    async def purge(self, partition: TopicPartition, first: int) -> None:
        at = ClientPartition(partition.topic, partition.partition, first)
        await asyncio.wrap_future(self._admin.delete_records([at])[at])

    @asynccontextmanager
    async def open_transaction(self, partition: TopicPartition) -> AsyncIterator[None]:
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "transactional.id": f"open-{uuid.uuid4()}", "log_level": 0}
        )
        await asyncio.to_thread(producer.init_transactions, 10)
        producer.begin_transaction()
        producer.produce(partition.topic, b"open", partition=partition.partition)
        assert await asyncio.to_thread(producer.flush, 10) == 0
        try:
            yield
        finally:
            await asyncio.to_thread(producer.abort_transaction, 10)

    @asynccontextmanager
    async def member(self, group: str, topic: str, kind: GroupType) -> AsyncIterator[None]:
        settings = {
            "bootstrap.servers": self.bootstrap,
            "group.id": group,
            "client.id": "member",
            "enable.auto.commit": False,
            "log_level": 0,
        }
        if kind is GroupType.CONSUMER:
            settings["group.protocol"] = "consumer"
        else:
            settings |= {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
        stop = threading.Event()

        def consume() -> None:
            consumer = Consumer(settings)
            consumer.subscribe([topic])
            while not stop.is_set():
                consumer.poll(0.1)
            consumer.close()

        consuming = asyncio.create_task(asyncio.to_thread(consume))
        try:
            yield
        finally:
            stop.set()
            await consuming
