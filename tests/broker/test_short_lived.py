"""A consumer of the classic protocol that crashes within milliseconds of its start, and comes again a second later."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from confluent_kafka import Consumer

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.material import POISON_AT, Broker, wait_until

WINDOWS = 5
AWAY_S = 1.0


@contextmanager
def crashing(bootstrap: str, topic: str, group: str) -> Iterator[list[int]]:
    """Begins at the committed offset again and again, reads as far as the poison, and is gone: the offsets at which it
    ended. The broker lets a group begin without a delay (group.initial.rebalance.delay.ms=0).
    """
    ends: list[int] = []
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            consumer = Consumer(
                {
                    "bootstrap.servers": bootstrap,
                    "group.id": group,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "fetch.wait.max.ms": 10,
                }
            )
            consumer.subscribe([topic])
            while not stop.is_set():
                message = consumer.poll(0.05)
                if message is not None and message.error() is None:
                    ends.append(message.offset() or 0)
                    break
            consumer.close()
            stop.wait(AWAY_S)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ends
    finally:
        stop.set()
        thread.join()


@pytest.mark.usefixtures("tmp_home")
def test_it_is_seen_in_its_windows_and_its_record_is_named(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    broker, group = Broker(kafka.bootstrap), f"short-{uuid.uuid4().hex[:8]}"
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    found = []
    with crashing(kafka.bootstrap, topic, group) as ends:
        wait_until(lambda: bool(ends))
        for _ in range(WINDOWS):
            assert main(["--bootstrap", kafka.bootstrap, "stuck", group, "--seconds", "10", "--json"]) == 0
            (stuck,) = orjson.loads(capsys.readouterr().out)["stuck"]
            found.append((stuck["verdict"], (stuck["record"] or {}).get("offset"), stuck["behaviour"]))
    # A machine that is busy with other tests may miss the 30 ms of each second in one of the windows.
    assert found.count(("poison", POISON_AT, "crash_loop")) >= WINDOWS - 1, found
