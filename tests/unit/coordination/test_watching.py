"""Looks at the coordination: what is kept of the past, and that a quorum of the past is never called healthy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.coordination import (
    Coordination,
    CoordinationMode,
    Quorum,
    QuorumReplica,
    ReplicaHealth,
    replica_health,
)
from kafkaview.coordination.history import HOUR_MS, QuorumPast
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.coordination.watch import CoordinationWatch
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from tests.kit.fake_cluster import FakeCluster
from tests.kit.patience import patience

Views = AsyncGenerator[CoordinationView, None]


def voter(number: int, leader: int, *, answers: bool | None = None) -> QuorumReplica:
    health = replica_health(leader=number == leader, fetch_age_ms=100, caught_up_lag_ms=100)
    return QuorumReplica(number, None, (), 100, 0, 100, 100, health, answers=answers)


def led(leader: int = 1, epoch: int = 5, high_watermark: int = 100) -> Quorum:
    return Quorum(leader, epoch, high_watermark, tuple(voter(n, leader) for n in (1, 2, 3)), ())


def unled(answering: int) -> Quorum:
    voters = (replace(voter(n, 0, answers=n <= answering), health=ReplicaHealth.UNKNOWN) for n in (1, 2, 3))
    return Quorum(None, None, None, tuple(voters), ())


def make_coordination(quorum: Quorum | None, mode: CoordinationMode = CoordinationMode.KRAFT) -> Coordination:
    return Coordination(mode, (), None if quorum is None else quorum.leader_id, None, quorum)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.coordinated = make_coordination(led())
    return cluster


@asynccontextmanager
async def looking(
    cluster: FakeCluster, path: Path, patience: float = 5.0
) -> AsyncIterator[tuple[CoordinationWatch, Views]]:
    session = Session(ConnectionProfile("a", "b:1"), cluster, TopicDecoders(), Journal(path / "journal.sqlite"))
    coordinating = CoordinationWatch(session, interval=0.02, patience=patience)
    async with aclosing(coordinating.views()) as views:
        yield coordinating, views
    await session.journal.close()


async def test_an_epoch_that_grew_between_two_looks_is_an_election(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path) as (_, views):
        first = await anext(views)
        assert (first.elections, first.leaders[0].since_ms) == (0, None)
        cluster.coordinated = make_coordination(led(leader=3, epoch=7))
        second = await anext(views)
    assert second.elections == 2  # at least
    assert [(one.leader_id, one.epoch) for one in second.leaders] == [(1, 5), (3, 7)]
    assert second.leaders[-1].since_ms == second.at_ms


async def test_a_quorum_that_nobody_leads_is_lost_and_the_last_one_kept(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path) as (_, views):
        well = await anext(views)
        assert not well.lost
        cluster.coordinated = make_coordination(unled(answering=1))
        gone = await anext(views)
    assert gone.answer is CoordinationAnswer.LEADERLESS
    assert gone.lost
    assert gone.stale
    assert (gone.quorum, gone.quorum_at_ms) == (well.quorum, well.quorum_at_ms)


async def test_a_majority_without_a_leader_elects_and_is_not_lost(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.coordinated = make_coordination(unled(answering=2))
    async with looking(cluster, tmp_path) as (_, views):
        view = await anext(views)
    assert view.electing
    assert not view.lost


async def test_a_cluster_that_does_not_answer_leaves_what_was_known(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path) as (_, views):
        await anext(views)
        well = await anext(views)
        assert well.watermark_rate == 0
        cluster.failures["coordination"] = Unreachable("No broker answers")
        silent = await anext(views)
        assert (silent.answer, silent.stale, silent.coordination) == (
            CoordinationAnswer.SILENT,
            True,
            well.coordination,
        )
        assert silent.lags[2][-1][1] is None
        assert silent.watermark_rate is None
        del cluster.failures["coordination"]
        assert not (await anext(views)).stale


async def test_a_late_answer_is_shown_as_late_and_awaited(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path, patience=0.05) as (_, views):
        await anext(views)
        cluster.delays["coordination"] = 0.3
        late = await anext(views)
        assert late.stale
        assert late.error is not None
        on_time = await anext(views)
    assert (on_time.answer, on_time.stale) == (CoordinationAnswer.YES, False)
    assert cluster.calls["coordination"] == 2


async def test_a_missing_right_is_shown_with_the_mode(cluster: FakeCluster, tmp_path: Path) -> None:
    refused = NotAuthorized("Cluster authorization failed", "Ask for DESCRIBE on the cluster.")
    cluster.coordinated = replace(make_coordination(None), refused=refused)
    async with looking(cluster, tmp_path) as (_, views):
        view = await anext(views)
    assert (view.missing_right, view.mode, view.lost) == (refused, CoordinationMode.KRAFT, False)


async def test_zookeeper_has_no_quorum_and_has_lost_none(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.coordinated = make_coordination(None, CoordinationMode.ZOOKEEPER)
    async with looking(cluster, tmp_path) as (_, views):
        view = await anext(views)
    assert (view.answer, view.quorum, view.lost, view.stale) == (CoordinationAnswer.YES, None, False, False)


async def test_a_known_quorum_becomes_stale_when_no_broker_answers(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path) as (_coordinating, views):
        await anext(views)
        cluster.coordinated = Coordination(CoordinationMode.UNKNOWN, ("broker 1 does not answer.",), None, None, None)
        view = await anext(views)
        assert (view.answer, view.stale, view.mode) == (CoordinationAnswer.SILENT, True, CoordinationMode.KRAFT)
        assert view.quorum == led()


async def test_a_refresh_does_not_wait_for_the_pause(cluster: FakeCluster, tmp_path: Path) -> None:
    async with looking(cluster, tmp_path) as (coordinating, views):
        coordinating._interval = 60.0
        await anext(views)
        coordinating.refresh_now()
        async with asyncio.timeout(patience(5)):
            await anext(views)


def test_the_past_is_an_hour_long() -> None:
    past = QuorumPast()
    past.add(0, led(leader=1, epoch=1, high_watermark=10))
    past.add(1_000, led(leader=2, epoch=2, high_watermark=20))
    past.add(HOUR_MS + 500, led(leader=2, epoch=2, high_watermark=30))
    assert [at for at, _lag in past.lags[1]] == [1_000, HOUR_MS + 500]
    assert [one.epoch for one in past.leaders] == [1, 2]
    past.add(HOUR_MS + 1_500, led(leader=2, epoch=2, high_watermark=32))
    assert [one.epoch for one in past.leaders] == [2]
    assert past.watermark_rate == pytest.approx(2.0)


def test_an_observer_that_vanished_is_forgotten_when_its_last_figure_is_an_hour_old() -> None:
    past = QuorumPast()
    past.add(0, Quorum(1, 1, 10, (voter(1, 1),), (voter(11, 1),)))
    past.add(1_000, Quorum(1, 1, 10, (voter(1, 1),), ()))
    assert past.lags[11][-1] == (1_000, None)
    past.add(HOUR_MS + 1, Quorum(1, 1, 10, (voter(1, 1),), ()))
    assert 11 not in past.lags
