"""Each verdict by itself, with real consumers and producers on a real broker."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import aclosing, contextmanager

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition
from kafka.protocol.consumer import JoinGroupRequest, LeaveGroupRequest  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.cluster import KafkaCluster, open_cluster
from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, TopicPartition
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.triage.watch.watch import Watch
from tests.broker.material import POISON_AT, Broker, retrier, wait_until

WINDOW_S = 2.5


@pytest.fixture(scope="module")
def broker(kafka: EmbeddedKafka) -> Broker:
    broker = Broker(kafka.bootstrap)
    # librdkafka ends the process when it asks for offsets while the broker still makes __consumer_offsets.
    broker.commit("first", broker.poisoned_topic(), 0)
    return broker


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


@contextmanager
def open_transaction(bootstrap: str, topic: str, *, records: int = 3) -> Iterator[Producer]:
    """A producer that has begun a transaction on partition 0 and not ended it."""
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"open-{uuid.uuid4()}"})
    producer.init_transactions(10)
    producer.begin_transaction()
    for number in range(records):
        producer.produce(topic, b'{"n":%d}' % number, partition=0)
    producer.flush(10)
    try:
        yield producer
    finally:
        producer.abort_transaction(10)


@contextmanager
def standing_member(bootstrap: str, topic: str, group: str, offset: int) -> Iterator[None]:
    """A member that has committed an offset and does nothing more."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    wait_until(lambda: consumer.poll(0.1) is None and bool(consumer.assignment()))
    consumer.commit(offsets=[ClientPartition(topic, 0, offset)], asynchronous=False)
    try:
        yield
    finally:
        consumer.close()


@contextmanager
def storm(broker: Broker, topic: str, group: str) -> Iterator[None]:
    """A rebalance that has no end: two members join whenever they may, and none of them ever takes its assignment."""
    stop = threading.Event()

    async def join() -> None:
        cluster = open_cluster(ConnectionProfile("storm", broker.bootstrap))
        assert isinstance(cluster, KafkaCluster)
        subscription = struct.pack(">hih", 0, 1, len(topic)) + topic.encode() + struct.pack(">i", -1)
        member = ""
        while not stop.is_set():
            request = JoinGroupRequest(
                group_id=group,
                session_timeout_ms=60_000,
                rebalance_timeout_ms=60_000,  # behind it a member is removed that takes no assignment
                member_id=member,
                protocol_type="consumer",
                protocols=[JoinGroupRequest.JoinGroupRequestProtocol(name="range", metadata=subscription)],
                max_version=3,  # the last that lets a member in at once
            )
            answer = await cluster._wire.send(request, 1, "joining", 15)
            member = "" if answer.error_code else answer.member_id
            await asyncio.sleep(0.05)
        await cluster._wire.send(LeaveGroupRequest(group_id=group, member_id=member, max_version=2), 1, "leaving", 15)
        await cluster.close()

    threads = [threading.Thread(target=asyncio.run, args=(join(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: _is_rebalancing(broker, group))
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _is_rebalancing(broker: Broker, group: str) -> bool:
    described = broker.admin.describe_consumer_groups([group])[group].result(10)
    return bool(described.state.name.endswith("REBALANCING"))


def visit(bootstrap: str, topic: str, group: str) -> None:
    """Join a group of the newer protocol, and leave it again."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "group.protocol": "consumer"})
    consumer.subscribe([topic])
    wait_until(lambda: consumer.poll(0.1) is None and bool(consumer.assignment()))
    consumer.close()


def damage_last_byte(kafka: EmbeddedKafka, topic: str) -> None:
    """What a failing disk does to a partition's log."""
    (log,) = kafka.nodes[0].data.glob(f"**/{topic}-0/*.log")
    with log.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 0xFF]))


async def judged(session: Session, group: str) -> View:
    watch = Watch(session, interval=0.25, window=WINDOW_S, groups=[group])
    async with aclosing(watch.views()) as views:
        return await anext(view async for view in views if view.judged and not _is_read_for(view))


def _is_read_for(view: View) -> bool:
    """Whether the records of a partition are still being read."""
    return any(line.text == BEING_READ for one in view.stuck for line in one.evidence)


async def only(session: Session, group: str) -> Stuck:
    (stuck,) = (await judged(session, group)).stuck
    return stuck


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
async def test_a_live_consumer_that_retries_is_poison(
    broker: Broker, session: Session, group: str, protocol: str
) -> None:
    topic = broker.poisoned_topic()
    with retrier(broker.bootstrap, topic, group, protocol):
        wait_until(lambda: broker.committed_offsets(group, topic) == POISON_AT)
        stuck = await only(session, group)
    assert (stuck.verdict, stuck.behaviour) == (Verdict.POISON, Behaviour.RETRIES)
    assert stuck.suspect is not None
    assert (stuck.suspect.record.offset, stuck.reason) == (POISON_AT, "byte 12 of the value is not UTF-8")


async def test_a_poison_key_behind_a_good_value_is_the_suspect(broker: Broker, session: Session, group: str) -> None:
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(20):
        producer.produce(topic, b'{"n":1}', b'{"id":' if number == POISON_AT else b'{"id":%d}' % number, 0)
    producer.flush(10)
    with standing_member(broker.bootstrap, topic, group, POISON_AT):
        stuck = await only(session, group)
    assert stuck.suspect is not None
    assert (stuck.verdict, stuck.suspect.record.offset, stuck.suspect.problem.field) == (
        Verdict.POISON,
        POISON_AT,
        "key",
    )


