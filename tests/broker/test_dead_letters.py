"""Dead letters of real writers: kafkaview in all dialects that it writes, a sink of Connect, and a share group, whose
dead letters the broker itself writes.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import AcknowledgeType, Producer, ShareConsumer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic
from kafka import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ReadRefused
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.records import passage
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.breakdown import break_down
from kafkaview.triage.dead_letters.letters import read_letters
from kafkaview.triage.dead_letters.recognition import SETTING, DeadLetterTopic, Recognition, find_dead_letter_topics
from kafkaview.triage.dead_letters.request import BreakdownRequest, LetterBreakdown, LetterRow, LettersRequest
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.carrying_out import carry_out
from tests.broker.connect_worker import failing_sink
from tests.broker.material import POISON_AT, POISON_TIME_MS, Broker, wait_until
from tests.broker.secure_kafka import SecureKafka

TRACE = "org.apache.kafka.connect.errors.DataException: no\nCaused by: java.lang.IllegalStateException: price\n"


async def broken_down(session: Session, topic: str) -> LetterBreakdown:
    async with aclosing(break_down(session, BreakdownRequest(topic))) as steps:
        found = [step async for step in steps]
    return replace(found[-1], progress=replace(found[-1].progress, seconds=0.0))


async def found_among(session: Session, *topics: str) -> dict[str, DeadLetterTopic]:
    """The topics of dead letters among these: of all, those of other names are not looked into on a broker that other
    tests have filled with topics.
    """
    found = [await find_dead_letter_topics(session.cluster, topic) for topic in topics]
    return {one.topic: one for answer in found for one in answer.topics}


async def letters(session: Session, topic: str) -> list[LetterRow]:
    async with aclosing(read_letters(session, LettersRequest(topic))) as batches:
        return [row async for batch in batches for row in batch.rows]


async def printed(broker: Broker, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    await asyncio.to_thread(main, ["--bootstrap", broker.bootstrap, "deadletters", *words, "--json"])
    return orjson.loads(capsys.readouterr().out)


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_record_sent_away_is_found_again_in_every_dialect(
    broker: Broker, session: Session, dialect: Dialect, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = broker.poisoned_topic()
    queue = f"sent-away-{uuid.uuid4().hex[:8]}"  # no name of a queue: its records alone tell
    source = RecordId(topic, 0, POISON_AT)
    plan = await plan_reroute(session, [source], groups=[], dlq=queue, dialect=dialect)
    await carry_out(session, plan, lambda _step: None)

    found = await found_among(session, queue, topic)
    assert (found[queue].recognized_by, found[queue].dialect) == (Recognition.HEADERS, dialect)
    assert (found[queue].origins, found[queue].by_kafkaview) == ((topic,), True)
    assert topic not in found
    ((row,), breakdown) = (await letters(session, queue), await broken_down(session, queue))
    assert row.letter is not None
    assert row.letter.origin.record == source
    assert row.letter.origin.timestamp_ms == POISON_TIME_MS
    assert "UTF-8" in (row.letter.message or "")
    assert [(one.text, one.key.origin_topic, one.count) for one in breakdown.causes] == [(row.text, topic, 1)]
    assert breakdown.complete
    (document,) = (await printed(broker, capsys, queue))["topics"]
    assert (document["recognized_by"], document["dialect"], document["records"]) == ("headers", dialect.value, 1)
    assert document["complete"]


def share_of(broker: Broker, topic: str, group: str, offsets: int) -> None:
    """Takes records in a share group and rejects every second one, which the broker then sends to the queue."""
    consumer = ShareConsumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": group, "share.acknowledgement.mode": "explicit"}
    )
    consumer.subscribe([topic])
    seen: set[int] = set()

    def takes() -> bool:
        for message in consumer.poll(1.0) or ():
            offset = message.offset() or 0
            seen.add(offset)
            consumer.acknowledge(message, AcknowledgeType.REJECT if offset % 2 else AcknowledgeType.ACCEPT)
        consumer.commit_sync()
        return len(seen) == offsets

    try:
        wait_until(takes)
    finally:
        consumer.close()


async def test_what_a_share_group_rejects_is_read_from_the_brokers_own_queue(
    broker: Broker, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    unique = uuid.uuid4().hex[:8]
    topic, queue, group = broker.topic(), f"dlq.{unique}", f"share-{unique}"
    await session.cluster.create_topic(queue, 1, 1, {SETTING: "true"})
    found = await found_among(session, queue, topic)
    assert found[queue].recognized_by is Recognition.CONFIG  # it is empty yet
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        settings = {"errors.deadletterqueue.topic.name": queue, "share.auto.offset.reset": "earliest"}
        admin.alter_configs([ConfigResource(ConfigResourceType.GROUP, group, configs=settings)])
    finally:
        admin.close()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for _ in range(6):
        producer.produce(topic, b"{}", b"k", partition=0)
    assert producer.flush(10) == 0
    share_of(broker, topic, group, 6)
    wait_until(lambda: len(broker.read_committed(queue)) == 3)

    found = await found_among(session, queue, topic)
    assert (found[queue].recognized_by, found[queue].dialect) == (Recognition.HEADERS, "kafka")
    rows = [row.letter for row in await letters(session, queue)]
    assert sorted(str(one.origin.record) for one in rows if one is not None) == [f"{topic}:0:{n}" for n in (1, 3, 5)]
    assert {one.readers for one in rows if one is not None} == {(group,)}
    (document,) = (await printed(broker, capsys, queue))["topics"]
    (cause,) = document["causes"]
    assert (cause["cause"], cause["origin_topic"], cause["count"]) == ("Offset rejected by client.", topic, 3)


def mixed_orders(broker: Broker) -> str:
    """Ten records, of which those at odd offsets are no JSON, created at a time of their own."""
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(10):
        value = b"<no json %d>" % number if number % 2 else b'{"n": %d}' % number
        headers: list[tuple[str, str | bytes | None]] = [("trace", b"7"), ("trace", b"8")]
        producer.produce(topic, value, b"k%d" % number, 0, timestamp=POISON_TIME_MS + number, headers=headers)
    assert producer.flush(10) == 0
    return topic


async def test_what_a_sink_of_connect_sends_away_names_origin_cause_and_connector(
    broker: Broker, session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topic, sink = mixed_orders(broker), f"sink-{uuid.uuid4().hex[:8]}"
    queue = f"{sink}-sent-away"
    with failing_sink(broker.bootstrap, tmp_path, sink, topic, queue, context=True):
        wait_until(lambda: broker.exists(queue) and len(broker.read_committed(queue)) == 5, 60)
    found = await found_among(session, queue, topic)
    assert (found[queue].recognized_by, found[queue].dialect) == (Recognition.HEADERS, "connect")
    assert (found[queue].origins, found[queue].by_kafkaview) == ((topic,), False)
    rows = await letters(session, queue)
    assert [row.timestamp_ms for row in rows] == [POISON_TIME_MS + number for number in (9, 7, 5, 3, 1)]
    for row, offset in zip(rows, (9, 7, 5, 3, 1), strict=True):
        assert row.letter is not None
        assert row.letter.origin.record == RecordId(topic, 0, offset)
        assert row.letter.cause == "com.fasterxml.jackson.core.JsonParseException"
        assert row.letter.wrapper == "org.apache.kafka.connect.errors.DataException"
        assert row.letter.readers == (sink,)
        assert dict(row.letter.fields)["stage"] == "VALUE_CONVERTER"
        assert row.letter.problems == ()
    (document,) = (await printed(broker, capsys, queue))["topics"]
    (cause,) = document["causes"]
    assert (cause["cause"], cause["count"]) == ("com.fasterxml.jackson.core.JsonParseException", 5)
    assert (cause["origin_topic"], document["records"]) == (topic, 5)


async def test_without_context_headers_the_queue_of_connect_is_known_by_its_name_alone(
    broker: Broker, session: Session, tmp_path: Path
) -> None:
    topic, sink = mixed_orders(broker), f"sink-{uuid.uuid4().hex[:8]}"
    queue = f"{sink}-dlq"
    with failing_sink(broker.bootstrap, tmp_path, sink, topic, queue, context=False):
        wait_until(lambda: broker.exists(queue) and len(broker.read_committed(queue)) == 5, 60)
    found = await found_among(session, queue, topic)
    assert (found[queue].recognized_by, found[queue].dialect) == (Recognition.NAME, None)
    breakdown = await broken_down(session, queue)
    assert (breakdown.records, breakdown.without_headers, breakdown.complete) == (5, 5, True)


async def test_topics_that_may_not_be_read_hide_no_others(secure_kafka: SecureKafka) -> None:
    unique = uuid.uuid4().hex[:8]
    queues = [f"{name}-{unique}-dlq" for name in ("closed", "hidden", "open")]
    other = f"sent-away-{unique}"  # no name of a queue: its records alone tell
    admin = AdminClient({"bootstrap.servers": secure_kafka.bootstrap("PLAINTEXT")})
    for made in admin.create_topics([NewTopic(name, 3, 1) for name in (*queues, other)]).values():
        made.result(10)
    allowed = [
        *((ResourceType.TOPIC, AclOperation.DESCRIBE, name) for name in queues),
        *((ResourceType.TOPIC, AclOperation.READ, name) for name in (queues[2], other)),
    ]
    producer = Producer({"bootstrap.servers": secure_kafka.bootstrap("PLAINTEXT")})
    for name in (*queues, other):
        for partition in range(3):
            producer.produce(name, b"v", None, partition, headers=[("__connect.errors.topic", b"orders")])
    assert producer.flush(20) == 0
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="PLAIN", user="nobody")
    with secure_kafka.allowing_nobody(allowed):
        cluster = open_cluster(profile, secrets)
        try:
            found = await find_dead_letter_topics(cluster)
        finally:
            await cluster.close()
    ours = {one.topic: (one.recognized_by, one.sampled) for one in found.topics if unique in one.topic}
    assert ours == {
        queues[0]: (Recognition.NAME, False),
        queues[1]: (Recognition.NAME, False),
        queues[2]: (Recognition.HEADERS, True),
        other: (Recognition.HEADERS, True),
    }
    (refused,) = [error for error in found.errors if isinstance(error, ReadRefused)]
    assert refused.topics == frozenset(queues[:2])


async def test_several_processes_count_what_one_counts(
    broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = broker.topic(partitions=4)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(4_000):
        headers: list[tuple[str, str | bytes | None]] = [
            ("__connect.errors.topic", b"orders"),
            ("__connect.errors.partition", b"1"),
            ("__connect.errors.offset", str(number).encode()),
            ("__connect.errors.exception.message", None if number % 3 else f"at byte {number}".encode()),
            ("__connect.errors.exception.stacktrace", TRACE.encode() if number % 3 else None),
        ]
        producer.produce(topic, b"v", None, number % 4, headers=headers if number % 5 else None)
        producer.poll(0)
    assert producer.flush(20) == 0
    answers = []
    for processes in (0, 1, 3):
        monkeypatch.setattr(passage, "count_workers", lambda _offsets, many=processes: many)
        answers.append(await broken_down(session, topic))
    assert answers[0] == answers[1] == answers[2]
    assert [(one.text, one.count) for one in answers[0].causes] == [
        ("java.lang.IllegalStateException", 2_133),
        ("at byte …", 1_067),
        (None, 800),
    ]
    assert (answers[0].records, answers[0].without_headers, answers[0].complete) == (4_000, 800, True)
