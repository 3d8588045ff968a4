"""Record batches that are damaged on a broker's disk: a scan names their offsets and goes on behind them."""

from __future__ import annotations

import os
import struct
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Producer

from kafkaview.cluster.kafka import span_reader
from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.records import passage as scanning
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.findings import ScanProgress
from kafkaview.triage.scan.scan import scan
from kafkaview.triage.watch.suspect import Suspects
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.triage.watch.watch import Watch
from tests.broker.material import Broker

BATCHES, EACH = 6, 10
LENGTH_AT, MAGIC_AT, DELTA_AT, RECORDS_AT = 8, 16, 23, 61  # bytes of a batch
PROCESSES: Final = pytest.mark.parametrize("processes", [0, 2])


def topic_of_batches(kafka: EmbeddedKafka, codec: str = "none", size: int = 20) -> tuple[str, Path]:
    """A topic with batches of ten records, and the file of its log."""
    topic = Broker(kafka.bootstrap).topic(settings={"compression.type": "producer"})
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "compression.type": codec, "linger.ms": 500})
    for _ in range(BATCHES):
        for _ in range(EACH):
            producer.produce(topic, b'{"x":"%s"}' % os.urandom(size // 2).hex().encode(), b"k", 0)
        assert producer.flush(20) == 0
    return topic, kafka.nodes[0].data / f"{topic}-0" / f"{0:020}.log"


def damage(log: Path, batch: int, at: int, bits: int = 0xFF) -> None:
    """Turns bits of one byte of a batch. A broker sends what is on its disk and looks at no checksum."""
    data = log.read_bytes()
    start = 0
    for _ in range(batch):
        start += 12 + int(struct.unpack_from(">i", data, start + LENGTH_AT)[0])
    with log.open("r+b") as file:
        file.seek(start + at)
        file.write(bytes([data[start + at] ^ bits]))


async def read_through(
    session: Session, topic: str, processes: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[ScanProgress, list[tuple[int, int]]]:
    """The last progress of a scan, and the offsets from and to which it found damage."""
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: processes)
    last = ScanProgress()
    async with aclosing(scan(session, [topic], value_rules=[parse_rule("json")])) as steps:
        async for last in steps:
            assert last.passed <= last.total
    place = TopicPartition(topic, 0)
    spans = [(gap.from_offset, gap.to_offset) for gap in last.damaged]
    assert last.damaged == tuple(RemovedOffsets(place, *span, RemovalCause.DAMAGE) for span in spans)
    return last, sorted(spans)


@PROCESSES
async def test_a_scan_goes_on_behind_a_batch_that_fails_its_checksum(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic, log = topic_of_batches(kafka)
    for batch in (1, 3, 5):
        damage(log, batch, RECORDS_AT + 5)
    last, found = await read_through(session, topic, processes, monkeypatch)
    assert found == [(10, 20), (30, 40), (50, 60)]
    assert (last.scanned, last.found, last.passed, last.removed, last.complete) == (30, 0, 60, (), False)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_the_batch_may_be_packed(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    topic, log = topic_of_batches(kafka, codec)
    damage(log, 2, RECORDS_AT + 5)
    last, found = await read_through(session, topic, 0, monkeypatch)
    assert (found, last.scanned) == ([(20, 30)], 50)


async def test_the_batch_may_be_larger_than_one_answer(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, log = topic_of_batches(kafka, size=90_000)
    damage(log, 1, RECORDS_AT + 5)
    last, found = await read_through(session, topic, 0, monkeypatch)
    assert (found, last.scanned) == ([(10, 20)], 50)


@pytest.mark.parametrize(("at", "until"), [(MAGIC_AT, None), (DELTA_AT + 3, 20), (DELTA_AT, None)])
async def test_a_header_that_is_damaged_costs_its_batch_or_what_is_behind_and_is_named(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch, at: int, until: int | None
) -> None:
    topic, log = topic_of_batches(kafka)
    damage(log, 1, at)
    last, found = await read_through(session, topic, 0, monkeypatch)
    assert found[0][0] == 10
    assert last.scanned + sum(end - first for first, end in found) == BATCHES * EACH
    assert until is None or found == [(10, until)]
    assert not last.complete


LENGTHS: Final = {"negative": (0, 0xFF), "shorter": (3, 0xFF), "longer": (3, 0x40), "longer than the log": (1, 0x10)}


@pytest.mark.parametrize("way", LENGTHS)
async def test_a_length_that_is_damaged_is_no_leader_that_is_away(
    kafka: EmbeddedKafka, session: Session, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """librdkafka waits for such a batch without a word, and the broker may find nothing behind it."""
    monkeypatch.setattr(span_reader, "GONE_SECONDS", 3.0)
    (topic, log), (other, _) = topic_of_batches(kafka), topic_of_batches(kafka)
    at, bits = LENGTHS[way]
    damage(log, 1, LENGTH_AT + at, bits)
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: 0)
    async with aclosing(scan(session, [topic, other], value_rules=[parse_rule("json")])) as steps:
        last = [step async for step in steps][-1]
    spans = [(gap.topic_partition.topic, gap.from_offset, gap.to_offset) for gap in last.damaged]
    assert spans[0][:2] == (topic, 10)
    assert {name for name, *_ in spans} == {topic}
    assert last.scanned + sum(gap.offsets for gap in last.damaged) == 2 * BATCHES * EACH
    assert (last.skipped, last.removed, last.complete) == ((), (), False)
    group = f"stands-{topic}"
    await session.cluster.group_offsets.commit(group, {TopicPartition(topic, 0): CommittedOffset(10)})
    session.decoders.choose(topic, parse_rule("json"))
    watch = Watch(session, interval=0.25, window=2.0, groups=[group])
    async with aclosing(watch.views()) as views:
        await anext(view async for view in views if view.judged)
        stuck = replace(watch.all_stuck()[0], verdict=Verdict.UNDECIDED)
    suspects = Suspects(session.cluster, session.decoders)
    await suspects.search([stuck], lambda: None)
    (explained,) = suspects.explain([stuck])
    assert (explained.verdict, explained.reason) == (Verdict.CORRUPT_BATCH, "a record batch fails its checksum")
    await session.cluster.group_offsets.delete_group(group)