async def test_an_idle_group_is_no_members(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    stuck = await only(session, group)
    assert stuck.verdict is Verdict.NO_MEMBERS
    assert stuck.reason.startswith("no member is in the group; a reader that assigns itself would not be seen")
    assert "it would have to stand for 150 s" in stuck.evidence[-1].text


async def test_a_visit_between_two_looks_raises_the_epoch(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    seen = []
    for _ in range(2):
        visit(broker.bootstrap, topic, group)
        listing = GroupListing(group, GroupType.CONSUMER, GroupState.EMPTY)
        described = (await session.cluster.describe_groups([listing]))[group]
        assert isinstance(described, Group)
        seen.append(described.epoch)
    assert seen[0] is not None
    assert seen[1] is not None
    assert seen[0] < seen[1]


async def test_a_reader_that_assigns_itself_stands_on_its_poison(broker: Broker, session: Session, group: str) -> None:
    place = TopicPartition(broker.poisoned_topic(), 0)
    await session.cluster.group_offsets.commit(group, {place: CommittedOffset(2)})
    watch = Watch(session, interval=0.25, window=WINDOW_S, groups=[group])
    async with aclosing(watch.views()) as views:
        async for view in views:
            if view.judged and not _is_read_for(view):
                break
            if view.samples == 2:
                await session.cluster.group_offsets.commit(group, {place: CommittedOffset(POISON_AT)})
        view = await anext(view async for view in views if view.stuck and not _is_read_for(view))
    (stuck,) = view.stuck
    assert (stuck.verdict, stuck.behaviour) == (Verdict.POISON, Behaviour.ABSENT)
    assert stuck.suspect is not None
    assert stuck.suspect.record.offset == POISON_AT


async def test_an_open_transaction_is_not_a_poison(broker: Broker, session: Session, group: str) -> None:
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce(topic, b'{"n":0}', partition=0)
    producer.flush(10)
    with open_transaction(broker.bootstrap, topic), retrier(broker.bootstrap, topic, group):
        wait_until(lambda: broker.committed_offsets(group, topic) == 1)
        stuck = await only(session, group)
    assert (stuck.verdict, stuck.last_stable_offset) == (Verdict.OPEN_TRANSACTION, 1)


async def test_behind_transaction_markers_alone_nobody_is_stuck(broker: Broker, session: Session, group: str) -> None:
    topic = broker.topic()
    with open_transaction(broker.bootstrap, topic):
        pass
    with open_transaction(broker.bootstrap, topic, records=1) as producer:
        producer.commit_transaction(10)
        producer.begin_transaction()
    with retrier(broker.bootstrap, topic, group):
        wait_until(lambda: broker.committed_offsets(group, topic) == 5)
        view = await judged(session, group)
    assert view.groups is not None
    assert (view.groups.lag.tolist(), view.stuck) == ([1], ())


async def test_a_batch_that_fails_its_checksum_is_a_corrupt_batch(
    kafka: EmbeddedKafka, broker: Broker, session: Session, group: str
) -> None:
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(2):  # two batches, of which the second is damaged
        producer.produce(topic, b'{"n":%d}' % number, partition=0)
        producer.flush(10)
    damage_last_byte(kafka, topic)
    session.decoders.choose(topic, parse_rule("json"))
    with standing_member(broker.bootstrap, topic, group, 1):
        stuck = await only(session, group)
    assert (stuck.verdict, stuck.reason) == (Verdict.CORRUPT_BATCH, "a record batch fails its checksum")


async def test_an_offset_beyond_either_end_of_the_log_is_the_reason(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    with standing_member(broker.bootstrap, topic, group, 1_000):
        beyond = await only(session, group)
    assert (beyond.reason, beyond.lag) == ("the committed offset 1,000 lies beyond the log's end 30", 0)
    broker.purge(topic, 20)
    with standing_member(broker.bootstrap, topic, group, 5):
        before = await only(session, group)
    assert (before.reason, before.lag) == (
        "retention has removed the record at the committed offset: the log starts at 20",
        10,
    )


async def test_a_member_that_stands_on_good_records_is_undecided(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    with standing_member(broker.bootstrap, topic, group, POISON_AT + 1):
        stuck = await only(session, group)
    assert (stuck.verdict, stuck.suspect) == (Verdict.UNDECIDED, None)
    assert any(line.text.startswith("The next 19 records decode as JSON") for line in stuck.evidence)


async def test_a_member_that_commits_seldom_is_told_how_long_it_would_have_to_stand(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(30):
        producer.produce(topic, b'{"n":%d}' % number, partition=0)
    producer.flush(10)
    with standing_member(broker.bootstrap, topic, group, 20):  # reads on, and commits when its checkpoint is due
        stuck = await only(session, group)
    assert (stuck.verdict, stuck.suspect) == (Verdict.UNDECIDED, None)
    assert "if it stands for 150 s and longer, the fault is likely in the processing" in stuck.evidence[-1].text


async def test_records_that_are_deleted_while_a_group_stands_are_the_reason(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    watch = Watch(session, interval=0.25, window=WINDOW_S, groups=[group])
    with standing_member(broker.bootstrap, topic, group, 5):
        async with aclosing(watch.views()) as views:
            async for view in views:
                if view.samples == 3:
                    broker.purge(topic, 20)
                if view.judged and not _is_read_for(view):
                    break
    (stuck,) = view.stuck
    assert stuck.suspect is None
    assert (stuck.reason, stuck.lag) == (
        "retention has removed the record at the committed offset: the log starts at 20",
        10,
    )


async def test_a_group_that_does_not_end_its_rebalance_is_rebalancing(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    with storm(broker, topic, group):
        stuck = await only(session, group)
    assert stuck.verdict is Verdict.REBALANCING
    assert stuck.reason.startswith("the group does not end its rebalance (")
    assert "its members get no partitions" in " ".join(one.text for one in stuck.evidence)
