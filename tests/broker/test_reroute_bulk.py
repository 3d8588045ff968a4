"""Many records re-routed on a real broker by the command line: each once, none skipped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.writes import follow_up
from tests.broker.material import Broker, retrier, wait_until
from tests.broker.scattered import ScatteredTopic
from tests.broker.small_transactions import small_transactions
from tests.kit.patience import patience

Say = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def say(
    kafka: EmbeddedKafka,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Say:
    """A line with --json: its exit code and its document. Idle groups need no seconds of holding."""
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.3)

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        (line,) = capsys.readouterr().out.splitlines()
        document: dict[str, Any] = orjson.loads(line)
        return code, document

    return run


def test_what_a_scan_finds_is_sent_in_one_plan_and_no_good_record_is_skipped(
    broker: Broker, say: Say, group: str, tmp_path: Path
) -> None:
    topic = ScatteredTopic.make(broker, 5_000, set(range(0, 5_000, 10)) | {41, 42}, partitions=3)
    broker.commit(group, topic.name, 40)
    broker.commit(f"{group}-before", topic.name, 35)
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "kafkaview",
            "--bootstrap",
            broker.bootstrap,
            "scan",
            topic.name,
            "--rule",
            "json",
            "--json",
        ],
        capture_output=True,
        check=True,
        timeout=patience(60),
    ).stdout
    file = tmp_path / "findings.jsonl"
    file.write_bytes(found)
    line = ["reroute", "--from-scan", str(file), "--create-dlq", "--group", group, "--group", f"{group}-before"]
    code, document = say(*line, "--dry-run")
    assert (code, document["plan"]["counts"]["to_send"]) == (0, 1_506)
    notes = {one["group"]: one["note"] for one in document["plan"]["groups"] if one["partition"] == 0}
    assert notes[group].endswith("over 3 of 498: the first good record is at 43")
    assert notes[f"{group}-before"] == "stays before 498 of them: the first good record is at 35"
    assert not broker.exists(topic.queue)

    code, document = say(*line, "--yes")
    assert (code, document["transaction"], document["doubt"]) == (0, "committed", None), document
    assert document["counts"] == {"selected": 1_506, "sent": 1_506, "already_sent": 0, "failed": 0}
    assert document["read_back"] == 1_506
    assert topic.copies() == topic.sources
    assert broker.committed_offsets(group, topic.name) == 43
    assert broker.committed_offsets(f"{group}-before", topic.name) == 35
    code, document = say(*line, "--yes")
    assert (code, document["error"]["kind"]) == (6, "plan_no_longer_holds")


def test_copies_are_byte_for_byte_and_say_why(broker: Broker, say: Say, tmp_path: Path) -> None:
    topic = ScatteredTopic.make(broker, 300, {3, 6, 150}, partitions=1)
    findings = topic.write_findings(tmp_path / "findings.jsonl")
    code, _ = say("reroute", "--from-scan", str(findings), "--create-dlq", "--no-skip", "--yes")
    assert code == 0
    originals = [one for number, one in enumerate(broker.read_committed(topic.name)) if number in topic.poison]
    copies = broker.read_committed(topic.queue)
    for original, copy in zip(originals, copies, strict=True):
        assert copy[:2] == original[:2]
        assert copy[2][: len(original[2])] == original[2]
    messages = [dict(headers)["__dlq.errors.message"] for _, _, headers in copies]
    assert messages == [b"byte 3 is odd", b"byte 6 is odd", b"byte 150 is odd"]


def test_a_group_with_a_live_member_passes_a_long_run_and_goes_on(
    broker: Broker, say: Say, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It commits while the transactions are made, and rewinds at most to what is handled."""
    monkeypatch.setattr("kafkaview.writes.records.batch_room.BATCH_RECORDS", 100)
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 6.0)
    topic = ScatteredTopic.make(broker, 700, set(range(10, 610)), partitions=1)
    with retrier(broker.bootstrap, topic.name, group):
        wait_until(lambda: broker.committed_offsets(group, topic.name) == 10)
        records = [f"{topic.name}:0:{offset}" for offset in sorted(topic.poison)]
        code, document = say("reroute", *records, "--create-dlq", "--group", group, "--yes")
        assert (code, document["doubt"]) == (0, None), document
        wait_until(lambda: broker.committed_offsets(group, topic.name) == 700)
    assert topic.copies() == topic.sources


def test_scattered_records_are_read_by_their_offsets(broker: Broker) -> None:
    topic = ScatteredTopic.make(broker, 2_000, {0, 1, 999, 1_500, 1_999})

    async def read() -> list[RecordId]:
        cluster = open_cluster(ConnectionProfile("test", broker.bootstrap))
        places = [TopicPartition(topic.name, one) for one in range(2)]
        found = []
        try:
            async for batch in cluster.read_at({place: {*topic.poison, 5_000} for place in places}):
                found += [record.id for record in batch.records]
        finally:
            await cluster.close()
        return found

    found = asyncio.run(read())
    assert sorted(found) == sorted(topic.sources)
    for partition in range(2):
        own = [one.offset for one in found if one.partition == partition]
        assert own == sorted(own)


def test_header_names_of_many_records_are_read_together(broker: Broker) -> None:
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 50, "compression.type": "lz4"})
    for number in range(1_000):
        producer.produce(topic, b"v", headers=[(f"h{number}", b"x")])
    assert producer.flush(10) == 0

    async def read() -> Any:
        cluster = open_cluster(ConnectionProfile("test", broker.bootstrap))
        records = [RecordId(topic, 0, offset) for offset in (0, 1, 500, 999)]
        try:
            names = await cluster.header_names(records)
            return [names[one] for one in records], cluster.requests["Fetch"]
        finally:
            await cluster.close()

    names, fetches = asyncio.run(read())
    assert names == [("h0",), ("h1",), ("h500",), ("h999",)]
    assert fetches <= 3


def test_an_interrupt_says_what_stands_and_the_next_run_goes_on(
    broker: Broker,
    group: str,
    tmp_path: Path,
    tmp_home: Path,  # noqa: ARG001
) -> None:
    topic = ScatteredTopic.make(broker, 4_000, set(range(4_000)), partitions=1)
    broker.commit(group, topic.name, 0)
    findings = topic.write_findings(tmp_path / "findings.jsonl")
    line = ["--bootstrap", broker.bootstrap, "reroute", "--from-scan", str(findings), "--create-dlq"]
    words = [*line, "--group", group, "--yes"]
    program, small = [sys.executable, "-m", "kafkaview"], {**os.environ, **small_transactions(tmp_path / "small", 4)}
    with subprocess.Popen([*program, *words], stderr=subprocess.PIPE, text=True, env=small) as process:
        deadline = time.monotonic() + patience(30)
        while broker.log_end(topic.queue) < 200 and process.poll() is None:
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=patience(30))
    stands = len(topic.copies())
    assert process.returncode == 130, said
    assert 0 < stands < 4_000
    assert f"{stands:,} of 4,000 records" in said
    assert broker.committed_offsets(group, topic.name) == stands
    done = subprocess.run([*program, *words, "--json"], capture_output=True, check=True, timeout=patience(60))
    assert orjson.loads(done.stdout)["counts"]["already_sent"] == stands
    assert topic.copies() == topic.sources
