"""How real groups commit: by the client's timer, per record, per batch, in transactions; and one that goes back."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.session import Session
from kafkaview.triage.commits.commit import CommitSource, CommitStyle
from kafkaview.triage.commits.observation import observe_commits
from tests.broker.material import Broker
from tests.broker.secure_kafka import SecureKafka
from tests.kit.patience import patience

Works = Callable[[Consumer], None]
_SECONDS = 18


@contextmanager
def filled(bootstrap: str, topic: str) -> Iterator[None]:
    """A topic that gets records all the time, without a rhythm."""
    ended = threading.Event()

    def fill() -> None:
        producer, dice = Producer({"bootstrap.servers": bootstrap}), random.Random(3)
        while not ended.wait(dice.uniform(0.001, 0.03)):
            producer.produce(topic, b"{}", b"k", 0)
            producer.poll(0)
        producer.flush(10)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def consume(bootstrap: str, topic: str, group: str, work: Works, **settings: Any) -> None:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", **settings}
    )
    consumer.subscribe([topic])
    until = time.monotonic() + _SECONDS
    try:
        while time.monotonic() < until:
            work(consumer)
    finally:
        consumer.close()


def read_only(consumer: Consumer) -> None:
    consumer.poll(0.1)


def per_record(consumer: Consumer) -> None:
    message = consumer.poll(0.1)
    if message is not None and message.error() is None:
        consumer.commit(message=message, asynchronous=False)


def per_batch(consumer: Consumer) -> None:
    messages = [one for one in consumer.consume(40, 0.3) if one.error() is None]
    if len(messages) > 1:
        consumer.commit(asynchronous=False)
    time.sleep(random.uniform(0.0, 0.8))


def going_back(consumer: Consumer) -> None:
    messages = [one for one in consumer.consume(20, 0.3) if one.error() is None]
    if messages:
        consumer.commit(asynchronous=False)
        at = TopicPartition(messages[0].topic() or "", 0, messages[0].offset() or 0)
        consumer.commit(offsets=[at], asynchronous=False)
        time.sleep(random.uniform(0.0, 0.5))


def in_transactions(bootstrap: str) -> Works:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"tx-{uuid.uuid4().hex[:8]}"})
    producer.init_transactions(30)

    def work(consumer: Consumer) -> None:
        if [one for one in consumer.consume(10, 0.3) if one.error() is None]:
            producer.begin_transaction()
            positions = consumer.position(consumer.assignment())
            producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), 10)
            producer.commit_transaction(10)

    return work


_MANUAL = {"enable.auto.commit": False}
_STYLES: dict[str, tuple[Works | None, dict[str, Any], CommitStyle]] = {
    "timer": (read_only, {"auto.commit.interval.ms": 2_000}, CommitStyle.AUTO),
    "records": (per_record, _MANUAL, CommitStyle.PER_RECORD),
    "batches": (per_batch, _MANUAL, CommitStyle.PER_BATCH),
    "transactions": (None, _MANUAL, CommitStyle.TRANSACTIONAL),
    "back": (going_back, _MANUAL, CommitStyle.PER_BATCH),
}


async def test_each_way_to_commit_is_told_from_the_coordinators_log(
    broker: Broker, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    topic, unique = broker.topic(), uuid.uuid4().hex[:8]
    with filled(broker.bootstrap, topic):
        await asyncio.gather(
            *(
                asyncio.to_thread(
                    consume,
                    broker.bootstrap,
                    topic,
                    f"{name}-{unique}",
                    work or in_transactions(broker.bootstrap),
                    **settings,
                )
                for name, (work, settings, _) in _STYLES.items()
            )
        )
    found = {name: await observe_commits(session.cluster, f"{name}-{unique}") for name in _STYLES}
    assert {one.source for one in found.values()} == {CommitSource.LOG}
    rows = {name: one.partitions[0] for name, one in found.items()}
    assert {name: row.style for name, row in rows.items()} == {name: style for name, (*_, style) in _STYLES.items()}
    assert 1_700 <= (rows["timer"].interval_ms or 0) <= 2_300
    assert rows["back"].rewinds >= 3
    assert {row.rewinds for name, row in rows.items() if name != "back"} == {0}
    assert rows["records"].commits > 20

    line = ["--bootstrap", broker.bootstrap, "commits", f"timer-{unique}", "--json"]
    assert await asyncio.to_thread(main, line) == 0
    document = orjson.loads(capsys.readouterr().out)
    assert (document["source"], document["complete"], document["why_polled"]) == ("__consumer_offsets", True, None)
    (row,) = document["partitions"]
    assert (row["topic"], row["partition"], row["style"], row["rewinds"]) == (topic, 0, "auto", 0)


async def first_commit(cluster: Cluster, group: str) -> None:
    """Waits for it. By kafkaview's own request: librdkafka's crashes while `__consumer_offsets` is made."""
    while not (await cluster.committed_offsets([group]))[group]:  # noqa: ASYNC110 - a broker tells nobody
        await asyncio.sleep(0.2)


async def test_without_the_right_to_the_log_the_group_is_polled(secure_kafka: SecureKafka) -> None:
    unique = uuid.uuid4().hex[:8]
    topic, group, plain = f"polled-{unique}", f"timer-{unique}", secure_kafka.bootstrap("PLAINTEXT")
    broker = Broker(plain)
    broker.topic(topic)
    allowed = [(ResourceType.TOPIC, AclOperation.DESCRIBE, topic), (ResourceType.GROUP, AclOperation.DESCRIBE, group)]
    with secure_kafka.allowing_nobody(allowed), filled(plain, topic):
        consuming = asyncio.create_task(
            asyncio.to_thread(consume, plain, topic, group, read_only, **{"auto.commit.interval.ms": 1_000})
        )
        profile, secrets = secure_kafka.way("SASL_SSL", mechanism="PLAIN", user="nobody")
        cluster = open_cluster(profile, secrets)
        try:
            await asyncio.wait_for(first_commit(cluster, group), patience(30))
            found = await observe_commits(cluster, group, 6)
        finally:
            await cluster.close()
            await consuming
    assert (found.source, found.partitions[0].style) == (CommitSource.POLLING, CommitStyle.AUTO)
    assert "__consumer_offsets" in found.why_polled
