"""Groups that stand or move for a known reason, with consumers of Kafka's own client and of librdkafka."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from kafkaview.demo.jars import java, kafka_jars

FAILS_AT: Final = 5  # in SetUps.java too
_PROGRAM: Final = Path(__file__).parent / "java" / "SetUps.java"


@dataclass(frozen=True, slots=True)
class SetUp:
    """One consumer: `way` is what it does (`poison`, `processing`, `transaction`, `healthy`)."""

    client: str
    protocol: str
    commit: str
    way: str
    topic: str
    unique: str

    @property
    def group(self) -> str:
        return f"{self.way}-{self.client}-{self.protocol}-{self.commit}-{self.unique}"


def all_set_ups(topics: dict[str, str], unique: str) -> list[SetUp]:
    """Each way with each client, protocol and style of commits."""
    clients = product(("java", "librdkafka"), ("classic", "consumer"), ("auto", "manual"))
    return [
        SetUp(client, protocol, commit, way, topic, unique)
        for client, protocol, commit in clients
        for way, topic in topics.items()
    ]


@contextmanager
def running(bootstrap: str, set_ups: Sequence[SetUp], folder: Path) -> Iterator[None]:
    """Consumers of all of them: those of Java in one process, those of librdkafka in a thread each."""
    ended = threading.Event()
    of_java = [one for one in set_ups if one.client == "java"]
    threads = [
        threading.Thread(target=_consume, args=(bootstrap, one, ended)) for one in set_ups if one.client != "java"
    ]
    jars = f"{kafka_jars()}/*"
    line = [java(), "-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", jars, str(_PROGRAM), bootstrap]
    with (folder / "java.log").open("wb") as log:
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            assert process.stdin is not None
            for one in of_java:
                process.stdin.write(f"{one.group} {one.topic} {one.protocol} {one.commit} {one.way}\n")
            process.stdin.flush()
            for thread in threads:
                thread.start()
            yield
        finally:
            ended.set()
            process.kill()
            process.communicate()
            for thread in threads:
                thread.join()


def _consume(bootstrap: str, one: SetUp, ended: threading.Event) -> None:
    auto = one.commit == "auto"
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": one.group,
            "group.protocol": one.protocol,
            "enable.auto.commit": auto,
            "enable.auto.offset.store": False,
            "auto.commit.interval.ms": 1_000,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([one.topic])
    try:
        while not ended.is_set():
            message = consumer.poll(0.2)
            if message is None:
                continue
            error = message.error()
            if error is not None:
                assert error.code() != KafkaError._FATAL
                continue
            if _is_refused(one, message.value() or b"", message.offset() or 0):
                consumer.seek(TopicPartition(one.topic, 0, message.offset() or 0))
                time.sleep(0.2)
                continue
            consumer.store_offsets(message)
            if not auto:
                consumer.commit(asynchronous=False)
    finally:
        consumer.close()


def _is_refused(one: SetUp, value: bytes, offset: int) -> bool:
    """Whether the application cannot take a record."""
    if one.way == "processing":
        return offset >= FAILS_AT
    try:
        value.decode()
    except UnicodeDecodeError:
        return True
    return False
