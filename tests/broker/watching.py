"""Copies of `kafkaview watch`, each a process of its own, and what they leave in the queue."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Producer

from tests.broker.material import Broker
from tests.kit.patience import patience

POISON = b'{"n": '


class WatchProgram:
    """One copy, as a program with files for what it prints."""

    def __init__(self, bootstrap: str, home: Path, name: str, words: tuple[str, ...]) -> None:
        kinds = ("DATA_HOME", "CONFIG_HOME", "STATE_HOME", "CACHE_HOME")
        home.mkdir(parents=True, exist_ok=True)
        self.out, self.err = home / f"{name}.out", home / f"{name}.err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kafkaview", "--bootstrap", bootstrap, "watch", *words, "--json"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **{f"XDG_{kind}": str(home / kind.lower()) for kind in kinds}},
            )

    def lines(self) -> list[dict[str, Any]]:
        """What it has printed so far, whole lines."""
        return [orjson.loads(line) for line in self.out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    def findings(self) -> list[tuple[str, int, int, str, str]]:
        """The findings that it has printed."""
        return [
            (line["topic"], line["partition"], line["offset"], line["field"], line["rule"])
            for line in self.lines()
            if "rule" in line
        ]

    def metrics(self) -> str:
        """Where it answers Prometheus."""
        deadline = time.monotonic() + patience(30)
        while not (found := re.search(r"http://\S+/metrics", self.err.read_text())):
            assert time.monotonic() < deadline, self.err.read_text()
            time.sleep(0.1)
        return found[0]

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ends it by a signal; returns its exit code."""
        self.process.send_signal(by)
        return self.process.wait(patience(30))


class WatchPrograms:
    """The copies of one test, all of which end with it."""

    def __init__(self, bootstrap: str, home: Path) -> None:
        self._bootstrap = bootstrap
        self._home = home
        self.started: list[WatchProgram] = []

    def start(self, *words: str) -> WatchProgram:
        """Starts one more copy."""
        program = WatchProgram(self._bootstrap, self._home, f"copy-{len(self.started)}", words)
        self.started.append(program)
        return program


@contextmanager
def watch_programs(bootstrap: str, home: Path) -> Iterator[WatchPrograms]:
    """Copies that are killed at the end of the block."""
    programs = WatchPrograms(bootstrap, home)
    try:
        yield programs
    except BaseException:
        for one in programs.started:
            print(one.err.read_text(errors="replace")[-1_500:])
        raise
    finally:
        for one in programs.started:
            one.process.kill()
            one.process.wait()


def fill(bootstrap: str, topic: str, numbers: range, partitions: int, every: int = 10) -> set[bytes]:
    """Writes JSON records, each so-many-th of which breaks off; returns the keys of those."""
    producer, poisoned = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5}), set()
    for number in numbers:
        key, is_poison = b"k-%d" % number, number % every == 0
        value = POISON if is_poison else b'{"n": 1}'
        producer.produce(topic, value, key, number % partitions, headers=[("trace", b"%d" % number)])
        producer.poll(0)
        if is_poison:
            poisoned.add(key)
    assert producer.flush(30) == 0
    return poisoned


def copied_keys(broker: Broker, queue: str) -> list[bytes]:
    """The keys of the committed copies."""
    return [key or b"" for key, _, _ in broker.read_committed(queue)]
