"""Brokers of older releases, and services that speak a part of Kafka's protocol: groups are seen, and what is not asked
for by lack of a request is said.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from kafkaview.cluster.errors import ClusterError, UnsupportedByBroker
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.doctor.diagnosis import DiagnosisLayer
from kafkaview.engine.undo_planners import plan_undo
from kafkaview.session import Session
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.reroute.outcome import TransactionState
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.triage.watch.hanging import OpenTransactionState, find_hanging
from kafkaview.triage.watch.sampler import Sampler
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.topics.creation import NewTopic, plan_create_topic
from kafkaview.writes.topics.emptying import EmptyingRequest, plan_empty_topic
from kafkaview.writes.topics.partitions import plan_add_partitions
from kafkaview.writes.topics.settings import plan_set_settings
from tests.broker.examining import examined, plain
from tests.broker.material import POISON_AT, Broker, retrier, session_on
from tests.broker.older_broker import EVENT_HUBS, OlderBroker
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience


@pytest.fixture(scope="module")
def old() -> Iterator[Broker]:
    """A broker of 2.8.2, the last release without requests for many groups at once."""
    with EmbeddedZooKeeperKafka(release="2.8.2") as kafka:
        yield Broker(kafka.bootstrap)


@pytest.fixture
async def session(old: Broker, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(old.bootstrap, tmp_path / "journal.sqlite3") as session:
        yield session


async def committed(session: Session, group: str, topic: str) -> int | None:
    offsets = (await session.cluster.committed_offsets([group]))[group]
    found = None if isinstance(offsets, ClusterError) else offsets.get(TopicPartition(topic, 0))
    return None if found is None else found.offset


async def wait_for_commit(session: Session, group: str, topic: str) -> None:
    """Waits until the group stands on the poison; a young broker makes __consumer_offsets first."""
    deadline = time.monotonic() + patience(40)
    while await committed(session, group, topic) != POISON_AT:
        assert time.monotonic() < deadline, "it does not come to stand on the poison"
        await asyncio.sleep(0.1)


async def test_a_group_of_2_8_is_seen_and_moved_past_its_poison(old: Broker, session: Session) -> None:
    topic, group = old.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    with retrier(old.bootstrap, topic, group):
        await wait_for_commit(session, group, topic)
        sampler = Sampler(session.cluster)
        sample = await sampler.sample()
        assert sample.errors == ()
        assert (sampler.groups or {})[group].members == 1
        plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
        outcome = await carry_out(session, plan, lambda _step: None)
    assert outcome.transaction is TransactionState.COMMITTED
    assert [one.effective for one in outcome.groups] == [True]
    assert len(old.read_committed(f"{topic}-dlq")) == 1


async def test_a_topic_of_2_8_is_created_changed_given_back_emptied_and_deleted(old: Broker, session: Session) -> None:
    name = f"t-{uuid.uuid4().hex[:8]}"
    made = await carry_out(
        session, await plan_create_topic(session, NewTopic(name, settings={"retention.ms": "60000"}))
    )
    assert made.doubt == ""
    settings = {one.name: one for one in await session.cluster.brokers.topic_settings(name)}
    assert settings["retention.ms"].documentation
    changed = await carry_out(session, await plan_set_settings(session, name, {"segment.bytes": "1048576"}))
    given_back = await carry_out(session, await plan_undo(session, changed.journal_id))
    added = await carry_out(session, await plan_add_partitions(session, name, 3))
    producer = Producer({"bootstrap.servers": old.bootstrap})
    producer.produce(name, b"v", partition=2)
    assert producer.flush(10) == 0
    emptied = await carry_out(session, await plan_empty_topic(session, EmptyingRequest(name)))
    undone = await carry_out(session, await plan_undo(session, made.journal_id))
    assert [one.doubt for one in (changed, given_back, added, emptied, undone)] == [""] * 5
    assert not old.exists(name)


async def test_what_2_8_does_not_take_is_said_and_never_emptiness(old: Broker, session: Session) -> None:
    diagnosis = await examined(plain(old.bootstrap))
    assert diagnosis.ok
    (api,) = (step for step in diagnosis.steps if step.step is DiagnosisLayer.API)
    assert api.detail.endswith("lacks what kafkaview needs for: open transactions, hanging transactions.")
    with pytest.raises(UnsupportedByBroker, match=r"does not take this request \(ListTransactions\)"):
        await session.cluster.transactions.transactions()
    topic = old.topic()
    producer = Producer({"bootstrap.servers": old.bootstrap, "transactional.id": topic})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, b"x")
    producer.flush(10)
    found = await find_hanging(session, [TopicPartition(topic, 0)])
    producer.abort_transaction(10)
    assert [one.standing for one in found.found] == [OpenTransactionState.UNKNOWN]
    assert [type(error) for error in found.errors] == [UnsupportedByBroker]


async def test_a_service_with_few_requests_shows_its_groups_and_says_the_rest(
    kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    broker = Broker(kafka.bootstrap)
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    async with OlderBroker(kafka.nodes[0].port, EVENT_HUBS) as service:
        address = f"127.0.0.1:{service.port}"
        async with session_on(address, tmp_path / "journal.sqlite3") as session:
            assert await committed(session, group, topic) == POISON_AT
            assert [one.port for one in await session.cluster.brokers.describe()] == [service.port]
            for unseen in (session.cluster.security.acls(), session.cluster.brokers.broker_settings(1)):
                with pytest.raises(UnsupportedByBroker):
                    await unseen
        diagnosis = await examined(plain(address))
        assert service.refused == []
    assert diagnosis.ok
    (api,) = (step for step in diagnosis.steps if step.step is DiagnosisLayer.API)
    assert "re-routes" in api.detail
    assert "re-routes" in diagnosis.gaps_line
    assert "committed offsets" not in api.detail.replace("deletion of committed offsets", "")
    (rights,) = (step for step in diagnosis.steps if step.step is DiagnosisLayer.AUTHORIZATION)
    assert "which topics it may write to is unknown, because the broker does not tell it" in rights.detail
