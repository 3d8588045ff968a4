"""The statistics of a topic on a real broker, counted by one process and by several."""

from __future__ import annotations

import uuid
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.registry import parse_rule
from kafkaview.records import passage
from kafkaview.records.statistics import SchemaUse, StatisticsRequest, TopicStatistics, topic_statistics
from kafkaview.session import Session
from tests.broker.material import Broker
from tests.broker.raw_records import produce_raw

HOUR = 3_600_000
FIRST = 1_790_000_000_000 // HOUR * HOUR
RECORDS = 20_000


async def read(session: Session, request: StatisticsRequest) -> TopicStatistics:
    async with aclosing(topic_statistics(session, request)) as steps:
        found = [step async for step in steps]
    last = found[-1]
    return replace(last, progress=replace(last.progress, seconds=0.0))


def fill(broker: Broker) -> str:
    """20,000 records on four partitions, over five hours: 2,000 tombstones, 1,000 without a key."""
    topic = broker.topic(partitions=4)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.type": "zstd"})
    for number in range(RECORDS):
        producer.produce(
            topic,
            None if number % 10 == 3 else b"x" * (number % 100),
            None if number % 20 == 6 else b"\xffk%d" % (number % 500),
            number % 4,
            timestamp=FIRST + number % 5 * HOUR + number % 1_000,
            headers=[("trace", b"1"), ("trace", b"2")] if number % 2 else [("source", None)],
        )
    assert producer.flush(20) == 0
    return topic


async def test_several_processes_count_what_one_counts(
    broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = fill(broker)
    answers = []
    for processes in (0, 1, 3):
        monkeypatch.setattr(passage, "count_workers", lambda _offsets, many=processes: many)
        answers.append(await read(session, StatisticsRequest(topic)))
    found = answers[0]
    assert (found.records, found.null_values, found.tombstones, found.null_keys) == (RECORDS, 2_000, 2_000, 1_000)
    assert found.spans == tuple((partition, 0, 5_000) for partition in range(4))
    assert (found.values.count, found.values.least, found.values.most) == (18_000, 0, 99)
    assert found.hours == tuple((FIRST + hour * HOUR, RECORDS // 5) for hour in range(5))
    assert sorted(found.headers) == [("source", RECORDS // 2), ("trace", RECORDS // 2)]
    assert found.progress.complete
    assert found.batches is not None
    assert found.batches.codecs == (("zstd", found.batches.batches),)
    assert 0 < found.batches.batches <= found.batches.records <= RECORDS
    assert found.distinct_keys is not None
    assert abs(found.distinct_keys - 475) <= 10
    assert answers[0] == replace(answers[1], distinct_keys=found.distinct_keys)
    assert answers[0] == replace(answers[2], distinct_keys=found.distinct_keys)
    part = await read(session, StatisticsRequest(topic, "100", "-100", (2,)))
    assert (part.spans, part.records) == (((2, 100, 4_900),), 4_800)


async def test_headers_that_cannot_be_read_are_counted_by_each(
    broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = broker.topic()
    assert isinstance(session.cluster, KafkaCluster)
    for name in (b"good", b"b\xffd", b"good", b"b\xffd"):
        await produce_raw(session.cluster, topic, b"v", [(name, b"1")])
    for processes in (0, 1):
        monkeypatch.setattr(passage, "count_workers", lambda _offsets, many=processes: many)
        found = await read(session, StatisticsRequest(topic))
        assert (found.records, found.unreadable_headers, found.headers) == (4, 2, (("good", 2),))


async def test_schemas_are_counted_by_each(broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, guid = broker.topic(), uuid.UUID("89791762-2336-4186-9674-299b90a802e2")
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    by_guid: list[tuple[str, str | bytes | None]] = [("__value_schema_id", b"\x01" + guid.bytes)]
    for number in range(30):
        key, headers = number.to_bytes(8, "big"), by_guid if number < 10 else []
        producer.produce(topic, b"\x00\x00\x00\x00\x07\x02", key, headers=headers)
    assert producer.flush(20) == 0
    session.decoders.choose(topic, Registered(), parse_rule("long"))
    for processes in (0, 1):
        monkeypatch.setattr(passage, "count_workers", lambda _offsets, many=processes: many)
        found = await read(session, StatisticsRequest(topic))
        assert found.schemas == (SchemaUse("value", 7, None, 20), SchemaUse("value", None, str(guid), 10))


def test_the_command_line_prints_them(
    broker: Broker,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    topic = fill(broker)
    assert main(["--bootstrap", broker.bootstrap, "topics", "statistics", topic, "--partition", "1", "--json"]) == 0
    document = orjson.loads(capsys.readouterr().out)
    assert (document["records"], document["complete"], document["schemas"]) == (5_000, True, None)
    assert main(["--bootstrap", broker.bootstrap, "topics", "statistics", topic]) == 0
    assert f"20,000 records of {topic}" in capsys.readouterr().out
