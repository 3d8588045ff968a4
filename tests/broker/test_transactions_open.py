"""Open transactions on three brokers: of a living producer, a dead one, with a silent broker, and without rights."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnknownTopicOrPartition
from kafkaview.cluster.kafka.cluster import KafkaCluster, open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState
from kafkaview.demo.hanging import UNVERIFIED
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenTransactionState, find_hanging
from tests.broker.material import Broker, session_on
from tests.broker.orphans import orphan
from tests.broker.secure_kafka import SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience

TIMEOUT_MS = 600_000

# Begins, produces, says so, and never ends by itself.
PRODUCER = textwrap.dedent(
    """
    import sys, time
    from confluent_kafka import Producer

    bootstrap, topic, name, timeout = sys.argv[1:]
    settings = {"bootstrap.servers": bootstrap, "transactional.id": name, "transaction.timeout.ms": int(timeout)}
    producer = Producer({**settings, "log_level": 0})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=0)
    assert producer.flush(20) == 0
    print("open", flush=True)
    time.sleep(600)
    """
)


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedKafka]:
    # A silent broker stays one of the cluster: once it is fenced, others coordinate in its place and can tell.
    settings = {**UNVERIFIED, "broker.session.timeout.ms": "60000"}
    with EmbeddedKafka(nodes=3, settings=settings, jvm=["-Xmx256m"]) as three:
        yield three


@pytest.fixture
async def session(three: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(three.bootstrap, tmp_path / "journal.sqlite3") as session:
        yield session


def new_partition(bootstrap: str) -> TopicPartition:
    return TopicPartition(Broker(bootstrap).topic(), 0)


def dead_producer(bootstrap: str, where: TopicPartition, name: str) -> None:
    """A producer that is killed with its transaction open."""
    words = [sys.executable, "-c", PRODUCER, bootstrap, where.topic, name, str(TIMEOUT_MS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "open\n"
        finally:
            process.send_signal(signal.SIGKILL)


async def of(cluster: Cluster, where: TopicPartition) -> tuple[ProducerState, ...]:
    states = (await cluster.transactions.producers([where]))[where]
    assert not isinstance(states, ClusterError)
    return states


async def opened(cluster: Cluster, where: TopicPartition) -> list[ProducerState]:
    """Those with a transaction open there: other tests have written to it too."""
    return [state for state in await of(cluster, where) if state.transaction_start_offset is not None]


async def listed(cluster: Cluster, name: str) -> OpenTransaction | None:
    transactions = await cluster.transactions.transactions()
    assert transactions.errors == ()
    return next((one for one in transactions.open if one.transactional_id == name), None)


async def test_a_dead_producers_transaction_is_open_until_its_time_out(session: Session, three: EmbeddedKafka) -> None:
    where = new_partition(three.bootstrap)
    began_ms = time.time_ns() // 1_000_000
    await asyncio.to_thread(dead_producer, three.bootstrap, where, "dead")
    transactions = await listed(session.cluster, "dead")
    assert transactions is not None
    assert (transactions.state, transactions.timeout_ms, transactions.partitions) == ("Ongoing", TIMEOUT_MS, (where,))
    assert transactions.started_at_ms is not None
    assert began_ms <= transactions.started_at_ms
    (state,) = await of(session.cluster, where)
    assert (state.producer_id, state.producer_epoch) == (transactions.producer_id, transactions.producer_epoch)
    assert state.transaction_start_offset == 0
    assert await session.cluster.transactions.describe("dead") == transactions
    (found,) = (await find_hanging(session, [where], longest_ms=1)).found
    assert (found.standing, found.ends_at_ms) == (OpenTransactionState.OPEN, transactions.started_at_ms + TIMEOUT_MS)


async def test_a_committed_one_is_open_no_more(session: Session, three: EmbeddedKafka) -> None:
    where = new_partition(three.bootstrap)
    producer = Producer({"bootstrap.servers": three.bootstrap, "transactional.id": "commits", "log_level": 0})
    await asyncio.to_thread(producer.init_transactions, 20)
    producer.begin_transaction()
    producer.produce(where.topic, b"x", partition=0)
    await asyncio.to_thread(producer.flush, 10)
    assert await listed(session.cluster, "commits") is not None
    await asyncio.to_thread(producer.commit_transaction, 20)
    async with asyncio.timeout(patience(10)):
        while True:
            transaction = await session.cluster.transactions.describe("commits")
            if transaction is not None and transaction.state == "CompleteCommit":
                break
            await asyncio.sleep(0.1)
    assert transaction.partitions == ()
    assert await listed(session.cluster, "commits") is None
    (state,) = await of(session.cluster, where)
    assert state.transaction_start_offset is None


async def test_a_scan_of_something_missing_is_refused(session: Session) -> None:
    assert await session.cluster.transactions.describe("nobody has this id") is None
    nowhere = TopicPartition("no-such-topic", 0)
    assert isinstance((await session.cluster.transactions.producers([nowhere]))[nowhere], UnknownTopicOrPartition)


async def test_a_silent_broker_keeps_nothing_else_from_being_told(session: Session, three: EmbeddedKafka) -> None:
    names = [f"open-{number}" for number in range(6)]
    wheres = [new_partition(three.bootstrap) for _ in names]
    for name, where in zip(names, wheres, strict=True):
        await asyncio.to_thread(dead_producer, three.bootstrap, where, name)
    before = {one.transactional_id: one for one in (await session.cluster.transactions.transactions()).open}
    silent = before[names[0]].coordinator
    leaders = {one.topic: one.leader for topic in await session.cluster.topics() for one in topic.partitions}
    lost = next(where for where in wheres if leaders[where.topic] != silent)
    assert isinstance(session.cluster, KafkaCluster)
    await orphan(session.cluster, lost, 880_001, written_ms=1)
    three.pause(silent)
    try:
        transactions = await session.cluster.transactions.transactions()
        rest = {name for name, one in before.items() if one.coordinator != silent}
        assert {one.transactional_id for one in transactions.open} >= rest
        assert names[0] not in {one.transactional_id for one in transactions.open}
        assert transactions.errors
        found = (await find_hanging(session, [lost], longest_ms=1)).found
        unsure = next(one for one in found if one.producer.producer_id == 880_001)
        assert unsure.standing is OpenTransactionState.UNKNOWN  # the silent one may know it
    finally:
        three.resume(silent)


def test_the_verb_lists_them(three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]) -> None:
    where = new_partition(three.bootstrap)
    dead_producer(three.bootstrap, where, "listed")
    assert main(["--bootstrap", three.bootstrap, "transactions", "--json"]) == 0
    rows = {row["transactional_id"]: row for row in json.loads(capsys.readouterr().out)["transactions"]}
    row = rows["listed"]
    assert (row["state"], row["timeout_ms"], row["partitions"]) == ("Ongoing", TIMEOUT_MS, [str(where)])
    assert (row["age_ms"] >= 0, row["hanging"]) == (True, None)
    assert main(["--bootstrap", three.bootstrap, "transactions"]) == 0
    assert "listed" in capsys.readouterr().out


async def test_zookeepers_brokers_tell_the_same(zookeeper_kafka: EmbeddedZooKeeperKafka, tmp_path: Path) -> None:
    bootstrap = zookeeper_kafka.bootstrap
    where = new_partition(bootstrap)
    async with session_on(bootstrap, tmp_path / "journal.sqlite3") as session:
        assert (await find_hanging(session, [where])).found == ()
        assert await session.cluster.transactions.describe("dead") is None
        await asyncio.to_thread(dead_producer, bootstrap, where, "dead")
        transactions = await listed(session.cluster, "dead")
        assert transactions is not None
        assert transactions.partitions == (where,)
        (found,) = (await find_hanging(session)).found
        assert found.standing is OpenTransactionState.OPEN


async def test_without_rights_what_is_left_out_is_said(secure_kafka: SecureKafka) -> None:
    where = TopicPartition("orders", 0)
    await asyncio.to_thread(dead_producer, secure_kafka.kafka.bootstrap, where, "hidden")
    nobody = open_cluster(*secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody"))
    everybody = open_cluster(ConnectionProfile("plain", secure_kafka.kafka.bootstrap))
    try:
        transactions = await nobody.transactions.transactions()
        assert transactions.open == ()
        (error,) = transactions.errors
        assert isinstance(error, NotAuthorized)
        assert "DESCRIBE on TransactionalId" in error.hint
        with pytest.raises(NotAuthorized):
            await nobody.transactions.describe("hidden")
        (state,) = await opened(everybody, where)
        assert isinstance((await nobody.transactions.producers([where]))[where], ClusterError)
        alice = open_cluster(*secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256"))
        try:
            with pytest.raises(NotAuthorized) as refused:
                await alice.transactions.abort(state)
            assert "ALTER on Cluster" in refused.value.hint
        finally:
            await alice.close()
        assert await opened(everybody, where) == [state]
        await everybody.transactions.abort(state)
    finally:
        await nobody.close()
        await everybody.close()
