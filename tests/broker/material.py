"""Topics, groups and consumers that the broker tests make for themselves."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Message, Producer
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from tests.kit.patience import patience

ODD_HEADERS: list[tuple[str, bytes | None]] = [
    ("trace", b"1"),
    ("trace", b"2"),
    ("empty", b""),
    ("null", None),
    ("b", b"\x00\xff"),
]
POISON_VALUE = b'{"name":"Ren\xe9 Faure"}'
POISON_AT = 10
POISON_TIME_MS = 1_750_000_000_123


@asynccontextmanager
async def session_on(bootstrap: str, journal: Path) -> AsyncIterator[Session]:
    """A session whose journal lies where the test says."""
    profile = ConnectionProfile("test", bootstrap)
    session = Session(profile, open_cluster(profile), TopicDecoders(), Journal(journal))
    try:
        yield session
    finally:
        await session.journal.close()
        await session.cluster.close()


@dataclass(frozen=True, slots=True)
class ConsumedRecord:
    """A record as an ordinary consumer gets it."""

    id: RecordId
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp_ms: int


class Broker:
    """What a test does to a broker directly, past kafkaview."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def topic(
        self, name: str = "", partitions: int = 1, settings: Mapping[str, str] | None = None, *, replicas: int = 1
    ) -> str:
        """A new topic."""
        name = name or f"t-{uuid.uuid4().hex[:10]}"
        self.admin.create_topics([NewTopic(name, partitions, replicas, config=dict(settings or {}))])[name].result(
            patience(10)
        )
        return name

    def poisoned_topic(self, records: int = 30) -> str:
        """A topic of one partition with good JSON records, and an odd poison record at offset 10."""
        name = self.topic()
        producer = Producer({"bootstrap.servers": self.bootstrap})
        for number in range(records):
            if number == POISON_AT:
                producer.produce(
                    name, POISON_VALUE, b"k\x00\xff", 0, timestamp=POISON_TIME_MS, headers=list(ODD_HEADERS)
                )
            else:
                producer.produce(name, b'{"n":%d}' % number, b"k%d" % (number % 3), 0)
        assert producer.flush(10) == 0
        return name

    def commit(self, group: str, topic: str, offset: int, metadata: str = "") -> None:
        """What an idle group has committed. By kafkaview's own request: where librdkafka asks a young broker, which is
        still making __consumer_offsets, it waits for good, and its client cannot be ended.
        """
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._commit(group, topic, CommittedOffset(offset, None, metadata))).result()

    async def _commit(self, group: str, topic: str, committed: CommittedOffset) -> None:
        cluster, deadline = open_cluster(ConnectionProfile("test", self.bootstrap)), time.monotonic() + patience(30)
        try:
            while await self._refuses(cluster, group, {TopicPartition(topic, 0): committed}):
                assert time.monotonic() < deadline, f"{group} cannot commit on {topic}"
                await asyncio.sleep(0.1)
        finally:
            await cluster.close()

    async def _refuses(self, cluster: Cluster, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> bool:
        try:
            return bool(await cluster.group_offsets.commit(group, offsets))
        except ClusterError:  # it makes __consumer_offsets
            return True

    def committed_offsets(self, group: str, topic: str) -> int | None:
        """The committed offset on partition 0."""
        return self.group_offsets(group, topic).get(0)

    def group_offsets(self, group: str, topic: str) -> dict[int, int]:
        """The committed offsets on the partitions of a topic."""
        asked = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        answer = asked[group].result(patience(10))
        return {p.partition: p.offset for p in answer.topic_partitions or [] if p.topic == topic and p.offset >= 0}

    def log_end(self, topic: str) -> int:
        """The log ends of all partitions together, behind what no transaction has committed yet; 0 if the topic is not
        there.
        """
        known = self.admin.list_topics(timeout=10).topics.get(topic)
        if known is None:
            return 0
        # Not by the admin client: librdkafka ends the process where a leader goes away while it lists offsets.
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "kafkaview-ends"})
        try:
            bounds = [
                consumer.get_watermark_offsets(ClientPartition(topic, one), timeout=5) for one in known.partitions
            ]
        finally:
            consumer.close()
        if None in bounds:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return sum(end for _, end in bounds)

    def purge(self, topic: str, offset: int) -> None:
        """Remove the records before an offset, as retention would."""
        at = ClientPartition(topic, 0, offset)
        self.admin.delete_records([at])[at].result(patience(10))

    def exists(self, topic: str) -> bool:
        """Whether the topic is there."""
        return topic in self.admin.list_topics(timeout=10).topics

    def read_committed(self, topic: str) -> list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]]:
        """Key, value and headers of every committed record of a topic (none if it is not there)."""
        return [(one.key, one.value, list(one.headers)) for one in self.consume(topic)]

    def consume(self, topic: str) -> list[ConsumedRecord]:
        """Every committed record of a topic (none if it is not there)."""
        if not self.exists(topic):
            return []
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": f"read-{uuid.uuid4()}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
            }
        )
        partitions = self.admin.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([ClientPartition(topic, partition, 0) for partition in partitions])
        found: list[ConsumedRecord] = []
        ended: set[int | None] = set()
        deadline = time.monotonic() + patience(60)
        while len(ended) < len(partitions):
            message = consumer.poll(1)
            assert time.monotonic() < deadline, f"{topic} was not read to its end"
            if message is None:
                continue
            error = message.error()
            if error is None:
                found.append(_consumed(message))
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
        consumer.close()
        return found


def _consumed(message: Message) -> ConsumedRecord:
    place: Any = (message.topic(), message.partition(), message.offset())
    key: Any = message.key()  # bytes, though the client's types say text too
    value: Any = message.value()
    headers: Any = message.headers()
    return ConsumedRecord(RecordId(*place), key, value, tuple(headers or ()), message.timestamp()[1])


_RETRIER = """
import sys, json, os, threading, time
from confluent_kafka import Consumer, TopicPartition
bootstrap, topic, group, protocol = sys.argv[1:]
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()  # ends with the test
settings = {"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False}
settings["auto.offset.reset"] = "earliest"
if protocol == "consumer":
    settings["group.protocol"] = "consumer"
else:
    settings |= {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
consumer = Consumer(settings)
consumer.subscribe([topic])
while True:
    message = consumer.poll(0.2)
    if message is None or message.error():
        continue
    try:
        json.loads(message.value())
    except ValueError:
        consumer.seek(TopicPartition(topic, message.partition(), message.offset()))
        time.sleep(0.1)
        continue
    consumer.commit(message=message, asynchronous=False)
"""


@contextmanager
def retrier(bootstrap: str, topic: str, group: str, protocol: str = "classic") -> Iterator[None]:
    """A real consumer process that retries a record it cannot read for ever, and commits per record."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RETRIER, bootstrap, topic, group, protocol], stdin=subprocess.PIPE
    )
    with process:
        try:
            yield
        finally:
            process.kill()


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for a condition; fails where it does not come."""
    deadline = time.monotonic() + patience(seconds)
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come"
        time.sleep(0.1)


def kcat(*arguments: str) -> bytes:
    """Run kcat and return what it prints."""
    command: Sequence[str] = ["kcat", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
