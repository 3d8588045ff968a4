"""One broker of three is silent or gone, brokers are old, addresses are wrong: what is told, and how soon."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.protocol.broker_version_data import BrokerVersionData  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ClusterError, ControllerAddress, Unreachable
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster, GroupMove, TransactionStage
from kafkaview.cluster.ports.columns import CommitColumns
from kafkaview.cluster.ports.security import QuotaEntity
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, TopicPartition
from kafkaview.writes.outcome import ChangeOutcome
from tests.broker import false_servers as false
from tests.broker.engines import kill_engine, opened_engine, outcome_of
from tests.kit.patience import patience

SOON_SECONDS = 2.6  # two seconds, and what a busy computer adds
ONE_SILENT_SECONDS = 4.0
MOVED_SECONDS = 20.0


@asynccontextmanager
async def opened(bootstrap: str) -> AsyncIterator[Cluster]:
    cluster = open_cluster(ConnectionProfile("silent", bootstrap))
    try:
        yield cluster
    finally:
        await cluster.close()


GROUPS = [f"g{number}" for number in range(12)]
LISTINGS = [GroupListing(group, GroupType.CLASSIC, GroupState.EMPTY) for group in GROUPS]


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(nodes=3) as kafka, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, commit_for_all(kafka.bootstrap)).result()
        yield kafka


async def commit_for_all(bootstrap: str) -> None:
    async with opened(bootstrap) as cluster:
        await cluster.create_topic("spread", 3, 3)
        moves = [
            GroupMove(group, TopicPartition("spread", number % 3), CommittedOffset(number))
            for number, group in enumerate(GROUPS)
        ]
        await cluster.transact("commits", [], moves, fine)


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


@contextmanager
def paused(kafka: EmbeddedKafka, node: int) -> Iterator[None]:
    kafka.pause(node)
    try:
        yield
    finally:
        kafka.resume(node)


@pytest.mark.parametrize("silent", [1, 2, 3])
async def test_one_silent_broker_of_three_keeps_no_question_without_an_answer(
    three: EmbeddedKafka, silent: int
) -> None:
    with paused(three, silent):
        for _ in range(7):
            async with opened(three.bootstrap) as cluster:
                began = time.monotonic()
                assert (await cluster.describe()).brokers
                assert await cluster.topics()
                assert time.monotonic() - began < patience(ONE_SILENT_SECONDS)
                assert len((await cluster.groups()).errors) <= 1  # all may have moved to the silent one meanwhile
                table = await cluster.partition_table()
                await cluster.log_bounds(table)
                answers = await cluster.commits(GROUPS, table)
                assert set(answers) == set(GROUPS)


VERBS = (
    "topics",
    "topic spread",
    "groups",
    "lag",
    "stuck --seconds 2",
    "scan spread --rule utf8",
    "configs topic spread",
    "coordination",
    "brokers",
    "transactions",
    "users",
    "quotas",
)


@pytest.mark.usefixtures("tmp_home")
def test_every_verb_answers_from_the_others(three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]) -> None:
    """The silent broker comes first among those that are named, so that it is asked first where order counts."""
    silent_first = ",".join(f"127.0.0.1:{node.port}" for node in reversed(three.nodes))
    with paused(three, 3):
        for line in VERBS:
            code = main(["--bootstrap", silent_first, *line.split(), "--json"])
            document = json.loads(capsys.readouterr().out)
            assert (line, code, "error" in document) == (line, 0, False)
            if line in ("brokers", "coordination"):  # whatever it led or coordinated may be another's by now
                unseen = {(one["what"], one["broker"], one["kind"]) for one in document["unseen"]}
                assert ("log directories", 3, "silent") in unseen


async def test_a_silent_broker_costs_its_time_once(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        table = await cluster.partition_table()
        await cluster.commits(GROUPS, table)
        with paused(three, 2):
            await cluster.groups()
            await cluster.log_bounds(table)
            began = time.monotonic()
            for _ in range(3):
                await asyncio.gather(cluster.groups(), cluster.log_bounds(table), cluster.commits(GROUPS, table))
            assert time.monotonic() - began < patience(3 * 1.5)


async def test_a_group_is_followed_to_its_new_coordinator(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        await cluster.commits(GROUPS, await cluster.partition_table())
        before = await cluster.describe_groups(LISTINGS)
        coordinated = {name: group.coordinator for name, group in before.items() if isinstance(group, Group)}
        gone = next(node for node in coordinated.values() if node is not None)
        moved = [name for name, node in coordinated.items() if node == gone]
        await asyncio.to_thread(three.kill, gone)
        try:
            async with asyncio.timeout(patience(MOVED_SECONDS)):
                while await without_commits(cluster):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
            after = await cluster.describe_groups(LISTINGS)
            for name in moved:
                group = after[name]
                assert isinstance(group, Group), group
                assert group.coordinator not in {None, gone}
        finally:
            await asyncio.to_thread(three.restart, gone)


async def without_commits(cluster: Cluster) -> list[str]:
    answers = await cluster.commits(GROUPS, await cluster.partition_table())
    return [group for group, answer in answers.items() if isinstance(answer, ClusterError)]


async def test_the_leader_of_a_partition_is_followed(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        name = f"t-{uuid.uuid4().hex[:8]}"
        await cluster.create_topic(name, 3, 3)
        places = [TopicPartition(name, number) for number in range(3)]
        assert all(bounds.log_end_offset == 0 for bounds in (await cluster.offsets(places)).values())
        await asyncio.to_thread(three.kill, 1)
        try:
            async with asyncio.timeout(patience(MOVED_SECONDS)):
                while any(b.log_end_offset is None for b in (await cluster.offsets(places)).values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        finally:
            await asyncio.to_thread(three.restart, 1)


@pytest.fixture
def old_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brokers that take one group in a request, as before Kafka 3.0."""
    init = BrokerVersionData.__init__

    def limited(
        self: object, broker_version: object = None, api_versions: dict[int, tuple[int, int]] | None = None
    ) -> None:
        lasts = {9: 7, 10: 3}
        versions = {key: (low, min(high, lasts.get(key, high))) for key, (low, high) in (api_versions or {}).items()}
        init(self, broker_version, versions)

    monkeypatch.setattr(BrokerVersionData, "__init__", limited)


