"""Dead letters of Kafka Streams and of Spring Kafka are known and come back; Spring reads those of kafkaview."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.recognition import Recognition, find_dead_letter_topics
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.carrying_out import carry_out
from tests.broker.letter_writers import read_by_spring, send_away_by_spring, streams_application
from tests.broker.material import POISON_AT, POISON_TIME_MS, Broker, wait_until
from tests.broker.test_dead_letters import letters
from tests.broker.test_redrive import contents

Say = Callable[..., tuple[int, Any]]


def fill(broker: Broker, topic: str, poison: bytes) -> None:
    """Ten records, of which every second one holds these bytes."""
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(10):
        value = poison if number % 2 else b'{"n":%d}' % number
        headers: list[tuple[str, str | bytes | None]] = [("trace", b"7"), ("trace", None)]
        producer.produce(topic, value, b"k%d" % number, 0, timestamp=POISON_TIME_MS + number, headers=headers)
    assert producer.flush(10) == 0


async def come_back(say: Say, queue: str, records: int) -> None:
    code, document = await asyncio.to_thread(say, "redrive", queue, "--yes")
    assert code == 0, document
    assert (document["counts"]["sent"], document["read_back"]) == (records, records)


async def test_what_an_application_of_streams_sent_away_is_known_and_comes_back(
    broker: Broker, session: Session, tmp_path: Path, say: Say
) -> None:
    topic, queue, copies = broker.topic(), broker.topic(), broker.topic()
    fill(broker, topic, b"no text \xff\x00")
    before = await contents(session, topic)
    name = f"shop-{uuid.uuid4().hex[:8]}"
    with streams_application(broker.bootstrap, tmp_path, topic, queue, copies, name):
        wait_until(lambda: len(broker.read_committed(queue)) == 5 and len(broker.read_committed(copies)) == 5, 60)
    (found,) = (await find_dead_letter_topics(session.cluster, queue)).topics
    assert (found.recognized_by, found.dialect, found.origins) == (Recognition.HEADERS, "streams", (topic,))
    rows = [row.letter for row in await letters(session, queue)]
    assert {one.origin.record for one in rows if one is not None} == {RecordId(topic, 0, n) for n in (1, 3, 5, 7, 9)}
    assert {one.cause for one in rows if one is not None} == {"java.nio.charset.MalformedInputException"}
    await come_back(say, queue, 5)
    after = await contents(session, topic)
    assert after[:10] == before
    assert sorted(after[10:], key=repr) == sorted(before[1::2], key=repr)


async def test_what_spring_sent_away_is_known_and_comes_back(broker: Broker, session: Session, say: Say) -> None:
    topic = broker.topic()
    queue = broker.topic(f"{topic}-dlt")
    fill(broker, topic, b"\x00\xff")
    before = await contents(session, topic)
    await asyncio.to_thread(send_away_by_spring, broker.bootstrap, topic, 10)
    (found,) = (await find_dead_letter_topics(session.cluster, queue)).topics
    assert (found.recognized_by, found.dialect, found.origins) == (Recognition.HEADERS, "spring", (topic,))
    rows = [row.letter for row in await letters(session, queue)]
    assert {(one.cause, one.message, one.readers) for one in rows if one is not None} == {
        ("java.lang.IllegalStateException", "Listener failed; no price", ("billing",))
    }
    assert {one.origin.timestamp_ms for one in rows if one is not None} == {POISON_TIME_MS + n for n in range(10)}
    await come_back(say, queue, 10)
    after = await contents(session, topic)
    assert sorted(after[10:], key=repr) == sorted(before, key=repr)


async def test_spring_reads_what_kafkaview_wrote_in_its_dialect(broker: Broker, session: Session) -> None:
    topic = broker.poisoned_topic()
    queue = f"{topic}-dlt"
    source = RecordId(topic, 0, POISON_AT)
    plan = await plan_reroute(session, [source], groups=[], dlq=queue, dialect=Dialect.SPRING)
    await carry_out(session, plan, lambda _step: None)
    ((*place, at_ms, kind, message),) = await asyncio.to_thread(read_by_spring, broker.bootstrap, queue, 1)
    assert (place, at_ms, kind) == ([topic, 0, POISON_AT], POISON_TIME_MS, "CreateTime")
    assert message == "byte 12 of the value is not UTF-8"
