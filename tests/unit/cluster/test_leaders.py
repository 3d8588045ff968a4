"""A partition without a leader: its brokers are named, and nobody waits for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.in_sync import write_refusal
from kafkaview.cluster.leaders import find_silence, leaderless
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.one_record import read_record
from kafkaview.records.positions import BEGINNING, END
from kafkaview.records.ranges import find_range
from kafkaview.records.read import arrivals_of
from kafkaview.records.request import FollowRequest
from kafkaview.session import Session
from kafkaview.terms import UNKNOWN_OFFSETS, Partition, PartitionOffsets, RecordId, TopicPartition
from kafkaview.triage.redrive.planner import plan_redrive
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.triage.scan.scan import scan
from kafkaview.writes.offsets.planner import plan_offsets
from kafkaview.writes.offsets.request import OffsetsRequest, parse_target
from tests.kit.fake_cluster import FakeCluster
from tests.kit.patience import patience

AWAY = TopicPartition("orders", 1)
MESSAGE = "orders:1 has no leader: its only replica is on broker 2"
HINT = "Start broker 2: until then nobody can read or write it."


@pytest.fixture
def cluster() -> FakeCluster:
    """orders, each partition on one broker; that of orders:1 has gone."""
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=3, replicas=1)
    for partition in range(3):
        cluster.add_record("orders", b"{}", partition=partition)
    cluster.add_group("billing")
    cluster.log(AWAY).leader = None
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


@pytest.mark.parametrize(
    ("replicas", "in_sync", "where", "start"),
    [
        ((2,), (), "its only replica is on broker 2", "Start broker 2:"),
        ((1, 2, 3), (), "its replicas are on brokers 1, 2 and 3", "Start those of brokers 1, 2 and 3 that are down:"),
        (
            (1, 2, 3),
            (2,),
            "its replicas are on brokers 1, 2 and 3, and only broker 2 has all its records",
            "Start broker 2:",
        ),
    ],
)
def test_the_brokers_that_hold_it_are_named_and_which_of_them_has_to_come_back(
    replicas: tuple[int, ...], in_sync: tuple[int, ...], where: str, start: str
) -> None:
    error = leaderless(Partition("orders", 1, None, replicas, in_sync))
    assert error.message == f"orders:1 has no leader: {where}"
    assert error.hint.startswith(start)


async def test_every_read_of_it_alone_says_so_at_once(session: Session, cluster: FakeCluster) -> None:
    async def follow() -> None:
        async with aclosing(arrivals_of(session, FollowRequest("orders", partitions=(1,)))) as arrivals:
            await anext(arrivals)

    async def search() -> None:
        async with aclosing(scan(session, [AWAY])) as steps:
            await anext(steps)

    record = RecordId("orders", 1, 0)
    for asked in (
        read_record(cluster, record),
        find_range(cluster, [AWAY], BEGINNING, END),
        follow(),
        search(),
        plan_reroute(session, [record], groups=None),
        plan_redrive(session, RedriveRequest("orders", (record,))),
    ):
        async with asyncio.timeout(patience(2)):
            with pytest.raises(Unreachable) as caught:
                await asked
        assert (caught.value.message, caught.value.hint) == (MESSAGE, HINT)


async def test_a_record_of_a_silent_leader_is_not_waited_for(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsaid(partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        return dict.fromkeys(partitions, UNKNOWN_OFFSETS)

    monkeypatch.setattr(cluster, "offsets", unsaid)
    record = RecordId("orders", 2, 0)
    for asked in (read_record(cluster, record), plan_reroute(session, [record], groups=None)):
        with pytest.raises(Unreachable, match="The leader of orders:2, broker 3, does not answer"):
            await asked


async def test_a_topic_whose_only_leader_is_away_is_not_said_to_show_no_format(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("single", partitions=1, replicas=1)
    for number in range(9):
        cluster.add_record("single", b'{"n": %d}' % number)
    cluster.log(TopicPartition("single", 0)).leader = None
    with pytest.raises(Unreachable, match="single:0 has no leader"):
        await session.decoders.of(cluster, "single")
    cluster.log(TopicPartition("single", 0)).leader = 1
    assert (await session.decoders.of(cluster, "single")).decoder is not None, "nothing was kept of that"


@pytest.mark.parametrize("to", ["latest", "@1700000000000"])
async def test_a_change_of_offsets_on_it_and_a_write_to_it_say_so(
    session: Session, cluster: FakeCluster, to: str
) -> None:
    request = OffsetsRequest("billing", parse_target(to, "billing"), partitions=(AWAY,))
    problems = (await plan_offsets(session, request)).problems
    assert [(one.message, one.hint) for one in problems] == [(MESSAGE, HINT)]
    refusal = write_refusal((await cluster.topic("orders")).partitions[1], None)
    assert refusal is not None
    assert refusal.message == MESSAGE


async def test_a_leader_that_is_known_and_silent_is_named(cluster: FakeCluster) -> None:
    silence = await find_silence(cluster, TopicPartition("orders", 2))
    assert silence.message == "The leader of orders:2, broker 3, does not answer"
    cluster.failures["partition_table"] = Unreachable("nobody answers")
    assert (await find_silence(cluster, AWAY)).message == "nobody answers"
