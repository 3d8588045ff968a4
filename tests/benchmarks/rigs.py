"""Clusters of real brokers for the benchmarks, filled in seconds and gone with whoever started them.

`python -m tests.benchmarks.rigs thousand_groups` prints the bootstrap servers and keeps it up until it is interrupted.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

from kafkaview.demo.guarded_processes import Guarded
from kafkaview.demo.kafka import EmbeddedKafka
from tests.benchmarks import filling, traffic
from tests.benchmarks.shapes import MOVING_PARTITIONS, MOVING_TOPIC, SHAPES, Shape

_SETTINGS: Final = {
    "offsets.topic.num.partitions": "50",  # as a cluster has it where nobody chose
    "offsets.topic.replication.factor": "1",
    "default.replication.factor": "1",
    "broker.session.timeout.ms": "18000",  # a broker that makes 13,200 logs misses some heartbeats
    "broker.heartbeat.interval.ms": "2000",
    "controller.quorum.fetch.timeout.ms": "15000",  # nor does the quorum elect another leader for that
    "controller.quorum.request.timeout.ms": "10000",
    "log.index.size.max.bytes": "65536",  # 10 MB are mapped for each of two indexes of a partition otherwise
    "log.retention.ms": "-1",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "socket.request.max.bytes": "209715200",
}


_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the guard makes a folder of its own there
_SCANNED_PARTITIONS: Final = 6
_ROOM: Final = 4 << 30
_NICE: Final = 10  # brokers are other machines' load elsewhere: here they yield to the window that is measured
_ENDS: Final = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Rig:
    """A cluster that is up and filled, and how long that took."""

    shape: Shape
    bootstrap: str
    seconds: dict[str, float] = field(default_factory=dict)

    def grown(self, shape: Shape) -> Rig:
        """Make what a larger shape has more."""
        seconds: dict[str, float] = {}
        topics = {**shape.topic_names, MOVING_TOPIC: MOVING_PARTITIONS}
        new = {name: count for name, count in topics.items() if name not in self._topics}
        with _timed(seconds, "topics"):
            filling.create_topics(self.bootstrap, new)
        with _timed(seconds, "records"):
            new.pop(MOVING_TOPIC, None)
            filling.produce(self.bootstrap, new, shape.poisoned)
        with _timed(seconds, "offsets"):
            filling.commit(self.bootstrap, shape, range(self.shape.groups, shape.groups))
        return Rig(shape, self.bootstrap, seconds)

    def records(self, count: int, planted: int = 0) -> str:
        """A topic of six partitions with so many healthy JSON records, and among them some that a filter is to find."""
        topic = f"records-{count}" if not planted else f"planted-{planted}-{count}"
        filling.write_records(self.bootstrap, topic, count, _SCANNED_PARTITIONS, planted)
        return topic

    @property
    def _topics(self) -> Collection[str]:
        return {*self.shape.topic_names, MOVING_TOPIC} if self.shape.topics else ()


@contextmanager
def rig(shape: Shape) -> Iterator[Rig]:
    """Start and fill a cluster; all of it ends with the block, or with this process."""
    seconds: dict[str, float] = {}
    with _guarded_in_memory() as guarded:
        kafka = EmbeddedKafka(nodes=shape.brokers, settings=_SETTINGS, jvm=_jvm(shape), guard=guarded)
        with _timed(seconds, "start"):
            kafka.start()
        filled = Rig(replace(shape, topics=0, groups=0), kafka.bootstrap).grown(shape)
        command = [sys.executable, "-m", traffic.__name__, kafka.bootstrap, shape.name]
        guarded.start("traffic", command, guarded.folder / "traffic.log")
        yield replace(filled, seconds={**seconds, **filled.seconds})


def _guarded_in_memory() -> Guarded:
    """A file system in memory where there is room: 39,600 logs wait for the disk several times each otherwise."""
    if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
        with patch.object(tempfile, "tempdir", str(_IN_MEMORY)):
            return Guarded(nice=_NICE)
    return Guarded(nice=_NICE)


def _jvm(shape: Shape) -> tuple[str, ...]:
    """Of a broker that runs for minutes: the second compiler too."""
    return (f"-Xmx{shape.heap}", "-XX:TieredStopAtLevel=4", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


@contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[what] = round(time.monotonic() - began, 1)


def main() -> None:
    """Keep a cluster up until interrupted."""
    with rig(SHAPES[sys.argv[1]]) as started:
        print(started.bootstrap, flush=True)
        print("  ".join(f"{what} {seconds} s" for what, seconds in started.seconds.items()), file=sys.stderr)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        signal.sigwait(_ENDS)


if __name__ == "__main__":
    main()