@pytest.mark.usefixtures("old_brokers")
async def test_brokers_that_take_one_group_in_a_request_are_asked_for_each(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        table = await cluster.partition_table()
        answers = await cluster.commits([*GROUPS, "nobody"], table)
        found = {name: answer.offsets.tolist() for name, answer in answers.items() if isinstance(answer, CommitColumns)}
        assert found == {f"g{number}": [number] for number in range(12)} | {"nobody": []}
        assert all(isinstance(group, Group) for group in (await cluster.describe_groups(LISTINGS)).values())
        plain = await cluster.committed_offsets(GROUPS)
        assert not [answer for answer in plain.values() if isinstance(answer, ClusterError)]


async def test_a_refused_port_is_told_at_once(closed_port: int) -> None:
    async with opened(f"127.0.0.1:{closed_port},localhost:{closed_port}") as cluster:
        for question in (cluster.describe, cluster.topics, cluster.groups, cluster.partition_table):
            began = time.monotonic()
            with pytest.raises(Unreachable, match="Connection refused"):
                await question()
            assert time.monotonic() - began < patience(0.5)


async def test_an_unknown_name_is_told(closed_port: int) -> None:
    async with opened(f"no-such-host.invalid:{closed_port}") as cluster:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"no-such-host\.invalid is not known|not resolved in time"):
            await cluster.topics()
        assert time.monotonic() - began < patience(SOON_SECONDS)


async def test_who_accepts_and_says_nothing_is_told_within_two_seconds() -> None:
    async with false.serving(false.silent) as port, opened(f"127.0.0.1:{port}") as cluster:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="accepts the connection and says nothing"):
            await cluster.topics()
        assert time.monotonic() - began < patience(SOON_SECONDS)
        began = time.monotonic()
        with pytest.raises(Unreachable, match="accepts the connection and says nothing"):
            await cluster.topics()
        assert time.monotonic() - began < patience(1), "once it was silent, less is waited for"


async def test_an_address_that_drops_everything_is_told_within_two_seconds() -> None:
    with false.filtered() as port:
        async with opened(f"127.0.0.1:{port}") as cluster:
            began = time.monotonic()
            with pytest.raises(Unreachable, match="no connection comes about"):
                await cluster.topics()
            assert time.monotonic() - began < patience(SOON_SECONDS)


async def test_who_closes_at_once_is_told() -> None:
    async with false.serving(false.closing) as port, opened(f"127.0.0.1:{port}") as cluster:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"closed the connection|reset by peer"):
            await cluster.topics()
        assert time.monotonic() - began < patience(SOON_SECONDS)


async def test_who_is_no_kafka_is_told() -> None:
    async with (
        false.serving(false.saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port,
        opened(f"127.0.0.1:{port}") as cluster,
    ):
        began = time.monotonic()
        with pytest.raises(Unreachable):
            await cluster.topics()
        assert time.monotonic() - began < patience(SOON_SECONDS)


async def test_a_controller_is_told_from_a_broker(three: EmbeddedKafka) -> None:
    async with opened(f"127.0.0.1:{three.nodes[0].controller_port}") as cluster:
        with pytest.raises(ControllerAddress, match="a KRaft controller answers there"):
            await cluster.topics()


async def test_a_wrong_address_beside_a_right_one_does_no_harm(three: EmbeddedKafka, closed_port: int) -> None:
    async with (
        false.serving(false.silent) as port,
        opened(f"127.0.0.1:{closed_port},127.0.0.1:{port},{three.bootstrap}") as cluster,
    ):
        began = time.monotonic()
        assert await cluster.topics()
        assert time.monotonic() - began < patience(1.5)


async def test_what_a_frozen_controller_holds_is_not_said_to_be_undone(three: EmbeddedKafka, tmp_path: Path) -> None:
    """Brokers pass a request on to the controller until one answers: it may be carried out long after its sender."""
    user = QuotaEntity((("user", "anna"),))
    async with opened(three.bootstrap) as cluster:
        quorum = (await cluster.coordination()).quorum
        assert quorum is not None
        assert quorum.leader_id is not None
        profile = ConnectionProfile("silent", three.bootstrap)
        async with opened_engine(profile, Secrets(), tmp_path / "journal") as client:
            plan = await client.engine.plan_set_quota(user, {"producer_byte_rate": 1000.0})
            with paused(three, quorum.leader_id):
                writing = asyncio.ensure_future(outcome_of(client, plan))
                await asyncio.sleep(2)
                assert not writing.done()
                kill_engine(client)
                await asyncio.sleep(8)
                assert not writing.done()
            told = await asyncio.wait_for(writing, patience(60))
        stands = user in [one.entity for one in await cluster.security.quotas()]
        assert stands is isinstance(told, ChangeOutcome)


async def test_a_broker_that_stands_still_listens_and_one_that_has_ended_does_not(three: EmbeddedKafka) -> None:
    async with opened(three.bootstrap) as cluster:
        first, *_ = await cluster.brokers.describe()
        with paused(three, first.id):
            assert not await cluster.brokers.is_down(first)
        with free_ports(1) as (port,):
            assert await cluster.brokers.is_down(replace(first, host="localhost", port=port))
        assert not await cluster.brokers.is_down(replace(first, host="no-such-host.invalid"))
