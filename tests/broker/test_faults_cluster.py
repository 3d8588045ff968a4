"""What the port tells when brokers are gone, frozen, restarted, or refuse."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    NotAuthorized,
    RefusedByPolicy,
    TopicExists,
    Unreachable,
)
from kafkaview.cluster.kafka import span_reader
from kafkaview.cluster.kafka.cluster import NO_SECRETS, open_cluster
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Cluster, Copy, GroupMove, TransactionStage
from kafkaview.cluster.ports.security import NewScramCredential, ScramMechanism
from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Sasl, SecretField, Secrets, Security
from kafkaview.records import passage as scanning
from kafkaview.terms import CommittedOffset, GroupListing, GroupState, GroupType, TopicPartition
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.triage.scan.findings import ScanProgress
from kafkaview.triage.scan.scan import scan
from tests.broker.material import session_on
from tests.kit.patience import patience

PLAINTEXT = Security()
GROUPS = [f"g{number}" for number in range(12)]


@asynccontextmanager
async def opened(
    bootstrap: str, security: Security = PLAINTEXT, secrets: Secrets = NO_SECRETS
) -> AsyncIterator[Cluster]:
    before = set(threading.enumerate())
    cluster = open_cluster(ConnectionProfile("faults", bootstrap, security=security), secrets)
    try:
        yield cluster
    finally:
        await cluster.close()
    left = {thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("kafka")}
    assert not left, "a client's thread outlives its cluster"


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


async def read_all(cluster: Cluster, partition: TopicPartition) -> None:
    async for _batch in cluster.read({partition: 0}):
        pass


def every_question(cluster: Cluster) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "describe": cluster.describe,
        "topics": cluster.topics,
        "topic": lambda: cluster.topic("t"),
        "offsets": lambda: cluster.offsets([TopicPartition("t", 0)]),
        "groups": cluster.groups,
        "committed_offsets": lambda: cluster.committed_offsets(["g"]),
        "sizes": cluster.topic_sizes,
    }


@pytest.mark.parametrize("name", list(every_question(open_cluster(ConnectionProfile("", "")))))
async def test_a_closed_port_is_unreachable_with_the_reason(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with free_ports(1) as (port,):
        bootstrap = f"127.0.0.1:{port},localhost:{port}"
    async with opened(bootstrap) as cluster:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="Connection refused"):
            await every_question(cluster)[name]()
        assert time.monotonic() - began < patience(2)  # every address refuses: there is nothing to wait for
    assert not capfd.readouterr().err, "the client libraries print nothing"


@pytest.fixture(scope="module")
def guarded() -> Iterator[EmbeddedKafka]:
    """A broker with an authorizer that lets everybody do all but what the tests below meet."""
    settings = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
    }
    with EmbeddedKafka(settings=settings) as kafka:
        forbid(kafka.bootstrap)
        yield kafka


def forbid(bootstrap: str) -> None:
    def rule(
        kind: ResourceType, name: str, operation: AclOperation, permission: AclPermissionType = AclPermissionType.DENY
    ) -> AclBinding:
        return AclBinding(kind, name, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission)

    cluster, topic, group = ResourceType.BROKER, ResourceType.TOPIC, ResourceType.GROUP
    rules = [
        rule(cluster, "kafka-cluster", AclOperation.ALL, AclPermissionType.ALLOW),
        rule(cluster, "kafka-cluster", AclOperation.CREATE),
        rule(topic, "forbidden", AclOperation.CREATE),
        rule(topic, "sealed", AclOperation.ALL, AclPermissionType.ALLOW),
        rule(topic, "sealed", AclOperation.WRITE),
        rule(group, "foreign", AclOperation.ALL, AclPermissionType.ALLOW),
        rule(group, "foreign", AclOperation.READ),
        rule(ResourceType.TRANSACTIONAL_ID, "taken", AclOperation.WRITE),
    ]
    admin = AdminClient({"bootstrap.servers": bootstrap})  # held: one that is let go of ends its requests
    for made in admin.create_acls(rules).values():
        made.result(10)


async def test_a_topic_that_may_not_be_made_is_told(guarded: EmbeddedKafka) -> None:
    async with opened(guarded.bootstrap) as cluster:
        with pytest.raises(NotAuthorized, match="creating the topic forbidden"):
            await cluster.create_topic("forbidden", 1)
        with pytest.raises(RefusedByPolicy, match="eplication"):
            await cluster.create_topic("too-many-copies", 1, 3)
        assert {"forbidden", "too-many-copies"}.isdisjoint(topic.name for topic in await cluster.topics())


async def create_if_missing(cluster: Cluster, *topics: str) -> None:
    for topic in topics:
        with suppress(TopicExists):
            await cluster.create_topic(topic, 1)


async def test_a_transaction_without_the_right_leaves_nothing(guarded: EmbeddedKafka) -> None:
    async with opened(guarded.bootstrap) as cluster:
        await create_if_missing(cluster, "sealed", "open")
        partition = TopicPartition("open", 0)
        with pytest.raises(NotAuthorized, match="sealed"):
            await cluster.transact("x", [Copy("sealed", 0, None, b"v", (), None)], [], fine)
        move = GroupMove("foreign", partition, CommittedOffset(1))
        with pytest.raises(NotAuthorized, match="foreign"):
            await cluster.transact("y", [Copy("open", 0, None, b"v", (), None)], [move], fine)
        async for batch in cluster.read({partition: 0}):
            assert batch.records == ()


async def test_rights_that_a_transaction_would_lack_are_known_before_it(guarded: EmbeddedKafka) -> None:
    async with opened(guarded.bootstrap) as cluster:
        await create_if_missing(cluster, "sealed", "open")
        may = cluster.transactions.refusals
        found = await may("x", ["sealed", "open", "not-there-yet"], ["foreign", "ours"])
        assert [refusal.message for refusal in found] == [
            "The right READ on Group foreign is missing",
            "The right WRITE on Topic sealed is missing",
        ]
        assert {type(refusal) for refusal in found} == {NotAuthorized}
        (taken,) = await may("taken", ["open"], ["ours"])
        assert taken.message == "The right WRITE on TransactionalId taken is missing"
        with pytest.raises(NotAuthorized, match="creating the topic forbidden") as refused:
            await cluster.draft_topic("forbidden", 1)
        assert "CREATE on Topic forbidden" in refused.value.hint


async def test_a_login_that_the_listener_does_not_take_is_told(guarded: EmbeddedKafka) -> None:
    login = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "u"))
    async with opened(guarded.bootstrap, login, Secrets({SecretField.SASL_PASSWORD: "p"})) as cluster:
        for question in (cluster.topics, cluster.groups):
            with pytest.raises(AuthenticationFailed):
                await question()


async def test_a_read_goes_on_after_its_broker_restarted_and_neither_skips_nor_repeats(guarded: EmbeddedKafka) -> None:
    count, size = 60_000, 2_000
    async with opened(guarded.bootstrap) as cluster:
        await cluster.create_topic("long", 1)
        await asyncio.to_thread(fill, guarded.bootstrap, "long", count, size)
        offsets: list[int] = []
        restarting: asyncio.Task[None] | None = None
        async for batch in cluster.read({TopicPartition("long", 0): 0}, batch=500):
            offsets += [record.offset for record in batch.records]
            if restarting is None and len(offsets) >= 1000:
                await asyncio.to_thread(guarded.kill, 1)
                restarting = asyncio.create_task(asyncio.to_thread(guarded.restart, 1))
        assert restarting is not None
        await restarting
        assert offsets == list(range(count))


def fill(bootstrap: str, topic: str, count: int, size: int) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "queue.buffering.max.kbytes": 1_000_000})
    for _ in range(count):
        producer.produce(topic, os.urandom(size // 2).hex().encode())
    assert producer.flush(60) == 0


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(nodes=3) as kafka:
        yield kafka


async def test_one_dead_or_frozen_broker_of_three_hides_only_its_own(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        await cluster.create_topic("spread", 6, 1)
        spread = [TopicPartition("spread", number) for number in range(6)]
        moves = [GroupMove(group, spread[0], CommittedOffset(1)) for group in GROUPS]
        copies = [Copy("spread", number, None, b"v", (), None) for number in range(6)]
        await cluster.transact("x", copies, moves, fine)
        topic = await cluster.topic("spread")
        of_three = {partition.topic_partition for partition in topic.partitions if partition.leader == 3}
        assert len(of_three) == 2
        for breaks, heals in ((three.kill, three.restart), (three.pause, three.resume)):
            await asyncio.to_thread(breaks, 3)
            await check_only_its_own_are_hidden(cluster, spread, of_three)
            await asyncio.to_thread(heals, 3)
            async with asyncio.timeout(patience(30)):
                while await hidden(cluster, spread):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)


@pytest.mark.parametrize("replicas", [1, 3])
async def test_a_scan_loses_no_more_than_what_a_broker_alone_has(
    three: EmbeddedKafka, tmp_path: Path, replicas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of three leaders freezes in the middle: where others have the records they are read from them."""
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: 0)
    monkeypatch.setattr(scanning, "_BATCH", 5)
    monkeypatch.setattr(span_reader, "GONE_SECONDS", 3.0 if replicas == 1 else patience(30))
    name, each = f"scanned-{uuid.uuid4().hex[:8]}", 200
    async with session_on(three.bootstrap, tmp_path / "journal.sqlite3") as session:
        async with asyncio.timeout(patience(30)):
            while any(one.fenced for one in await session.cluster.brokers.describe()):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await session.cluster.create_topic(name, 3, replicas)
        producer = Producer({"bootstrap.servers": three.bootstrap, "queue.buffering.max.kbytes": 100_000})
        for number in range(3 * each):
            producer.produce(name, os.urandom(50_000), partition=number % 3)
        assert producer.flush(60) == 0
        topic = await session.cluster.topic(name)
        own = tuple(one.topic_partition for one in topic.partitions if one.leader == 3)
        assert len(own) == 1
        last, frozen = ScanProgress(), False
        try:
            async for last in scan(session, [name], value_rules=[parse_rule("max-bytes:60000")]):
                if last.scanned and not frozen:
                    frozen = True
                    await asyncio.to_thread(three.pause, 3)
        finally:
            await asyncio.to_thread(three.resume, 3)
        if replicas == 1:
            assert (tuple(one.topic_partition for one in last.skipped), last.removed, last.complete) == (own, (), False)
            assert 2 * each <= last.scanned < 3 * each
        else:
            assert (last.scanned, last.skipped, last.removed, last.complete) == (3 * each, (), (), True)


