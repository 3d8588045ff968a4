"""A topic is deleted from here only while it is known to hold no record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, UnknownTopicOrPartition, Unreachable
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.writes.execution import carry_out
from kafkaview.writes.topic_deletion import plan_delete_topic
from tests.kit.fake_cluster import FakeCluster
from tests.unit.triage.rerouting import session_on

PLACE = TopicPartition("empty", 1)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("empty", partitions=2)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(cluster, tmp_path / "journal.sqlite3") as session:
        yield session


async def test_an_empty_topic_is_deleted_with_what_was_aborted_in_it(session: Session, cluster: FakeCluster) -> None:
    with cluster.open_transaction(PLACE):
        pass
    plan = await plan_delete_topic(session, "empty")
    assert (plan.problems, plan.command) == ((), ("topics", "delete", "empty"))
    assert (await carry_out(session, plan)).doubt == ""
    assert cluster.logged == {}
    with pytest.raises(UnknownTopicOrPartition):
        await plan_delete_topic(session, "empty")


async def problem(session: Session, topic: str = "empty") -> type[ClusterError]:
    (found,) = (await plan_delete_topic(session, topic)).problems
    return type(found)


async def test_a_topic_with_records_is_left(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("empty", b"v", partition=1)
    assert await problem(session) is RefusedHere
    cluster.retain(PLACE, 1)
    assert (await plan_delete_topic(session, "empty")).problems == ()


async def test_a_topic_that_may_come_to_hold_records_or_whose_records_are_unknown_is_left(
    session: Session, cluster: FakeCluster
) -> None:
    with cluster.open_transaction(PLACE):
        assert await problem(session) is RefusedHere
    cluster.down = {2}
    assert await problem(session) is Unreachable
    cluster.add_topic("__mine")
    assert await problem(session, "__mine") is RefusedHere


async def test_a_topic_that_was_filled_or_made_anew_since_the_plan_is_left(
    session: Session, cluster: FakeCluster
) -> None:
    plan = await plan_delete_topic(session, "empty")
    cluster.add_record("empty", b"v")
    with pytest.raises(RefusedHere, match="holds records"):
        await carry_out(session, plan)
    cluster.add_topic("empty", partitions=2)
    with pytest.raises(PlanNoLongerHolds, match="made anew"):
        await carry_out(session, plan)
    assert "empty" in cluster.logged
