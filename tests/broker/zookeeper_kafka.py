"""Kafka on ZooKeeper: 3.9.2 of the last release line that runs so, or an older release."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from kafkaview.demo.guarded_processes import Guarded, is_running
from kafkaview.demo.jars import CannotRunKafka, java, kafka_jars
from kafkaview.demo.ports import free_ports
from kafkaview.resources import ROOT
from tests.kit.patience import patience

_POMS = {"3.9.2": ROOT / "kafka" / "zookeeper-3.9" / "pom.xml", "2.8.2": ROOT / "kafka" / "zookeeper-2.8" / "pom.xml"}
_SECONDS_TO_START = 60.0


class EmbeddedZooKeeperKafka:
    """One ZooKeeper and one broker, as a context manager; both end with the test run."""

    def __init__(self, settings: Mapping[str, str] | None = None, release: str = "3.9.2") -> None:
        self._settings = dict(settings or {})
        self._release = release
        self._guard = Guarded()
        self._port = self._zookeeper_port = 0

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def zookeeper(self) -> str:
        return f"127.0.0.1:{self._zookeeper_port}"

    def start(self) -> None:
        jars = kafka_jars(self._release, _POMS[self._release])
        with free_ports(2) as (self._port, self._zookeeper_port):
            zookeeper = self._write("zookeeper", self._zookeeper_properties())
            kafka = self._write("kafka", self._kafka_properties())
        self._start(jars, "zookeeper", "org.apache.zookeeper.server.quorum.QuorumPeerMain", zookeeper, self._listens)
        self._start(jars, "kafka", "kafka.Kafka", kafka, self._serves)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._guard.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._guard.close()

    def _start(self, jars: Path, name: str, main: str, properties: Path, ready: Callable[[], bool]) -> None:
        log = self._guard.folder / f"{name}.log"
        command = [java(), "-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(jars / "*")]
        pid = self._guard.start(name, [*command, main, str(properties)], log)
        deadline = time.monotonic() + patience(_SECONDS_TO_START)
        while not ready():
            if not is_running(pid) or time.monotonic() > deadline:
                raise CannotRunKafka(f"{name} does not come up. Its last lines:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._zookeeper_port), 1) as one:
            one.sendall(b"srvr")
            return one.recv(64).startswith(b"Zookeeper version")
        return False

    def _serves(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        with suppress(KafkaException):
            return bool(client.list_topics(timeout=1).brokers)
        return False

    def _write(self, name: str, properties: dict[str, str]) -> Path:
        file = self._guard.folder / f"{name}.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        return file

    def _zookeeper_properties(self) -> dict[str, str]:
        return {
            "dataDir": str(self._guard.folder / "zookeeper"),
            "clientPort": str(self._zookeeper_port),
            "clientPortAddress": "127.0.0.1",
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "*",
        }

    def _kafka_properties(self) -> dict[str, str]:
        return {
            "broker.id": "1",
            "zookeeper.connect": self.zookeeper,
            "listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": str(self._guard.folder / "kafka"),
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": "5",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "5",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            **self._settings,
        }
