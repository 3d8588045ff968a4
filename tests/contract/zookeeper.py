"""Kafka 3.9.2 on ZooKeeper: the last line that runs so."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from kafkaview.demo.guarded_processes import Guarded
from kafkaview.demo.jars import java, kafka_jars
from kafkaview.demo.ports import free_ports
from kafkaview.resources import ROOT
from tests.kit.patience import patience

VERSION = "3.9.2"
START_SECONDS = 60.0


@contextmanager
def zookeeper_kafka() -> Iterator[str]:
    """One ZooKeeper server and one broker; gives the broker's address."""
    jars = kafka_jars(VERSION, ROOT / "kafka" / "zookeeper-3.9" / "pom.xml")
    with Guarded() as guard:
        with free_ports(2) as ports:
            zookeeper, broker = ports
        _write(
            guard.folder / "zk.properties",
            {"dataDir": guard.folder / "zk", "clientPort": zookeeper, "clientPortAddress": "127.0.0.1",
             "admin.enableServer": "false", "tickTime": 500},
        )  # fmt: skip
        _write(guard.folder / "server.properties", _broker_settings(guard.folder / "data", zookeeper, broker))
        command = [java(), "-Xmx400m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(jars / "*")]
        server = [*command, "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(guard.folder / "zk.properties")]
        guard.start("zookeeper", server, guard.folder / "zk.log")
        _wait(lambda: _listens(zookeeper))
        guard.start("kafka", [*command, "kafka.Kafka", str(guard.folder / "server.properties")], guard.folder / "k.log")
        admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{broker}", "log_level": 0})
        _wait(lambda: _serves(admin))
        yield f"127.0.0.1:{broker}"


def _broker_settings(data: Path, zookeeper: int, broker: int) -> dict[str, object]:
    return {
        "broker.id": 1,
        "zookeeper.connect": f"127.0.0.1:{zookeeper}",
        "listeners": f"PLAINTEXT://127.0.0.1:{broker}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 5,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 5,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
    }


def _write(path: Path, settings: dict[str, object]) -> None:
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()), encoding="utf-8")


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + patience(START_SECONDS)
    while not ready():
        assert time.monotonic() < deadline, "the broker on ZooKeeper did not come up"
        time.sleep(0.1)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _serves(admin: AdminClient) -> bool:
    with suppress(KafkaException):
        return bool(admin.list_topics(timeout=1).brokers)
    return False
