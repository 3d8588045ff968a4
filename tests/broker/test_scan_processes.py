"""A scan by several processes: what it finds, and every way in which it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.topics import TopicDecoders
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.records import passage as scanning
from kafkaview.records.worker_pool import Order, cores, processes_ahead, read_beside
from kafkaview.session import Session
from kafkaview.terms import RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.findings import Finding, ScanProgress
from kafkaview.triage.scan.scan import WORKER, scan
from tests.broker.material import Broker, wait_until
from tests.broker.secure_kafka import TOPIC, SecureKafka
from tests.kit.broken_json import broken_json
from tests.kit.patience import patience
from tests.kit.processes import below, command, runs

MANY = 400_000  # so many that none of them is through before somebody is killed
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def workers(parent: int) -> list[int]:
    """The processes of a scan that a process has."""
    return [child for child in below(parent) if "kafkaview.triage.scan.worker" in command(child)]


def fill(broker: Broker, partitions: int, pairs: Sequence[tuple[bytes | None, bytes | None]]) -> str:
    topic = broker.topic(partitions=partitions)
    settings = {"linger.ms": 20, "compression.type": "lz4", "queue.buffering.max.messages": 1_000_000}
    producer = Producer({"bootstrap.servers": broker.bootstrap, **settings})
    for number, (key, value) in enumerate(pairs):
        producer.produce(topic, value, key, number % partitions)
    assert producer.flush(60) == 0
    return topic


async def result(
    session: Session, topic: str, value: str, key: str | None = None
) -> tuple[list[Finding], ScanProgress]:
    found: list[Finding] = []
    last = ScanProgress()
    key_rules = [parse_rule(key)] if key else []
    async with aclosing(scan(session, [topic], value_rules=[parse_rule(value)], key_rules=key_rules)) as steps:
        async for last in steps:
            found += last.findings
    return found, last


@pytest.fixture(scope="module")
def many(broker: Broker) -> str:
    return fill(broker, 2, [(None, b'{"n":1}')] * MANY)


@pytest.fixture(scope="module")
def broken(broker: Broker) -> str:
    values = broken_json(7, 6_000)
    return fill(broker, 3, list(zip(broken_json(8, len(values)), values, strict=True)))


@pytest.mark.parametrize(
    ("value", "key"), [("json", None), ("json", "json"), ("utf8", "max-bytes:3"), ("max-bytes:9", None)]
)
@pytest.mark.parametrize("processes", [1, 2, 4])
async def test_processes_find_what_one_after_the_other_finds(
    session: Session, broken: str, value: str, key: str | None, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: 0)
    alone, summary = await result(session, broken, value, key)
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: processes)
    together, other = await result(session, broken, value, key)
    place = lambda finding: (finding.record, finding.field)  # noqa: E731
    assert sorted(together, key=place) == sorted(alone, key=place)
    assert (other.scanned, other.found, other.passed, other.total) == (6_000, len(alone), 6_000, 6_000)
    assert replace(other, seconds=0) == replace(summary, seconds=0)


async def test_a_schema_goes_along(
    session: Session, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["é"]}')
    topic = fill(broker, 1, [(None, b"{}"), (None, '{"é":1}'.encode()), (None, b"["), (None, None)])
    rule = parse_rule(f"jsonschema:{schema}")
    schema.unlink()
    found = {}
    for processes in (0, 1):
        monkeypatch.setattr(scanning, "count_workers", lambda _offsets, count=processes: count)
        found[processes] = [f async for step in scan(session, [topic], value_rules=[rule]) for f in step.findings]
    assert [finding.record.offset for finding in found[1]] == [0, 2]
    assert found[1] == found[0]


async def test_a_scan_ends_at_the_most_findings(session: Session, many: str) -> None:
    steps = [step async for step in scan(session, [many], value_rules=[parse_rule("max-bytes:1")], max_findings=300)]
    assert (sum(len(step.findings) for step in steps), steps[-1].found, steps[-1].complete) == (300, 300, False)
    assert workers(os.getpid()) == []


async def test_progress_comes_often_and_a_cancelled_scan_leaves_no_process(session: Session, many: str) -> None:
    async with aclosing(scan(session, [many], value_rules=[parse_rule("max-bytes:0")])) as steps:
        times = [time.monotonic()]
        async for step in steps:
            times.append(time.monotonic())
            if step.scanned:
                break
        assert workers(os.getpid())
        following = asyncio.ensure_future(anext(steps))
        await asyncio.sleep(0.1)
        following.cancel()
        began = time.monotonic()
        await asyncio.wait([following])
    assert time.monotonic() - began < patience(0.5)
    assert workers(os.getpid()) == []


async def test_processes_that_were_started_ahead_read_and_those_left_over_end(session: Session, many: str) -> None:
    with processes_ahead(WORKER):
        ahead = workers(os.getpid())
        assert len(ahead) == cores()
        async with aclosing(scan(session, [many], value_rules=[parse_rule("json")])) as steps:
            await anext(step async for step in steps if step.scanned)
            assert workers(os.getpid()) == ahead
    assert workers(os.getpid()) == []
    with processes_ahead(WORKER):
        pass
    assert workers(os.getpid()) == []


async def test_a_killed_process_is_a_clear_failure(session: Session, many: str) -> None:
    async def killing() -> None:
        async with aclosing(scan(session, [many], value_rules=[parse_rule("max-bytes:0")])) as steps:
            async for step in steps:
                if step.scanned:
                    os.kill(workers(os.getpid())[0], signal.SIGKILL)

    with pytest.raises(ClusterError, match="was ended by signal 9 before it was done"):
        await killing()
    assert workers(os.getpid()) == []


def test_no_process_outlives_a_killed_parent(kafka: EmbeddedKafka, many: str, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "tests.broker.scanning_program", kafka.bootstrap, many, str(tmp_path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "scanning\n"
        left = workers(program.pid)
        assert left
        program.kill()
    wait_until(lambda: not any(runs(process) for process in left))


@pytest.mark.parametrize("processes", [0, 1])
async def test_what_is_gone_before_it_is_read_is_said(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = fill(broker, 1, [(None, b"{}")] * 100)
    stale = await session.cluster.offsets([TopicPartition(topic, 0)])
    broker.purge(topic, 50)

    async def offsets(_partitions: object) -> object:
        return stale

    monkeypatch.setattr(session.cluster, "offsets", offsets)
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: processes)
    _, last = await result(session, topic, "json")
    assert (last.scanned, last.passed, last.complete) == (50, 100, False)
    assert last.removed == (RemovedOffsets(TopicPartition(topic, 0), 0, 50, RemovalCause.RETENTION),)


async def test_what_python_raises_in_a_process_is_raised_here(session: Session, many: str) -> None:
    reader = await session.cluster.reader_settings()
    assert reader is not None
    rules = {"value_rules": [[[["nonsense", None]], [many]]], "key_rules": []}
    order = Order(reader, "kafkaview.triage.scan.worker", rules, tuple)
    with pytest.raises(RuntimeError, match="ValueError: there is no rule 'nonsense'"):
        _ = [report async for report in read_beside(order, [{TopicPartition(many, 0): (0, 100)}])]


@asynccontextmanager
async def secure_session(way: tuple[ConnectionProfile, Secrets], folder: Path) -> AsyncIterator[Session]:
    session = Session(way[0], open_cluster(*way), TopicDecoders(), Journal(folder / "journal.sqlite3"))
    try:
        yield session
    finally:
        await session.journal.close()
        await session.cluster.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"])
@pytest.mark.parametrize("read_only", [True, False])
async def test_processes_log_in_too(
    secure_kafka: SecureKafka, mechanism: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, read_only: bool
) -> None:
    producer = Producer({"bootstrap.servers": secure_kafka.kafka.bootstrap})
    producer.produce(TOPIC, b"no json")
    assert producer.flush(10) == 0
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: 1)
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism=mechanism)
    async with secure_session((replace(profile, read_only=read_only), secrets), tmp_path) as session:
        found, last = await result(session, TOPIC, "json")
    assert found
    assert last.complete
