"""Transactions that really hang: found as Kafka's own tool finds them, told from those that do not, and aborted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from kafkaview.cli.main import main
from kafkaview.cluster.errors import PlanNoLongerHolds, RefusedHere, UnknownTopicOrPartition
from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.coordination.transaction_plans import plan_abort
from kafkaview.demo.hanging import UNVERIFIED
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.entry import EntryState
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactionState, find_hanging
from kafkaview.writes.carrying_out import carry_out
from tests.broker.material import Broker, session_on
from tests.broker.orphans import orphan, producer_of
from tests.broker.transactions_tool import hanging_by_kafkas_tool
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka

LONGEST_MS = 60_000
OLD_MS = 600_000


@pytest.fixture(scope="module")
def kafka() -> Iterator[EmbeddedKafka]:
    """A broker where transactions may take a minute and can be orphaned."""
    settings = {**UNVERIFIED, "transaction.max.timeout.ms": str(LONGEST_MS)}
    with EmbeddedKafka(settings=settings, jvm=["-Xmx256m"]) as kafka:
        yield kafka


@pytest.fixture
def where(kafka: EmbeddedKafka) -> TopicPartition:
    topic = Broker(kafka.bootstrap).topic()
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    producer.produce(topic, b"before", partition=0)
    assert producer.flush(10) == 0
    return TopicPartition(topic, 0)


def real(session: Session) -> KafkaCluster:
    assert isinstance(session.cluster, KafkaCluster)
    return session.cluster


def old() -> int:
    return time.time_ns() // 1_000_000 - OLD_MS


async def the_one(session: Session, where: TopicPartition, longest_ms: int | None = None) -> OpenOnPartition:
    (found,) = (await find_hanging(session, [where], longest_ms=longest_ms)).found
    return found


async def test_a_transaction_that_no_coordinator_knows_hangs(session: Session, where: TopicPartition) -> None:
    await orphan(real(session), where, 990_001, written_ms=old())
    transactions = await find_hanging(session, [where])
    (found,) = transactions.hanging
    assert transactions.longest_ms == LONGEST_MS  # the broker's own setting
    assert (found.producer.producer_id, found.producer.transaction_start_offset) == (990_001, 1)
    assert found.silent_ms is not None
    assert found.silent_ms >= OLD_MS
    assert found.reason.startswith("No coordinator has an open transaction of producer 990001")


async def test_one_whose_coordinator_has_none_open_hangs_too(
    session: Session, kafka: EmbeddedKafka, where: TopicPartition
) -> None:
    known = await producer_of(real(session), kafka.bootstrap, "knows-nothing")
    await orphan(real(session), where, known, written_ms=old())
    assert (await the_one(session, where)).standing is OpenTransactionState.HANGING


async def test_one_whose_coordinator_holds_a_transaction_of_it_elsewhere_hangs(
    session: Session, kafka: EmbeddedKafka, where: TopicPartition
) -> None:
    elsewhere = TopicPartition(Broker(kafka.bootstrap).topic(), 0)
    producer = transaction_on(kafka, elsewhere, "elsewhere")
    known = await the_one(session, elsewhere)
    assert known.transaction is not None
    await orphan(real(session), where, known.producer.producer_id, written_ms=old())
    found = await the_one(session, where)
    assert (found.standing, found.transaction) == (OpenTransactionState.HANGING, known.transaction)
    assert "elsewhere" in found.reason
    producer.abort_transaction(10)


async def test_partitions_that_lack_the_same_make_one_error(session: Session, where: TopicPartition) -> None:
    missing = [TopicPartition("no-such-topic", number) for number in range(1_201)]
    transactions = await find_hanging(session, [where, *missing])
    (error,) = transactions.errors
    assert isinstance(error, UnknownTopicOrPartition)
    assert error.message == "There is no no-such-topic:0, and 1,200 more"


async def test_kafkas_own_tool_finds_the_same(session: Session, kafka: EmbeddedKafka, where: TopicPartition) -> None:
    known = await producer_of(real(session), kafka.bootstrap, "judged")
    await orphan(real(session), where, 990_009, written_ms=old())
    await orphan(real(session), where, known, written_ms=old())
    await orphan(real(session), where, 990_010)
    producer = transaction_on(kafka, where, "judged-open")
    ours = await find_hanging(session, [where], longest_ms=60_000)
    theirs = await asyncio.to_thread(hanging_by_kafkas_tool, kafka.bootstrap, where)
    assert {one.producer.producer_id: one.producer.transaction_start_offset for one in ours.hanging} == theirs
    assert theirs == {990_009: 1, known: 2}
    assert len(ours.found) == 4
    producer.abort_transaction(10)


async def test_zookeepers_brokers_let_one_be_found_and_aborted(
    zookeeper_kafka: EmbeddedZooKeeperKafka, tmp_path: Path
) -> None:
    bootstrap = zookeeper_kafka.bootstrap
    async with session_on(bootstrap, tmp_path / "journal.sqlite3") as session:
        where = TopicPartition(Broker(bootstrap).topic(), 0)
        await asyncio.to_thread(unverified, bootstrap)
        await orphan(real(session), where, 990_011, written_ms=old())
        assert (await find_hanging(session, [where])).found[
            0
        ].standing is OpenTransactionState.YOUNG  # 15 minutes there
        (found,) = (await find_hanging(session, [where], longest_ms=LONGEST_MS)).hanging
        outcome = await carry_out(session, await plan_abort(session.cluster, where, found.producer.producer_id))
        assert outcome.doubt == ""
        assert (await session.cluster.offsets([where]))[where].last_stable_offset == 2


def unverified(bootstrap: str) -> None:
    """Broker 1 takes what says that it is transactional."""
    (name,) = UNVERIFIED
    entry = ConfigEntry(name, UNVERIFIED[name], incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.incremental_alter_configs([resource])[resource].result(10)


async def test_it_is_not_called_hanging_before_the_longest_time_out(session: Session, where: TopicPartition) -> None:
    await orphan(real(session), where, 990_002)
    assert (await the_one(session, where, longest_ms=60_000)).standing is OpenTransactionState.YOUNG


async def test_one_with_a_silent_producer_is_open_and_its_end_is_told(
    session: Session, kafka: EmbeddedKafka, where: TopicPartition
) -> None:
    producer = transaction_on(kafka, where, "silent")
    found = await the_one(session, where, longest_ms=1)
    assert found.standing is OpenTransactionState.OPEN
    assert found.transaction is not None
    assert found.transaction.started_at_ms is not None
    assert found.ends_at_ms == found.transaction.started_at_ms + LONGEST_MS
    assert "silent is Ongoing" in found.reason
    assert "its time-out ends it at" in found.reason
    producer.abort_transaction(10)


async def test_an_abort_lets_read_committed_consumers_go_on(
    session: Session, kafka: EmbeddedKafka, where: TopicPartition
) -> None:
    await orphan(real(session), where, 990_003, written_ms=old())
    after = Producer({"bootstrap.servers": kafka.bootstrap})
    after.produce(where.topic, b"after", partition=0)
    assert after.flush(10) == 0
    assert (await session.cluster.offsets([where]))[where].last_stable_offset == 1
    assert await asyncio.to_thread(values, kafka, where, 1) == [b"before"]
    found = await the_one(session, where)
    plan = await plan_abort(session.cluster, where, found.producer.producer_id, 1)
    outcome = await carry_out(session, plan)
    assert outcome.doubt == ""
    assert (await session.cluster.offsets([where]))[where].last_stable_offset == 4  # the marker stands at 3
    assert await asyncio.to_thread(values, kafka, where, 2) == [b"before", b"after"]
    assert (await find_hanging(session, [where])).found == ()
    entry = await session.journal.entry(outcome.journal_id)
    assert entry is not None
    assert (entry.state, entry.intent.plan["producer_id"]) == (EntryState.COMMITTED, 990_003)


async def test_a_plan_whose_transaction_has_ended_writes_nothing(session: Session, where: TopicPartition) -> None:
    await orphan(real(session), where, 990_004, written_ms=old())
    plan = await plan_abort(session.cluster, where, 990_004)
    await carry_out(session, plan)
    end = (await session.cluster.offsets([where]))[where].log_end_offset
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, plan)
    assert (await session.cluster.offsets([where]))[where].log_end_offset == end
    with pytest.raises(RefusedHere, match="has no transaction open"):
        await plan_abort(session.cluster, where, 990_004)


async def test_another_start_offset_than_the_real_one_is_refused(session: Session, where: TopicPartition) -> None:
    await orphan(real(session), where, 990_005, written_ms=old())
    with pytest.raises(RefusedHere, match="began at offset 1, not at 7"):
        await plan_abort(session.cluster, where, 990_005, 7)


async def test_one_that_its_coordinator_still_holds_can_be_torn_apart_and_that_is_said(
    session: Session, kafka: EmbeddedKafka, where: TopicPartition
) -> None:
    producer = transaction_on(kafka, where, "held")
    found = await the_one(session, where)
    plan = await plan_abort(session.cluster, where, found.producer.producer_id)
    assert any("tear a transaction apart" in caution.consequence for caution in plan.cautions)
    producer.abort_transaction(10)


async def test_one_that_stands_behind_another_is_aborted_and_the_other_named(
    session: Session, where: TopicPartition
) -> None:
    await orphan(real(session), where, 990_006, written_ms=old())
    await orphan(real(session), where, 990_007, written_ms=old())
    outcome = await carry_out(session, await plan_abort(session.cluster, where, 990_007))
    assert "still stands at 1: an earlier transaction holds it" in outcome.doubt
    assert (await the_one(session, where)).producer.producer_id == 990_006


def test_the_verbs_find_and_abort(
    kafka: EmbeddedKafka, where: TopicPartition, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(orphaned(kafka, where, 990_008))
    line = ["--bootstrap", kafka.bootstrap, "transactions"]
    assert main([*line, "--hanging", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["transactions"]
    (row,) = [row for row in rows if row["partitions"] == [str(where)]]
    assert (row["producer_id"], row["start_offset"], row["transactional_id"]) == (990_008, 1, None)
    assert "nobody will end" in row["hanging"]
    abort = [*line, "abort", str(where), "--producer-id", "990008", "--start-offset", "1"]
    assert main([*abort, "--dry-run"]) == 0
    assert "Abort the transaction of producer 990008" in capsys.readouterr().out
    assert main([*abort, "--json"]) == 2  # nobody has agreed
    capsys.readouterr()
    assert main([*abort, "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"]["effective"] is True
    assert main([*abort, "--yes", "--json"]) == 4


async def orphaned(kafka: EmbeddedKafka, where: TopicPartition, producer_id: int) -> None:
    async with session_on(kafka.bootstrap, kafka.nodes[0].folder / "journal.sqlite3") as session:
        await orphan(real(session), where, producer_id, written_ms=old())


def transaction_on(kafka: EmbeddedKafka, where: TopicPartition, transactional_id: str) -> Producer:
    """A producer with an open transaction that holds one record."""
    settings = {"bootstrap.servers": kafka.bootstrap, "transactional.id": transactional_id, "log_level": 0}
    producer = Producer({**settings, "transaction.timeout.ms": LONGEST_MS})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(where.topic, b"open", partition=where.partition)
    assert producer.flush(10) == 0
    return producer


def values(kafka: EmbeddedKafka, where: TopicPartition, count: int) -> list[bytes | None]:
    """What a read_committed consumer reads; one more look finds no more."""
    consumer = Consumer(
        {"bootstrap.servers": kafka.bootstrap, "group.id": "reads", "isolation.level": "read_committed"}
    )
    consumer.assign([ClientPartition(where.topic, where.partition, 0)])
    try:
        return [message.value() for message in consumer.consume(count + 1, 3)]
    finally:
        consumer.close()
