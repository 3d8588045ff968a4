"""Servers of Kafka 3.9.2, the last release line with ZooKeeper: started, ended and started again by their names."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from kafkaview.demo.guarded_processes import Guarded, is_running
from kafkaview.demo.jars import CannotRunKafka, java, kafka_jars
from kafkaview.resources import ROOT
from tests.kit.patience import patience

_POM = ROOT / "kafka" / "zookeeper-3.9" / "pom.xml"
_SECONDS_TO_START = 60.0
_ZOOKEEPER = "org.apache.zookeeper.server.quorum.QuorumPeerMain"


class OldServers:
    """Processes of one guard. `heap` is each one's, in megabytes."""

    def __init__(self) -> None:
        self.guard = Guarded()
        self._jars = kafka_jars("3.9.2", _POM)

    def zookeeper(
        self, name: str, port: int, settings: Mapping[str, object], *, wait: bool = True, jvm: Sequence[str] = ()
    ) -> None:
        """Start a ZooKeeper server; it may serve only when others do too, so waiting is up to the caller."""
        data = self.guard.folder / name
        data.mkdir(exist_ok=True)
        # Sessions of dead brokers end in seconds, and so does the wait for a server's majority.
        common = {"dataDir": data, "clientPort": port, "clientPortAddress": "127.0.0.1", "tickTime": 500}
        more = {"admin.enableServer": "false", "4lw.commands.whitelist": "*", "initLimit": 10, "syncLimit": 4}
        file = self._write(name, {**common, **more, **settings})
        self._start(name, [*jvm, _ZOOKEEPER, str(file)], 64, (lambda: serves(port)) if wait else lambda: True)

    def kafka(self, name: str, settings: Mapping[str, object], ready: Callable[[], bool]) -> None:
        """Start a broker or controller."""
        self._start(name, ["kafka.Kafka", str(self._write(name, settings))], 192, ready)

    def format(self, name: str, settings: Mapping[str, object], cluster_id: str) -> None:
        """Format a controller's folder."""
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c"]
        pid = self.guard.start("format", [*self._java(128), *tool, str(self._write(name, settings))], self._log(name))
        until(lambda: not is_running(pid))

    def end(self, *names: str, at_once: bool = False) -> None:
        """End servers: asked first and killed after 5 s, or killed at once."""
        for name in names:
            self.guard.end(name, at_once=at_once)

    def _start(self, name: str, main: list[str], heap: int, ready: Callable[[], bool]) -> None:
        command = [*self._java(heap), *main]
        pid = self.guard.start(name, command, self._log(name))
        deadline = time.monotonic() + patience(_SECONDS_TO_START)
        while not ready():
            if time.monotonic() > deadline:
                raise CannotRunKafka(f"{name} does not come up. Its last lines:\n{self._log(name).read_text()[-3000:]}")
            if not is_running(pid):  # its predecessor's session is not over yet (NodeExists)
                pid = self.guard.start(name, command, self._log(name))
            time.sleep(0.1)

    def _java(self, heap: int) -> list[str]:
        return [java(), f"-Xmx{heap}m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(self._jars / "*")]

    def _log(self, name: str) -> Path:
        return self.guard.folder / f"{name}.log"

    def _write(self, name: str, settings: Mapping[str, object]) -> Path:
        file = self.guard.folder / f"{name}.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        return file


def plain_broker(number: int, port: int, data: Path) -> dict[str, object]:
    """What a broker has on ZooKeeper and in KRaft."""
    return {
        "listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data / f"data-{number}",
        "controlled.shutdown.enable": "false",
        "log.cleaner.dedupe.buffer.size": 2_000_000,  # its default of 128 MB does not fit the heap
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
    }


def word(port: int, letters: bytes = b"srvr") -> str:
    """What a ZooKeeper server answers to a four-letter word; nothing where it does not run."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as one:
        one.sendall(letters)
        return one.recv(4096).decode()
    return ""


def serves(port: int) -> bool:
    """Whether a ZooKeeper server serves."""
    return "Mode: " in word(port)


def names(bootstrap: str, *brokers: int) -> bool:
    """Whether a broker's metadata names exactly these."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    with suppress(KafkaException):
        return set(client.list_topics(timeout=2).brokers) == set(brokers)
    return False


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + patience(_SECONDS_TO_START)
    while not holds():
        assert time.monotonic() < deadline, "it does not come to be"
        time.sleep(0.1)
