"""A redrive on three brokers of which one is killed while it sends: each record stands once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from confluent_kafka import KafkaException, Producer

from kafkaview.cli.main import main
from tests.broker.material import Broker, wait_until
from tests.broker.quorum_kafka import QuorumKafka
from tests.kit.patience import patience

pytestmark = pytest.mark.soak

KILLS: Final = 6
COUNT: Final = 6_000
_SMALL: Final = "from kafkaview.writes.records import batch_room; batch_room.BATCH_RECORDS = 20"
_PROGRAM: Final = f"{_SMALL}\nimport sys; from kafkaview.cli.main import main; sys.exit(main(sys.argv[1:]))"
KEPT: Final = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}


@pytest.fixture(scope="module")
def kafka() -> Iterator[QuorumKafka]:
    with QuorumKafka(settings=KEPT) as kafka:
        yield kafka


def letters(broker: Broker) -> tuple[str, str]:
    """A topic, and a queue with dead letters of it."""
    settings = {"min.insync.replicas": "2"}
    topic = broker.topic(partitions=3, replicas=3, settings=settings)
    queue = broker.topic(partitions=3, replicas=3, settings=settings)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 50, "enable.idempotence": True})
    for number in range(COUNT):
        names: list[tuple[str, str | bytes | None]] = [
            ("__connect.errors.topic", topic.encode()),
            ("__connect.errors.partition", b"%d" % (number % 3)),
        ]
        producer.produce(queue, b"v%d" % number, b"k%d" % number, number % 3, headers=names)
        producer.poll(0)
    assert producer.flush(60) == 0
    return topic, queue


def sent_so_far(broker: Broker, topic: str) -> int:
    return len(broker.read_committed(topic))


def whole(broker: Broker, topic: str) -> bool:
    """Whether all replicas are in sync again."""
    try:
        known = broker.admin.list_topics(topic, timeout=5).topics[topic].partitions.values()
    except KafkaException:
        return False
    return all(len(one.isrs) == 3 for one in known)


def killed_at(
    kafka: QuorumKafka, broker: Broker, topic: str, queue: str, seconds: float, partition: int
) -> tuple[bool, Any]:
    """Kills the leader of a partition so long after the first records stand, and starts it again. Returns whether the
    redrive was under way then, and its document.
    """
    line = ["--bootstrap", kafka.bootstrap, "redrive", queue, "--yes", "--json"]
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *line], stdout=subprocess.PIPE)
    wait_until(lambda: process.poll() is not None or sent_so_far(broker, topic) > 0, 60)
    time.sleep(seconds)
    victim = broker.admin.list_topics(topic, timeout=10).topics[topic].partitions[partition].leader
    kafka.kill(victim)
    under_way = process.poll() is None
    said, _ = process.communicate(timeout=patience(120))
    kafka.restart(victim)
    wait_until(lambda: whole(broker, topic) and whole(broker, queue), 90)
    return under_way, orjson.loads(said)


def test_a_broker_is_killed_while_dead_letters_are_sent_back(
    kafka: QuorumKafka,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    broker, chance, told = Broker(kafka.bootstrap), random.Random(20261130), []
    for number in range(KILLS):
        topic, queue = letters(broker)
        under_way, first = killed_at(kafka, broker, topic, queue, chance.uniform(0, 1.0), number % 3)
        stood = sent_so_far(broker, topic)
        assert "error" in first or first["counts"]["sent"] <= stood
        code = main(["--bootstrap", kafka.bootstrap, "redrive", queue, "--yes", "--json"])
        document = orjson.loads(capsys.readouterr().out)
        assert code == 0, document
        assert (document["counts"]["sent"], document["counts"]["already_sent"]) == (COUNT - stood, stood)
        found = Counter(value for _key, value, _headers in broker.read_committed(topic))
        assert found == Counter({b"v%d" % one: 1 for one in range(COUNT)})
        told.append((under_way, stood, (first.get("error") or first).get("doubt")))
    print(f"{KILLS} brokers killed; whether it was under way, what it sent, and why it ended before: {told}")
    assert sum(under_way for under_way, *_ in told) > KILLS / 2
