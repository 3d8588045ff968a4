"""Brokers: three of KRaft, one of them killed; ZooKeeper's; and a principal without rights."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic
from kafka import TopicPartition as PythonPartition  # type: ignore[import-untyped]
from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ClusterError, NotAuthorized, PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.brokers import LogDirectory, Setting
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.coordination.balance import balance
from kafkaview.coordination.broker_plans import plan_cancellations, plan_elections
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Partition, TopicPartition
from kafkaview.writes.carrying_out import carry_out
from tests.broker.material import Broker, session_on
from tests.broker.secure_kafka import SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience

T = TypeVar("T")

KEY = "keystore-3Kdoor"
SETTINGS = {"auto.leader.rebalance.enable": "false", "ssl.key.password": KEY}


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedKafka]:
    """Three small brokers that leave their leaders where they are."""
    with EmbeddedKafka(nodes=3, settings=SETTINGS, jvm=["-Xmx256m"]) as three:
        yield three


@pytest.fixture
async def session(three: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(three.bootstrap, tmp_path / "journal.sqlite3") as session:
        yield session


async def placed(session: Session, three: EmbeddedKafka, replicas: list[int]) -> TopicPartition:
    """A new partition on these brokers, the first of them leading."""
    name = f"t-{uuid.uuid4().hex[:10]}"
    admin = Broker(three.bootstrap).admin
    made = admin.create_topics([NewTopic(name, 1, replica_assignment=[replicas])])
    await asyncio.to_thread(made[name].result, 10)
    where = TopicPartition(name, 0)
    await until(session, where, lambda one: one.leader == replicas[0] and set(one.isr) == set(replicas))
    return where


async def moved(three: EmbeddedKafka, where: TopicPartition, replicas: list[int]) -> None:
    def move() -> None:
        first, *_ = three.bootstrap.split(",")  # which is never killed: the library leaves sockets that failed open
        admin = KafkaAdminClient(bootstrap_servers=[first])
        try:
            admin.alter_partition_reassignments({PythonPartition(where.topic, where.partition): replicas})
        finally:
            admin.close()

    await asyncio.to_thread(move)


async def until(session: Session, where: TopicPartition, holds: Callable[[Partition], bool]) -> None:
    async with asyncio.timeout(patience(20)):
        while True:
            known = {one.topic_partition: one for topic in await session.cluster.topics() for one in topic.partitions}
            if where in known and holds(known[where]):
                return
            await asyncio.sleep(0.1)


async def test_brokers_are_described_with_their_directories(session: Session, three: EmbeddedKafka) -> None:
    where = await placed(session, three, [1, 2])
    brokers = await session.cluster.brokers.describe()
    assert [(one.id, one.port, one.fenced) for one in brokers] == [(n.id, n.port, False) for n in three.nodes]
    ask = session.cluster.brokers.log_directories
    answer = await ask_until(
        ask, lambda answer: holders(answer, where) == {1, 2}
    )  # a new replica's log comes a moment later
    for node in three.nodes:
        directories = answer[node.id]
        assert not isinstance(directories, ClusterError)
        (directory,) = directories
        assert (directory.path, directory.error) == (str(node.data), None)
        assert directory.total_bytes is None or 0 < (directory.free_bytes or 0) < directory.total_bytes


async def test_settings_come_with_source_documentation_and_synonyms(session: Session, three: EmbeddedKafka) -> None:
    settings = by_name(await session.cluster.brokers.broker_settings(2))
    number = settings["node.id"]
    assert (number.value, number.source, number.read_only) == ("2", "STATIC_BROKER_CONFIG", True)
    assert number.documentation
    topic = Broker(three.bootstrap).topic(settings={"cleanup.policy": "compact"})
    kept = by_name(await session.cluster.brokers.topic_settings(topic))["cleanup.policy"]
    assert (kept.value, kept.source, kept.is_default) == ("compact", "DYNAMIC_TOPIC_CONFIG", False)
    assert {one.source for one in kept.synonyms} == {"DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"}


async def test_a_sensitive_setting_has_no_value(session: Session) -> None:
    settings = await session.cluster.brokers.broker_settings(1)
    password = by_name(settings)["ssl.key.password"]
    assert (password.sensitive, password.value, password.is_default) == (True, None, False)
    assert KEY not in repr(settings)


async def test_an_election_brings_the_preferred_leader_back(session: Session, three: EmbeddedKafka) -> None:
    where = await placed(session, three, [1, 2])
    await moved(three, where, [2, 1])
    await until(session, where, lambda one: one.replicas == (2, 1) and one.leader == 1)
    plan = await plan_elections(session.cluster, [where])
    assert [(row.what, row.before, row.after) for row in plan.rows] == [
        (str(where), "led by broker 1", "led by broker 2")
    ]
    assert (await carry_out(session, plan)).doubt == ""
    assert (await session.cluster.topic(where.topic)).partitions[0].leader == 2
    again = await plan_elections(session.cluster, [where])
    assert isinstance(again.problems[0], RefusedHere)
    assert await session.cluster.brokers.elect_preferred([where]) == {where: None}  # it leads already


async def test_an_election_of_replicas_that_have_changed_is_not_made(session: Session, three: EmbeddedKafka) -> None:
    where = await placed(session, three, [1, 2])
    await moved(three, where, [2, 1])
    await until(session, where, lambda one: one.replicas == (2, 1) and one.leader == 1)
    plan = await plan_elections(session.cluster, [where])
    await moved(three, where, [1, 2])
    await until(session, where, lambda one: one.replicas == (1, 2))
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, plan)


async def test_a_killed_broker_is_fenced_and_keeps_nobody_else_from_showing(
    session: Session, three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    where = await placed(session, three, [1, 2])
    led = await placed(session, three, [3, 1])
    await asyncio.to_thread(three.kill, 3)
    try:
        brokers = await ask_until(session.cluster.brokers.describe, lambda answer: bool(answer[-1].fenced))
        assert [(one.id, one.fenced) for one in brokers] == [(1, False), (2, False), (3, True)]
        directories = await session.cluster.brokers.log_directories()
        assert not isinstance(directories[1], ClusterError)
        assert isinstance(directories.get(3), ClusterError | None)
        await until(session, led, lambda one: one.leader == 1)
        loads = balance(await session.cluster.topics(), [1, 2, 3], directories)
        third = loads.loads[2]
        assert (third.leaders, third.log_bytes) == (0, None)
        assert third.out_of_sync == third.replicas > 0
        stays = await plan_elections(session.cluster, [led])
        assert "not in sync" in stays.problems[0].message
        await cancelled(session, three, where, capsys)
    finally:
        await asyncio.to_thread(three.restart, 3)


async def cancelled(
    session: Session, three: EmbeddedKafka, where: TopicPartition, capsys: pytest.CaptureFixture[str]
) -> None:
    """A replica that is moved to a broker which is away stays on the move until it is taken back."""
    await moved(three, where, [1, 3])
    (moving,) = await session.cluster.brokers.reassignments()
    assert (moving.topic_partition, moving.adding, moving.removing) == (where, (3,), (2,))
    row = await asyncio.to_thread(document, three, capsys, "topic", where.topic)
    assert (row["under_replicated"], row["moving"]) == (1, 1)  # it will not come
    assert row["partitions"][0]["offline_replicas"] == [3]
    plan = await plan_cancellations(session.cluster, [where])
    assert plan.rows[0].after == "on brokers 1, 2"
    assert (await carry_out(session, plan)).doubt == ""
    assert await session.cluster.brokers.reassignments() == ()
    await until(session, where, lambda one: set(one.replicas) == {1, 2})
    await session.cluster.brokers.cancel_reassignments([where])  # gone already: no error
    assert (await plan_cancellations(session.cluster)).problems


async def throttle(three: EmbeddedKafka, where: TopicPartition, rate: str | None) -> None:
    """Lets replicas of a partition come in slowly; None takes that back."""
    kind = AlterConfigOpType.DELETE if rate is None else AlterConfigOpType.SET
    brokers = [
        ConfigResource(
            ResourceType.BROKER,
            str(node.id),
            incremental_configs=[
                ConfigEntry(f"{side}.replication.throttled.rate", rate or "", incremental_operation=kind)
                for side in ("leader", "follower")
            ],
        )
        for node in three.nodes
    ]
    topic = ConfigResource(
        ResourceType.TOPIC,
        where.topic,
        incremental_configs=[
            ConfigEntry(f"{side}.replication.throttled.replicas", "*", incremental_operation=kind)
            for side in ("leader", "follower")
        ],
    )
    admin = Broker(three.bootstrap).admin
    for resource in (*brokers, topic):
        (made,) = admin.incremental_alter_configs([resource]).values()
        await asyncio.to_thread(made.result, 10)


async def test_replicas_that_a_reassignment_adds_are_not_missed(
    session: Session, three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    where = await placed(session, three, [1])
    producer = Producer({"bootstrap.servers": three.bootstrap, "queue.buffering.max.kbytes": 100_000})
    for _ in range(40):
        producer.produce(where.topic, os.urandom(500_000), partition=0)
    assert producer.flush(60) == 0
    await throttle(three, where, "1000")
    try:
        await moved(three, where, [1, 2, 3])
        await until(session, where, lambda one: one.replicas == (1, 2, 3) and one.isr == (1,))
        topics = await asyncio.to_thread(document, three, capsys, "topics")
        (row,) = [row for row in topics["topics"] if row["topic"] == where.topic]
        assert (row["under_replicated"], row["moving"]) == (0, 1)
        row = await asyncio.to_thread(document, three, capsys, "topic", where.topic)
        assert (row["under_replicated"], row["moving"]) == (0, 1)
        assert (row["partitions"][0]["adding_replicas"], row["partitions"][0]["removing_replicas"]) == ([2, 3], [])
        row = await asyncio.to_thread(document, three, capsys, "brokers")
        assert [one["out_of_sync"] for one in row["brokers"]] == [0, 0, 0]
    finally:
        await throttle(three, where, None)
    await until(session, where, lambda one: set(one.isr) == {1, 2, 3})
    row = await asyncio.to_thread(document, three, capsys, "topic", where.topic)
    assert (row["under_replicated"], row["moving"]) == (0, 0)


def document(three: EmbeddedKafka, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What a verb answers in JSON."""
    assert main(["--bootstrap", three.bootstrap, *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def holders(answer: Mapping[int, tuple[LogDirectory, ...] | ClusterError], where: TopicPartition) -> set[int]:
    """The brokers that hold a partition in one of their directories."""
    return {
        broker
        for broker, directories in answer.items()
        if not isinstance(directories, ClusterError) and any(where in one.replicas for one in directories)
    }


async def ask_until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    async with asyncio.timeout(patience(30)):
        while True:
            if holds(answer := await ask()):
                return answer
            await asyncio.sleep(0.2)


def test_the_verbs_tell_brokers_settings_and_who_leads(
    three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    brokers = document(three, capsys, "brokers")["brokers"]
    assert [(row["id"], row["fenced"]) for row in brokers] == [(1, False), (2, False), (3, False)]
    row = document(three, capsys, "coordination")["brokers"][0]
    assert (row["fenced"], [one["path"] for one in row["log_dirs"]]) == (False, [str(three.nodes[0].data)])
    own = {row["name"]: row for row in document(three, capsys, "configs", "broker", "1")["configs"]}
    assert own["ssl.key.password"]["value"] is None
    assert "compression.type" not in own  # at its default
    assert "compression.type" in {
        row["name"] for row in document(three, capsys, "configs", "broker", "1", "--all")["configs"]
    }
    assert main(["--bootstrap", three.bootstrap, "configs", "broker", "9"]) == 2
    assert main(["--bootstrap", three.bootstrap, "brokers", "elect"]) == 2  # neither all nor any
    assert main(["--bootstrap", three.bootstrap, "brokers"]) == 0
    assert KEY not in capsys.readouterr().out


async def test_zookeepers_brokers_do_not_say_whether_they_are_fenced(
    zookeeper_kafka: EmbeddedZooKeeperKafka,
) -> None:
    cluster = open_cluster(ConnectionProfile("zookeeper", zookeeper_kafka.bootstrap))
    try:
        where = TopicPartition(Broker(zookeeper_kafka.bootstrap).topic(), 0)
        (broker,) = await cluster.brokers.describe()
        assert (broker.id, broker.fenced) == (1, None)
        directories = (await cluster.brokers.log_directories())[1]
        assert not isinstance(directories, ClusterError)
        assert where in directories[0].replicas
        assert by_name(await cluster.brokers.broker_settings(1))["zookeeper.connect"].value
        assert await cluster.brokers.reassignments() == ()
        assert await cluster.brokers.elect_preferred([where]) == {where: None}
        await cluster.brokers.cancel_reassignments([where])
    finally:
        await cluster.close()


async def test_without_rights_each_missing_one_is_named(secure_kafka: SecureKafka) -> None:
    cluster = open_cluster(*secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody"))
    try:
        assert len(await cluster.brokers.describe()) == 1
        (directories,) = (await cluster.brokers.log_directories()).values()
        assert isinstance(directories, NotAuthorized)
        assert "DESCRIBE on Cluster" in directories.hint
        for ask, right in refused(cluster).items():
            with pytest.raises(NotAuthorized) as missing:
                await ask()
            assert right in missing.value.hint
    finally:
        await cluster.close()


def refused(cluster: Cluster) -> dict[Callable[[], Awaitable[object]], str]:
    brokers, where = cluster.brokers, TopicPartition("orders", 0)
    return {
        lambda: brokers.broker_settings(1): "DESCRIBE_CONFIGS on Cluster",
        lambda: brokers.topic_settings("orders"): "DESCRIBE_CONFIGS on Topic orders",
        brokers.reassignments: "DESCRIBE on Cluster",
        lambda: brokers.elect_preferred([where]): "ALTER on Cluster",
        lambda: brokers.cancel_reassignments([where]): "ALTER on Cluster",
    }


def by_name(settings: tuple[Setting, ...]) -> dict[str, Setting]:
    return {one.name: one for one in settings}
