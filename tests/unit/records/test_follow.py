"""Records as they come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import pytest

from kafkaview.cluster.ports.cluster import Batch
from kafkaview.records import follow
from kafkaview.records.follow import Arrival, Jump
from kafkaview.records.read import arrivals_of, follow_records
from kafkaview.records.request import FollowRequest
from kafkaview.records.rows import RecordRow
from kafkaview.session import Session
from kafkaview.terms import Isolation, Record, RemovalCause, RemovedOffsets, TopicPartition
from tests.kit.fake_cluster import FakeCluster
from tests.kit.fake_log import FakeLog

PLACE = TopicPartition("orders", 0)


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(follow, "_TOPIC_SECONDS", 0.0)


async def until(
    arrivals: AsyncGenerator[Arrival[RecordRow], None], holds: Callable[[list[Arrival[RecordRow]]], object]
) -> list[Arrival[RecordRow]]:
    found: list[Arrival[RecordRow]] = []
    async for arrival in arrivals:
        found.append(arrival)
        if holds(found):
            return found
    return found


def values(arrivals: list[Arrival[RecordRow]]) -> list[str]:
    return [row.value for arrival in arrivals for row in arrival.records]


def notes(arrivals: list[Arrival[RecordRow]]) -> list[str]:
    return [note for arrival in arrivals for note in arrival.notes]


async def test_what_comes_in_is_shown_and_nothing_from_before(session: Session, cluster: FakeCluster) -> None:
    async with aclosing(follow_records(session, FollowRequest("orders"))) as arrivals:
        await anext(arrivals)
        cluster.add_record("orders", b"one", partition=1)
        found = await until(arrivals, values)
        cluster.add_record("orders", b"two", partition=2)
        found += await until(arrivals, values)
    assert values(found) == ["one", "two"]
    assert sum(arrival.read for arrival in found) == 2


async def test_of_many_at_once_the_newest_are_shown_and_the_others_counted(
    session: Session, cluster: FakeCluster
) -> None:
    async with aclosing(follow_records(session, FollowRequest("orders", most=5))) as arrivals:
        await anext(arrivals)
        for number in range(20):
            cluster.add_record("orders", b"%d" % number, partition=0)
        (*_, last) = await until(arrivals, values)
    assert [row.value for row in last.records] == ["15", "16", "17", "18", "19"]
    assert (last.read, last.matched, last.hidden) == (20, 20, 15)


async def test_a_filter_counts_what_it_lets_through_and_where_it_fails(session: Session, cluster: FakeCluster) -> None:
    async with aclosing(follow_records(session, FollowRequest("orders", where="value.n > 5"))) as arrivals:
        await anext(arrivals)
        for value in (b'{"n": 4}', b'{"n": 6}', b'{"m": 6}'):
            cluster.add_record("orders", value, partition=0)
        (*_, last) = await until(arrivals, lambda found: sum(one.read for one in found) == 3)
    assert [row.value for row in last.records] == ['{"n": 6}']
    assert (last.read, last.matched, last.failed) == (3, 1, 1)


async def test_whoever_is_far_behind_goes_on_at_the_newest_and_hears_what_was_left_out(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_FAR_BEHIND", 50)
    read, starts = cluster.follow, []

    async def slow(start: Mapping[TopicPartition, int], *, isolation: Isolation) -> AsyncGenerator[Batch, None]:
        """Comes to nothing the first time."""
        starts.append(dict(start))
        while len(starts) == 1:
            yield Batch((), start)
            await asyncio.sleep(0.01)
        async for batch in read(start, isolation=isolation):
            yield batch

    monkeypatch.setattr(cluster, "follow", slow)
    async with aclosing(follow_records(session, FollowRequest("orders", partitions=(0,), most=10))) as arrivals:
        await anext(arrivals)
        for number in range(100):
            cluster.add_record("orders", b"%d" % number, partition=0)
        found = await until(arrivals, values)
    assert [jump for arrival in found for jump in arrival.jumps] == [Jump(PLACE, 40, 130)]
    assert values(found) == [str(number) for number in range(90, 100)]
    assert starts == [{PLACE: 40}, {PLACE: 130}]


async def test_a_reader_that_keeps_everything_never_jumps(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_FAR_BEHIND", 1)
    found: list[Record] = []
    async with aclosing(arrivals_of(session, FollowRequest("orders", start="beginning"))) as arrivals:
        async for arrival in arrivals:
            assert not arrival.jumps
            found += arrival.records
            if len(found) == 120:
                break


async def test_what_retention_takes_before_it_is_read_is_named(session: Session, cluster: FakeCluster) -> None:
    request = FollowRequest("orders", start="5", partitions=(0,))
    async with aclosing(follow_records(session, request)) as arrivals:
        await anext(arrivals)
        cluster.log(PLACE).truncate_before(30)
        found = await until(arrivals, values)
    (gap,) = [gap for arrival in found for gap in arrival.gaps]
    assert (gap.from_offset, gap.to_offset, gap.cause) == (5, 30, RemovalCause.RETENTION)
    assert len(values(found)) == 10


async def test_partitions_that_are_added_are_followed_and_a_deletion_ends_it(
    session: Session, cluster: FakeCluster
) -> None:
    async with aclosing(follow_records(session, FollowRequest("orders"))) as arrivals:
        await anext(arrivals)
        cluster.logged["orders"].logs.append(FakeLog())
        found = await until(arrivals, notes)
        cluster.add_record("orders", b"new", partition=3)
        found += await until(arrivals, values)
        await cluster.delete_topic("orders")
        found += [arrival async for arrival in arrivals]
    assert values(found) == ["new"]
    assert notes(found) == ["orders has 4 partitions now: 1 more than before", "The topic orders was deleted"]


@pytest.mark.parametrize("partitions", [None, (0,)])
async def test_a_topic_that_is_made_anew_ends_it_and_is_no_unclean_election(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, partitions: tuple[int, ...] | None
) -> None:
    async def cut_off(start: Mapping[TopicPartition, int], *, isolation: Isolation) -> AsyncGenerator[Batch, None]:
        del isolation
        yield Batch((), start)
        cluster.logged["orders"].id = bytes(range(16))
        yield Batch((), start, (RemovedOffsets(PLACE, 12, 40, RemovalCause.TRUNCATION),))

    monkeypatch.setattr(follow, "_TOPIC_SECONDS", 1_000.0)
    monkeypatch.setattr(cluster, "follow", cut_off)
    async with aclosing(follow_records(session, FollowRequest("orders", partitions=partitions))) as arrivals:
        found = [arrival async for arrival in arrivals]
    assert notes(found) == ["The topic orders was deleted and made anew"]
    assert not any(arrival.gaps for arrival in found)


async def test_a_leader_that_falls_silent_and_comes_back_is_said(session: Session, cluster: FakeCluster) -> None:
    async with aclosing(follow_records(session, FollowRequest("orders", partitions=(0, 1)))) as arrivals:
        await anext(arrivals)
        cluster.log(PLACE).leader = None
        found = await until(arrivals, notes)
        cluster.log(PLACE).leader = 1
        found += await until(arrivals, notes)
    assert notes(found) == [
        "orders:0 has no leader: its only replica is on broker 1",
        "The leader of orders:0 answers again",
    ]


async def test_a_partition_whose_leader_was_away_is_followed_once_it_answers(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.log(PLACE).leader = None
    async with aclosing(follow_records(session, FollowRequest("orders", start="-20", resume={0: 15}))) as arrivals:
        first = await anext(arrivals)
        assert [note.partition(" has")[0] for note in first.notes] == ["Not followed: orders:0"]
        cluster.log(PLACE).leader = 1
        cluster.add_record("orders", b"late")
        found = await until(arrivals, lambda found: any("late" in value for value in values(found)))
    assert notes(found) == ["The leader of orders:0 answers: it is followed from 15 on"]
    assert sorted(row.offset for one in found for row in one.records if row.partition == 0) == [*range(15, 41)]


async def test_following_goes_on_where_a_read_ended(session: Session) -> None:
    request = FollowRequest("orders", start="-20", resume={0: 15, 1: 39})
    async with aclosing(follow_records(session, request)) as arrivals:
        found = await until(arrivals, lambda found: len(values(found)) >= 65)
    places = [(row.partition, row.offset) for arrival in found for row in arrival.records]
    assert sorted(places) == [(number, at) for number, first in ((0, 15), (1, 20), (2, 20)) for at in range(first, 40)]


async def test_what_is_too_far_back_is_left_out_and_said(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_MOST_JOINED", 10)
    request = FollowRequest("orders", start="-20", resume={0: 9})
    async with aclosing(follow_records(session, request)) as arrivals:
        found = await until(arrivals, lambda found: len(values(found)) >= 60)
    assert notes(found) == ["11 offsets between what was read and what is followed are left out"]
    assert min(row.offset for arrival in found for row in arrival.records) == 20


async def test_what_joins_a_read_is_shown_whole_however_much_comes_at_once(session: Session) -> None:
    request = FollowRequest("orders", start="-20", resume={0: 0, 1: 0, 2: 0}, most=5)
    async with aclosing(follow_records(session, request)) as arrivals:
        found = await until(arrivals, lambda found: sum(arrival.read for arrival in found) >= 120)
    assert sum(arrival.hidden for arrival in found) < 60, "of those before, none"
    places = {(row.partition, row.offset) for arrival in found for row in arrival.records}
    assert {(number, at) for number in range(3) for at in range(20)} <= places


async def test_following_a_topic_that_was_made_anew_begins_anew(session: Session, cluster: FakeCluster) -> None:
    request = FollowRequest("orders", start="-20", resume={0: 5}, topic_id=b"another topic..!")
    async with aclosing(follow_records(session, request)) as arrivals:
        first = await anext(arrivals)
        found = await until(arrivals, lambda found: len(values(found)) >= 60)
    assert (first.anew, first.notes) == (True, ("The topic orders was deleted and made anew",))
    assert first.topic_id == (await cluster.topic("orders")).id != request.topic_id
    assert min(row.offset for arrival in found for row in arrival.records) == 20
