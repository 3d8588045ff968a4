from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.verdict import Behaviour, Verdict
from kafkaview.triage.view import View
from kafkaview.triage.watch import Watch
from tests.fake_cluster import FakeCluster, FakeMember, OnPoison

ORDERS_0 = TopicPartition("orders", 0)
POISON_AT = 30


@pytest.fixture
def cluster() -> FakeCluster:
    """orders with a poison at 30, and a group that stands on it by crashing."""
    cluster = FakeCluster()
    cluster.add_topic("orders")
    for number in range(80):
        poison = number == POISON_AT
        cluster.add_record("orders", b'{"n": ' if poison else b'{"n": 1}', poison=poison)
    cluster.join("billing", FakeMember("billing", (ORDERS_0,), OnPoison.CRASH))
    cluster.commit("billing", ORDERS_0, POISON_AT)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def watch(session: Session) -> Watch:
    return Watch(session, interval=0.02, window=0.2)


async def first_judged(watch: Watch, cluster: FakeCluster) -> View:
    async with aclosing(watch.views()) as views:
        async for view in views:
            cluster.tick()
            if view.judged:
                return view
    raise AssertionError


async def test_a_crash_loop_on_a_poison_is_named_with_its_record(cluster: FakeCluster, session: Session) -> None:
    view = await first_judged(watch(session), cluster)
    (stuck,) = view.stuck
    assert (stuck.verdict, stuck.behaviour) == (Verdict.POISON, Behaviour.CRASH_LOOP)
    assert stuck.suspect is not None
    assert stuck.suspect.record.offset == POISON_AT
    assert "The record does not decode. Its 40 neighbours do" in [line.text for line in stuck.evidence]
    assert view.seconds_to_verdict == 0


async def test_a_record_is_not_read_again_with_every_sample(cluster: FakeCluster, session: Session) -> None:
    async with aclosing(watch(session).views()) as views:
        judged = 0
        async for view in views:
            cluster.tick()
            judged += view.judged
            if judged == 10:
                break
    assert cluster.calls["read"] == 2  # the sample of the topic's format, and the search


async def test_a_group_that_is_moved_past_is_named_no_more(cluster: FakeCluster, session: Session) -> None:
    async with aclosing(watch(session).views()) as views:
        seen = False
        async for view in views:
            cluster.tick()
            if view.stuck and not seen:
                seen = True
                cluster.commit("billing", ORDERS_0, POISON_AT + 1)
            elif seen and not view.stuck:
                break
    assert seen


async def test_a_cluster_that_goes_away_leaves_its_last_values_dated(cluster: FakeCluster, session: Session) -> None:
    watched = watch(session)
    async with aclosing(watched.views()) as views:
        good = await anext(views)
        cluster.failures["groups"] = Unreachable("no broker answers")
        gone = await anext(views)
        assert (gone.at_ms, gone.groups, gone.dated) == (good.at_ms, good.groups, True)
        assert [error.message for error in gone.errors] == ["no broker answers"]
        del cluster.failures["groups"]
        watched.refresh_now()
        back = await anext(views)
    assert (back.dated, back.errors, back.samples) == (False, (), 2)


@pytest.mark.parametrize("call", ["committed", "offsets"])
async def test_a_cluster_that_goes_away_in_the_middle_of_a_sample_does_not_make_groups_move(
    cluster: FakeCluster, session: Session, call: str
) -> None:
    watch = Watch(session, interval=0.01, window=0.3)
    judged = await first_judged(watch, cluster)
    assert judged.stuck
    cluster.failures[call] = Unreachable("the broker went away after it had listed the groups")
    async with aclosing(watch.views()) as views:
        async for view in views:
            assert (view.dated, view.stuck) == (True, judged.stuck)
            break


async def test_a_cluster_that_never_answered_yields_an_empty_view_with_the_error(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.down = {1, 2, 3}
    async with aclosing(watch(session).views()) as views:
        view = await anext(views)
    assert (view.groups, view.info, view.samples, view.dated) == ((), None, 0, True)
    assert view.errors[0].kind == "unreachable"


async def test_one_silent_broker_hides_only_what_it_alone_knows(cluster: FakeCluster, session: Session) -> None:
    cluster.add_topic("payments", partitions=3)
    cluster.add_group("ledger", coordinator=2)
    cluster.down = {2}
    async with aclosing(watch(session).views()) as views:
        view = await anext(views)
    assert [group.listing.group for group in view.groups] == ["billing"]
    assert view.offsets[TopicPartition("payments", 1)].log_end_offset is None
    assert view.offsets[TopicPartition("payments", 0)].log_end_offset == 0
    assert any("broker 2" in error.message for error in view.errors)


async def test_a_right_that_is_missing_keeps_the_rest_in_view(cluster: FakeCluster, session: Session) -> None:
    cluster.failures["committed"] = NotAuthorized("User:oncall lacks DESCRIBE on Group billing")
    async with aclosing(watch(session).views()) as views:
        view = await anext(views)
    (group,) = view.groups
    assert (group.partitions, group.total_lag.records) == ((), None)
    assert [error.kind for error in view.errors] == ["authorization"]
    assert [topic.name for topic in view.topics] == ["orders"]


async def test_sizes_that_may_not_be_read_are_unknown_and_no_fault(cluster: FakeCluster, session: Session) -> None:
    cluster.failures["topic_sizes"] = NotAuthorized("no DESCRIBE on Cluster")
    async with aclosing(watch(session).views()) as views:
        view = await anext(views)
    assert (view.sizes, view.errors) == ({}, ())


async def test_short_visits_between_samples_are_seen(cluster: FakeCluster, session: Session) -> None:
    (member,) = cluster.grouped["billing"].members
    member.joined = False
    looked = Watch(session, interval=1.0, window=1.0)
    async with aclosing(looked.views()) as views:
        await anext(views)
        member.joined = True
        coming = asyncio.ensure_future(anext(views))
        asked = cluster.calls["describe_groups"]
        while cluster.calls["describe_groups"] < asked + 3:  # noqa: ASYNC110 - the fake counts, it signals nothing
            await asyncio.sleep(0.01)
        member.joined = False
        await coming
        judged = await anext(view async for view in views if view.judged)
    assert [one.behaviour for one in judged.stuck] == [Behaviour.CRASH_LOOP]


async def test_history_holds_what_was_sampled(cluster: FakeCluster, session: Session) -> None:
    watched = watch(session)
    await first_judged(watched, cluster)
    points = watched.history("billing", ORDERS_0)
    assert {(point.committed_offset, point.log_end_offset) for point in points} == {(POISON_AT, 80)}
    assert len(points) == len(watched.total_history("billing"))
