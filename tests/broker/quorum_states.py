"""Waiting for what a quorum is told as."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import Coordination, Quorum, QuorumHealth, ReplicaHealth
from kafkaview.profiles.profile import ConnectionProfile
from tests.kit.patience import patience

SOON = 10.0  # what the page promises
BACK = 60.0  # a JVM that starts on a machine with other work


@asynccontextmanager
async def looked_at(bootstrap: str) -> AsyncIterator[Cluster]:
    """The cluster, opened and closed."""
    cluster = open_cluster(ConnectionProfile("quorum", bootstrap))
    try:
        yield cluster
    finally:
        await cluster.close()


async def until(cluster: Cluster, holds: Callable[[Quorum], bool], seconds: float = SOON) -> Coordination:
    """The coordination once its quorum is so."""
    seen: Coordination | None = None
    try:
        async with asyncio.timeout(patience(seconds)):
            while True:
                seen = await cluster.coordination()
                if seen.quorum is not None and holds(seen.quorum):
                    return seen
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"not so within {seconds:.0f} s, but: {seen}") from None


async def healthy(cluster: Cluster) -> Quorum:
    """The quorum once all is well."""
    answer = await until(cluster, lambda quorum: quorum.health is QuorumHealth.HEALTHY and all_follow(quorum), BACK)
    assert answer.quorum is not None
    return answer.quorum


def all_follow(quorum: Quorum) -> bool:
    """Whether no voter is behind."""
    return {one.health for one in quorum.voters} <= {ReplicaHealth.LEADER, ReplicaHealth.HEALTHY}


def health_of(quorum: Quorum, voter: int) -> ReplicaHealth:
    """How one voter follows."""
    return next(one.health for one in quorum.voters if one.id == voter)


def leader_of(quorum: Quorum) -> int:
    """Who leads."""
    assert quorum.leader_id is not None
    return quorum.leader_id


def follower_of(quorum: Quorum) -> int:
    """A voter that does not lead."""
    return next(one.id for one in quorum.voters if one.id != quorum.leader_id)
