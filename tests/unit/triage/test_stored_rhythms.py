"""A watch knows from the coordinators' log how a group committed before it was watched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.clock import now_ms
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.triage.watch.view import View
from kafkaview.triage.watch.watch import Watch
from tests.kit.fake_cluster import FakeCluster, FakeMember
from tests.kit.stored_commits import LOG, store_commit

ORDERS_0 = TopicPartition("orders", 0)


@pytest.fixture
def cluster() -> FakeCluster:
    """Good records, of which a group with a member has committed 30, and more coming."""
    cluster = FakeCluster()
    cluster.add_topic("orders")
    cluster.add_topic(LOG)
    for _ in range(80):
        cluster.add_record("orders", b'{"n": 1}')
    cluster.join("seldom", FakeMember("seldom", (ORDERS_0,), rate=0))
    cluster.commit("seldom", ORDERS_0, 30)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def store(cluster: FakeCluster, offsets: list[int], every_s: int, last_s_ago: int) -> None:
    last = now_ms() - 1_000 * last_s_ago
    for number, offset in enumerate(offsets):
        store_commit(cluster, "seldom", ORDERS_0, offset, last - 1_000 * every_s * (len(offsets) - 1 - number))


async def judged(session: Session) -> View:
    watch = Watch(session, interval=0.02, window=0.4)
    judged = 0
    async with aclosing(watch.views()) as views:
        async for view in views:
            judged += view.judged
            if judged > 5:
                return view
    raise AssertionError


async def test_a_group_that_commits_once_a_minute_is_not_named_between_two_commits(
    cluster: FakeCluster, session: Session
) -> None:
    store(cluster, [0, 10, 20, 30], every_s=60, last_s_ago=40)
    assert (await judged(session)).stuck == ()


async def test_one_that_should_have_committed_long_ago_is_named_since_its_last_move(
    cluster: FakeCluster, session: Session
) -> None:
    store(cluster, [0, 10, 20, 30], every_s=60, last_s_ago=200)
    (stuck,) = (await judged(session)).stuck
    assert stuck.verdict is Verdict.UNDECIDED
    assert abs(now_ms() - 200_000 - stuck.since_ms) < 20_000


async def test_one_that_commits_the_same_offset_again_and_again_is_named(
    cluster: FakeCluster, session: Session
) -> None:
    store(cluster, [10, 20, *[30] * 50], every_s=5, last_s_ago=2)
    (stuck,) = (await judged(session)).stuck
    assert abs(now_ms() - 247_000 - stuck.since_ms) < 20_000


async def test_without_the_right_to_that_log_what_is_watched_decides(cluster: FakeCluster, session: Session) -> None:
    store(cluster, [0, 10, 20, 30], every_s=60, last_s_ago=40)
    cluster.refused.add(LOG)
    assert [one.group for one in (await judged(session)).stuck] == ["seldom"]
