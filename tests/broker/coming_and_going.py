"""A member that joins a group for a moment, commits every record, leaves, and comes again, until it is stopped."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaException


@dataclass(slots=True)
class Reads:
    """What it has read: when (monotonic), and the offset."""

    offsets: list[tuple[float, int]] = field(default_factory=list)

    def since(self, moment: float) -> list[int]:
        """The offsets read after a moment."""
        return [offset for at, offset in self.offsets if at > moment]


@contextmanager
def coming_and_going(bootstrap: str, topic: str, group: str, seed: int) -> Iterator[Reads]:
    """The member, on a thread of its own."""
    reads, stop = Reads(), threading.Event()
    thread = threading.Thread(target=_come_and_go, args=(bootstrap, topic, group, random.Random(seed), reads, stop))
    thread.start()
    try:
        yield reads
    finally:
        stop.set()
        thread.join()


def _come_and_go(
    bootstrap: str, topic: str, group: str, chance: random.Random, reads: Reads, stop: threading.Event
) -> None:
    while not stop.is_set():
        consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "client.id": "comes-and-goes",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 200,
                "log_level": 0,
            }
        )
        consumer.subscribe([topic])
        until = time.monotonic() + chance.uniform(0.5, 3.0)
        while time.monotonic() < until and not stop.is_set():
            message = consumer.poll(0.05)
            if message is None or message.error():
                continue
            offset = message.offset()
            assert offset is not None
            reads.offsets.append((time.monotonic(), offset))
            with suppress(KafkaException):  # it was evicted: it rejoins at its next poll
                consumer.commit(message=message, asynchronous=False)
            time.sleep(0.02)
        consumer.close()
        stop.wait(chance.uniform(0.0, 2.0))
