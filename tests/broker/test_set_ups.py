"""Stuck detection on 40 set-ups at once: what each group does, with every client, protocol and style of commits; and
healthy groups over a long run, of which none is named.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, aclosing, contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.watch import Watch
from tests.broker.material import POISON_AT, Broker, wait_until
from tests.broker.set_ups import FAILS_AT, all_set_ups, running
from tests.broker.test_verdicts import damage_last_byte, open_transaction, standing_member, storm

pytestmark = pytest.mark.soak
_WINDOW_S = 10.0
_ESTABLISHED_S = 210.0  # a group that commits once a minute has done so three times
_MINUTES = float(os.environ.get("KAFKAVIEW_HEALTHY_MINUTES", "30"))


@pytest.fixture(scope="module")
def broker(kafka: EmbeddedKafka) -> Broker:
    broker = Broker(kafka.bootstrap)
    broker.commit("first", broker.poisoned_topic(), 0)
    return broker


def fill(broker: Broker, topic: str, records: int, first: int = 0) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(first, first + records):
        producer.produce(topic, b'{"n":%d}' % number, b"k%d" % number, 0)
    assert producer.flush(10) == 0


@contextmanager
def growing(broker: Broker, topic: str) -> Iterator[None]:
    """A topic that gets a record each 50 ms."""
    ended = threading.Event()

    def grow() -> None:
        number = 0
        while not ended.wait(0.05):
            fill(broker, topic, 1, number)
            number += 1

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def going_back(broker: Broker, topic: str, group: str) -> Iterator[None]:
    """A member that commits forward and back again."""
    ended = threading.Event()
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    wait_until(lambda: consumer.poll(0.1) is None and bool(consumer.assignment()))

    def commit() -> None:
        at = 0
        while not ended.wait(0.5):
            at = (at + 1) % 3
            consumer.poll(0)
            consumer.commit(offsets=[ClientPartition(topic, 0, 4 + 2 * at)], asynchronous=False)

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        consumer.close()


async def found(session: Session, groups: list[str]) -> dict[str, Stuck]:
    """What is said of each group once all have been judged for two windows."""
    watch = Watch(session, interval=0.5, window=_WINDOW_S, groups=groups)
    began = time.monotonic()
    async with aclosing(watch.views()) as views:
        async for view in views:
            reading = any(line.text == BEING_READ for one in view.stuck for line in one.evidence)
            if view.judged and not reading and time.monotonic() - began > 2 * _WINDOW_S:
                return {one.group: one for one in view.stuck}
    raise AssertionError("a watch never ends by itself")


async def test_each_of_forty_set_ups_gets_its_verdict(
    kafka: EmbeddedKafka, broker: Broker, session: Session, tmp_path: Path
) -> None:
    unique = uuid.uuid4().hex[:6]
    topics = {
        "poison": broker.poisoned_topic(),
        "processing": broker.topic(),
        "transaction": broker.topic(),
        "healthy": broker.topic(),
    }
    fill(broker, topics["processing"], 30)
    fill(broker, topics["transaction"], 1)
    set_ups = all_set_ups(topics, unique)
    expected: dict[str, Verdict | None] = {
        one.group: {
            "poison": Verdict.POISON,
            "processing": Verdict.UNDECIDED,
            "transaction": Verdict.OPEN_TRANSACTION,
            "healthy": None,
        }[one.way]
        for one in set_ups
    }
    stored, damaged, keyed = broker.topic(), broker.topic(), broker.topic()
    fill(broker, stored, 30)
    for number in range(2):
        fill(broker, damaged, 1, number)
    damage_last_byte(kafka, damaged)
    session.decoders.choose(damaged, parse_rule("json"))
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(20):
        producer.produce(keyed, b'{"n":1}', b'{"id":' if number == POISON_AT else b'{"id":%d}' % number, 0)
    assert producer.flush(10) == 0
    with ExitStack() as held:
        held.enter_context(open_transaction(broker.bootstrap, topics["transaction"]))
        held.enter_context(growing(broker, topics["healthy"]))
        held.enter_context(running(broker.bootstrap, set_ups, tmp_path))
        for name, topic, offset, verdict in (
            ("damaged", damaged, 1, Verdict.CORRUPT_BATCH),
            ("beyond", stored, 1_000, Verdict.UNDECIDED),
            ("keyed", keyed, POISON_AT, Verdict.POISON),
        ):
            held.enter_context(standing_member(broker.bootstrap, topic, f"{name}-{unique}", offset))
            expected[f"{name}-{unique}"] = verdict
        broker.commit(f"nobody-{unique}", stored, 10)
        expected[f"nobody-{unique}"] = Verdict.NO_MEMBERS
        broker.commit(f"storm-{unique}", stored, 10)
        held.enter_context(storm(broker, stored, f"storm-{unique}"))
        expected[f"storm-{unique}"] = Verdict.REBALANCING
        held.enter_context(going_back(broker, stored, f"back-{unique}"))
        expected[f"back-{unique}"] = Verdict.REWINDING
        assert len(expected) >= 38
        wait_until(
            lambda: all(
                broker.committed_offsets(one.group, one.topic) == {"poison": POISON_AT, "processing": FAILS_AT}[one.way]
                for one in set_ups
                if one.way in {"poison", "processing"}
            ),
            60,
        )
        stuck = await found(session, list(expected))
    verdicts = {group: stuck[group].verdict if group in stuck else None for group in expected}
    wrong = {group: (verdicts[group], expected[group]) for group in expected if verdicts[group] is not expected[group]}
    for group, both in wrong.items():
        print(group, both, *(line.text for line in stuck[group].evidence if group in stuck), sep="\n  ")
    assert wrong == {}
    for one in set_ups:
        if one.way == "poison":
            suspect = stuck[one.group].suspect
            assert suspect is not None
            assert suspect.record.offset == POISON_AT
    print(Counter(str(verdict) for verdict in verdicts.values()))


@contextmanager
def others_that_are_healthy(broker: Broker, topic: str, seldom: str, comes: str) -> Iterator[None]:
    """A group that commits once a minute, and one whose second member comes and goes each 20 s."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_commit_each_minute, args=(broker, topic, seldom, ended)),
        threading.Thread(target=_come_and_go, args=(broker, topic, comes, ended)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _commit_each_minute(broker: Broker, topic: str, group: str, ended: threading.Event) -> None:
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    last = time.monotonic()
    while not ended.is_set():
        message = consumer.poll(0.2)
        if message is not None and time.monotonic() - last > 60:
            consumer.commit(message=message, asynchronous=False)
            last = time.monotonic()
    consumer.close()


def _come_and_go(broker: Broker, topic: str, group: str, ended: threading.Event) -> None:
    members: list[Consumer] = []
    last = float("-inf")
    while not ended.is_set():
        if len(members) < 2 and time.monotonic() - last > 20:
            members.append(
                Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
            )
            members[-1].subscribe([topic])
            last = time.monotonic()
        for member in members:
            member.poll(0.1)
        if len(members) == 2 and time.monotonic() - last > 20:
            members.pop().close()
            last = time.monotonic()
    for member in members:
        member.close()


async def test_no_healthy_group_is_named_in_a_long_run(broker: Broker, session: Session, tmp_path: Path) -> None:
    """Consumers of every kind, one that joins and leaves, one that commits once a minute, and a reader that assigns
    itself.
    """
    unique = uuid.uuid4().hex[:6]
    topic = broker.topic()
    place = TopicPartition(topic, 0)
    set_ups = all_set_ups({"healthy": topic}, unique)
    seldom, alone, comes = (f"{name}-{unique}" for name in ("seldom", "alone", "comes"))
    named: Counter[str] = Counter()
    views_seen = 0
    watch = Watch(session, window=_WINDOW_S, groups=[*(one.group for one in set_ups), seldom, alone, comes])
    await session.cluster.group_offsets.commit(alone, {place: CommittedOffset(0)})
    with ExitStack() as held:
        held.enter_context(growing(broker, topic))
        held.enter_context(running(broker.bootstrap, set_ups, tmp_path))
        held.enter_context(others_that_are_healthy(broker, topic, seldom, comes))
        await asyncio.sleep(_ESTABLISHED_S)
        until = time.monotonic() + 60 * _MINUTES
        async with aclosing(watch.views()) as views:
            async for view in views:
                views_seen += 1
                named.update(f"{one.group}: {one.verdict.value}: {one.reason}" for one in view.stuck)
                end = (await session.cluster.offsets([place]))[place].log_end_offset or 0
                await session.cluster.group_offsets.commit(alone, {place: CommittedOffset(max(0, end - 2))})
                if time.monotonic() > until:
                    break
    print(f"{views_seen} views in {_MINUTES:g} min, named: {dict(named)}")
    assert not named