async def check_only_its_own_are_hidden(
    cluster: Cluster, spread: list[TopicPartition], of_three: set[TopicPartition]
) -> None:
    began = time.monotonic()
    assert await hidden(cluster, spread) == of_three
    assert time.monotonic() - began < patience(5)
    began = time.monotonic()
    groups = await cluster.groups()
    assert groups.listings
    commits = await cluster.committed_offsets(GROUPS)
    listings = [GroupListing(group, GroupType.CLASSIC, GroupState.EMPTY) for group in GROUPS]
    described = await cluster.describe_groups(listings)
    for answers in (commits, described):
        assert any(not isinstance(answer, ClusterError) for answer in answers.values())
        assert {type(answer) for answer in answers.values() if isinstance(answer, ClusterError)} <= {Unreachable}
    assert time.monotonic() - began < patience(15)


async def hidden(cluster: Cluster, spread: list[TopicPartition]) -> set[TopicPartition]:
    return {partition for partition, log in (await cluster.offsets(spread)).items() if log.log_end_offset is None}


async def test_replicas_out_of_sync_are_known_before_a_transaction(three: EmbeddedKafka, tmp_path: Path) -> None:
    async with session_on(three.bootstrap, tmp_path / "journal.sqlite3") as session:
        cluster = session.cluster
        name = f"kept-{uuid.uuid4().hex[:8]}"
        for topic, least in ((name, "1"), (f"{name}-dlq", "3")):
            settings = {"min.insync.replicas": least, "retention.ms": "-1"}
            await cluster.create_topic(topic, 1, 3, settings)
        (record,) = await cluster.transact("x", [Copy(name, 0, None, b"v", (), None)], [], fine)
        async with asyncio.timeout(patience(10)):
            while (await cluster.offsets([record.topic_partition]))[record.topic_partition].last_stable_offset != 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert (await plan_reroute(session, [record], groups=[])).problems == ()
        await asyncio.to_thread(require_in_sync, three.bootstrap, "__transaction_state", "3")
        await asyncio.to_thread(three.kill, 3)
        try:
            async with asyncio.timeout(patience(30)):
                for topic in (f"{name}-dlq", "__transaction_state"):
                    while any(len(one.isr) == 3 for one in (await cluster.topic(topic)).partitions):  # noqa: ASYNC110
                        await asyncio.sleep(0.2)
            plan = await plan_reroute(session, [record], groups=[])
            assert [problem.message.partition(" takes")[0].partition(":")[0] for problem in plan.problems] == [
                f"{name}-dlq",
                "__transaction_state",
            ]
            assert all("2 replicas are in sync, and it needs 3" in problem.message for problem in plan.problems)
        finally:
            await asyncio.to_thread(three.restart, 3)
            await asyncio.to_thread(require_in_sync, three.bootstrap, "__transaction_state", "1")


def require_in_sync(bootstrap: str, topic: str, least: str) -> None:
    entry = ConfigEntry("min.insync.replicas", least, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.incremental_alter_configs([resource])[resource].result(10)


async def test_a_password_whose_deletion_was_not_told_of_is_deleted(
    three: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first broker has it done and falls silent: so the second one does not find what it is to delete."""
    send, asked = BrokerRequests.send_aside, []

    async def forgets_to_answer(
        wire: BrokerRequests, request: object, node: int | str, doing: str, seconds: float
    ) -> object:
        answer = await send(wire, request, node, doing, seconds)
        asked.append(node)
        if len(asked) == 1:
            raise Unreachable(f"{doing}: it does not answer")
        return answer

    kind = ScramMechanism.SCRAM_SHA_256
    async with opened(three.bootstrap) as cluster:
        await cluster.security.set_scram(NewScramCredential("forgotten", kind, 4096, uuid.uuid4().hex))
        monkeypatch.setattr(BrokerRequests, "send_aside", forgets_to_answer)
        await cluster.security.delete_scram("forgotten", kind)
        assert len(set(asked)) == 2
        with pytest.raises(RefusedByPolicy):
            await cluster.security.delete_scram("forgotten", kind)
