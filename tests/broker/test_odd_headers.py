"""Headers whose names are not UTF-8: the record is named, everything else is read, and no copy is made in part."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import aclosing
from typing import cast

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.records import worker_pool
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from kafkaview.triage.neighbours import read_around
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.triage.scan.findings import Finding, ScanProgress
from kafkaview.triage.scan.scan import scan
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.steps import WriteStep
from tests.broker.material import Broker
from tests.broker.raw_records import produce_raw

NAME = b"\xff\xfe"
GOOD, BAD = b'{"n":1}', b'{"n":'
HEADERS = [(b"trace", b"1"), (NAME, b"x"), (b"last", None)]


async def topic_with(session: Session, kafka: EmbeddedKafka, odd_value: bytes = GOOD) -> tuple[str, int]:
    """Forty records; the one at offset 7 has the odd header."""
    topic = Broker(kafka.bootstrap).topic()
    cluster = cast("KafkaCluster", session.cluster)
    for number in range(40):
        odd = number == 7
        await produce_raw(cluster, topic, odd_value if odd else GOOD, HEADERS if odd else [(b"trace", b"1")])
    return topic, 7


async def run_scan(session: Session, topic: str) -> tuple[list[Finding], ScanProgress]:
    found: list[Finding] = []
    last = ScanProgress()
    async with aclosing(scan(session, [topic], value_rules=[parse_rule("json")])) as steps:
        async for last in steps:
            found += last.findings
    return found, last


@pytest.mark.parametrize("beside", [False, True])
async def test_a_scan_names_the_record_and_reads_on(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch, *, beside: bool
) -> None:
    topic, offset = await topic_with(session, kafka)
    await produce_raw(cast("KafkaCluster", session.cluster), topic, BAD, [])
    if beside:
        monkeypatch.setattr(worker_pool, "OFFSETS_EACH", 10)
    found, last = await run_scan(session, topic)
    named = [
        (one.record, one.field, one.rule, one.position, one.size) for one in sorted(found, key=lambda one: one.record)
    ]
    assert named == [
        (RecordId(topic, 0, offset), "headers", "utf8", 0, len(NAME)),
        (RecordId(topic, 0, 40), "value", "json", len(BAD) - 1, len(BAD)),
    ]
    assert min(found, key=lambda one: one.record).reason == "byte 0 of the name of a header is not UTF-8 (ff fe)"
    assert (last.scanned, last.complete) == (41, True)


async def test_the_record_is_shown_with_all_but_its_headers(kafka: EmbeddedKafka, session: Session) -> None:
    topic, offset = await topic_with(session, kafka)
    around = await read_around(session, TopicPartition(topic, 0), offset)
    record = around.record
    assert record is not None
    assert (record.key, record.value, record.headers, record.unreadable_header) == (b"k", GOOD, None, NAME)
    assert list(around.problems) == [offset]
    assert len(around.records) == 28
    assert all(other.headers for place, other in around.records.items() if place != offset)


async def test_no_copy_is_made_in_part(kafka: EmbeddedKafka, session: Session) -> None:
    broker = Broker(kafka.bootstrap)
    topic, offset = await topic_with(session, kafka, BAD)
    where, group = TopicPartition(topic, 0), f"g-{uuid.uuid4().hex[:8]}"
    await session.cluster.group_offsets.commit(group, {where: CommittedOffset(offset)})
    plan = await plan_reroute(session, [RecordId(topic, 0, offset)], groups=[group])
    assert "cannot be copied byte for byte" in plan.problems[0].message

    def silent(_step: WriteStep) -> None:
        """Nobody looks at the progress."""

    with pytest.raises(RefusedHere, match="cannot be copied byte for byte"):
        await carry_out(session, plan, silent)
    committed = (await session.cluster.committed_offsets([group]))[group]
    assert not isinstance(committed, Exception)
    assert committed[where].offset == offset
    assert not broker.exists(f"{topic}-dlq")
    assert await session.journal.entries() == ()


@pytest.mark.parametrize(("name", "refused"), [(b"a\0b", True), (b"\0", True), (b"", False), (b"a b", False)])
async def test_a_name_that_the_client_library_would_cut_is_not_copied(
    kafka: EmbeddedKafka, session: Session, name: bytes, *, refused: bool
) -> None:
    topic = Broker(kafka.bootstrap).topic()
    offset = await produce_raw(cast("KafkaCluster", session.cluster), topic, GOOD, [(b"trace", b"1"), (name, b"2")])
    plan = await plan_reroute(session, [RecordId(topic, 0, offset)], groups=[])
    found = [problem.message for problem in plan.problems]
    assert ["is NUL" in message for message in found] == [True] * refused


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
async def test_the_names_of_a_packed_batch_are_seen_whole(kafka: EmbeddedKafka, session: Session, codec: int) -> None:
    topic, cluster = Broker(kafka.bootstrap).topic(), cast("KafkaCluster", session.cluster)
    offset = await produce_raw(cluster, topic, GOOD, [(b"a\0b", b"2")], codec)
    plan = await plan_reroute(session, [RecordId(topic, 0, offset)], groups=[])
    assert ["is NUL" in problem.message for problem in plan.problems] == [True]
    names = ["none", "gzip", "snappy", "lz4", "zstd"]
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "compression.type": names[codec]})
    producer.produce(topic, GOOD * 100, partition=0, headers=[("trace", b"1"), ("other", b"2")])
    assert producer.flush(10) == 0
    record = RecordId(topic, 0, offset + 1)
    assert await cluster.header_names([record]) == {record: ("trace", "other")}


@pytest.mark.usefixtures("tmp_home")
async def test_a_dry_run_says_so_beforehand(
    kafka: EmbeddedKafka, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    topic, offset = await topic_with(session, kafka)
    await session.cluster.group_offsets.commit(f"g-{topic}", {TopicPartition(topic, 0): CommittedOffset(offset)})
    line = ["--bootstrap", kafka.bootstrap, "reroute", f"{topic}:0:{offset}", "--create-dlq", "--dry-run", "--json"]
    code = await asyncio.to_thread(main, line)
    document = orjson.loads(capsys.readouterr().out)
    assert code == RefusedHere.exit_code, document
    assert document["plan"]["records"][0]["headers"] is None
    assert "ff fe" in document["plan"]["problems"][0]
