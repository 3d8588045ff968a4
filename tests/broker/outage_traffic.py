"""Reads and writes a topic in a process of its own until its standard input ends, and prints a line for each commit
that moves its group. librdkafka aborts its process now and then where brokers come and go: then it is started anew.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Final, Self

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

MOVING: Final = "moving"  # the group


class Traffic:
    """Writes five records a second to every partition of a topic; a group reads them and commits each second."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.moved_at = time.monotonic()
        self._command = [sys.executable, "-m", "tests.broker.outage_traffic", bootstrap, topic]
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._note_moves)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._end()
        self._thread.join()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _note_moves(self) -> None:
        while not self._stopping.is_set():
            assert self._process.stdout is not None
            with self._process.stdout as moves:
                for _ in moves:
                    self.moved_at = time.monotonic()
            if not self._stopping.wait(1.0):
                self._process = self._start()
        self._end()  # one that was started meanwhile

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class _Worker:
    """What the process does."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._committed: dict[int, int] = {}
        self._settings: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "log_level": 0,
            "reconnect.backoff.max.ms": 500,
        }

    def run(self, stopping: threading.Event) -> None:
        writing = threading.Thread(target=self._write, args=[stopping])
        writing.start()
        self._read(stopping)
        writing.join()

    def _write(self, stopping: threading.Event) -> None:
        producer = Producer({**self._settings, "message.timeout.ms": 5_000})
        number = 0
        while not stopping.wait(0.2):
            number += 1
            with suppress(BufferError, KafkaException):
                for partition in range(3):
                    producer.produce(self._topic, b'{"n":%d}' % number, b"k", partition)
            producer.poll(0)
        producer.purge()

    def _read(self, stopping: threading.Event) -> None:
        settings = {
            "group.id": MOVING,
            "auto.offset.reset": "earliest",
            "auto.commit.interval.ms": 1000,
            "session.timeout.ms": 10_000,
            "heartbeat.interval.ms": 1000,
            "on_commit": self._note,
        }
        consumer = Consumer({**self._settings, **settings})
        consumer.subscribe([self._topic])
        while not stopping.is_set():
            consumer.poll(0.2)
        consumer.close()

    def _note(self, error: object, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            if error is None and one.error is None and one.offset > self._committed.get(one.partition, -1):
                self._committed[one.partition] = one.offset
                print(one, flush=True)


def _stop_with(standard_input: Any, stopping: threading.Event) -> None:
    standard_input.read()
    stopping.set()


if __name__ == "__main__":
    stop = threading.Event()
    threading.Thread(target=_stop_with, args=[sys.stdin, stop], daemon=True).start()
    _Worker(*sys.argv[1:3]).run(stop)
