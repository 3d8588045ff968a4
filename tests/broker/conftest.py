"""Real brokers for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.demo.running import Demo, start_demo
from kafkaview.session import Session
from tests.broker.keyring_session import KeyringSession
from tests.broker.material import Broker, session_on
from tests.broker.registry_records import RegistryWriter
from tests.broker.schema_registry import EmbeddedRegistry
from tests.broker.secure_kafka import SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka

Say = Callable[..., tuple[int, Any]]

_A_DAY_MS = 86_400_000


@pytest.fixture(scope="session")
def kafka() -> Iterator[EmbeddedKafka]:
    """One plain broker for the whole run: make topics and groups of your own names on it. It never looks for records
    that are too old, not half a minute after its start either: many tests write old ones, and what makes a topic of its
    own (a worker of Connect) keeps them for a week only.
    """
    never = ("log.retention.check.interval.ms", "log.initial.task.delay.ms")
    with EmbeddedKafka(settings=dict.fromkeys(never, str(_A_DAY_MS))) as kafka:
        broker = Broker(kafka.bootstrap)
        broker.commit("warm-up", broker.topic(), 0)  # librdkafka crashes if it asks while __consumer_offsets is made
        yield kafka


@pytest.fixture(scope="module")
def broker(kafka: EmbeddedKafka) -> Broker:
    """What tests do on that broker."""
    return Broker(kafka.bootstrap)


@pytest.fixture
async def session(kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Session]:
    """A session on that broker, with a journal of its own."""
    async with session_on(kafka.bootstrap, tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture
def say(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """A line with --json on that broker: its exit code and its document."""

    def run(*words: str) -> tuple[int, Any]:
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        return code, orjson.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def registry() -> Iterator[EmbeddedRegistry]:
    """A schema registry for the tests of one file."""
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture(scope="module")
def writer(registry: EmbeddedRegistry) -> Iterator[RegistryWriter]:
    """Writes by that registry."""
    made = RegistryWriter(registry.url)
    with made.client:
        yield made


@pytest.fixture(scope="session")
def zookeeper_kafka() -> Iterator[EmbeddedZooKeeperKafka]:
    """One broker of the last release that runs on ZooKeeper."""
    with EmbeddedZooKeeperKafka() as kafka:
        yield kafka


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A settled demo for the tests of one file, which may move its groups."""
    with start_demo() as demo, ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(demo.wait_until_settled())).result()
        yield demo


@pytest.fixture(scope="session")
def secure_kafka() -> Iterator[SecureKafka]:
    """One broker with every way in, and those that go wrong."""
    with SecureKafka() as kafka:
        yield kafka


@pytest.fixture
def keyring_session() -> Iterator[KeyringSession]:
    """A real keyring without an entry."""
    with KeyringSession() as session:
        yield session


@pytest.fixture
def closed_port() -> int:
    """Where nobody listens."""
    with free_ports(1) as (port,):
        return port
