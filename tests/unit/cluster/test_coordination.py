"""How well a quorum stands, by what its leader tells."""

from __future__ import annotations

import pytest

from kafkaview.cluster.ports.coordination import Quorum, QuorumHealth, QuorumReplica, ReplicaHealth, replica_health
from tests.kit.fake_cluster import FakeCluster

H, D, L, U = ReplicaHealth.HEALTHY, ReplicaHealth.DOWN, ReplicaHealth.LEADER, ReplicaHealth.UNKNOWN


def quorum(*healths: ReplicaHealth) -> Quorum:
    voters = tuple(QuorumReplica(n, None, (), None, None, None, None, health) for n, health in enumerate(healths, 1))
    return Quorum(1, 1, 1, voters, ())


@pytest.mark.parametrize(
    ("healths", "majority", "can_lose", "health"),
    [
        ((L,), 1, 0, QuorumHealth.HEALTHY),
        ((L, H), 2, 0, QuorumHealth.NO_FAULT_LEFT),
        ((L, H, H), 2, 1, QuorumHealth.HEALTHY),
        ((L, H, D), 2, 0, QuorumHealth.NO_FAULT_LEFT),
        ((L, D, D), 2, 0, QuorumHealth.LOST),
        ((L, H, H, H, H), 3, 2, QuorumHealth.HEALTHY),
        ((L, H, ReplicaHealth.LAGGING), 2, 0, QuorumHealth.NO_FAULT_LEFT),
    ],
)
def test_a_quorum_lives_as_long_as_a_majority_follows(
    healths: tuple[ReplicaHealth, ...], majority: int, can_lose: int, health: QuorumHealth
) -> None:
    answer = quorum(*healths)
    assert (answer.majority, answer.can_lose, answer.health) == (majority, can_lose, health)


def test_replicas_of_unknown_state_are_neither_good_nor_bad() -> None:
    assert (quorum(L, U, U).health, quorum(L, U, U).can_lose) == (QuorumHealth.UNKNOWN, None)
    assert quorum(L, D, D, D, U).health is QuorumHealth.LOST, "not even the unknown one would be enough"


def test_while_nobody_leads_the_quorum_is_lost_unless_a_majority_answers_by_itself() -> None:
    for answers, health in (((), QuorumHealth.LOST), ((1,), QuorumHealth.LOST), ((1, 2), QuorumHealth.UNKNOWN)):
        voters = tuple(QuorumReplica(n, None, (), None, None, None, None, U, answers=n in answers) for n in (1, 2, 3))
        quorum = Quorum(None, None, None, voters, ())
        assert (quorum.health, quorum.can_lose) == (health, 0 if health is QuorumHealth.LOST else None)
    assert Quorum(None, None, None, (), ()).health is QuorumHealth.LOST, "not even who votes is known"


@pytest.mark.parametrize(
    ("fetch_age_ms", "caught_up_lag_ms", "health"),
    [
        (500, 500, H),
        (2_001, 2_001, ReplicaHealth.LAGGING),
        (3_001, 0, D),
        (10, 10_001, ReplicaHealth.LAGGING),
        (None, None, U),
    ],
)
def test_a_replica_is_judged_by_the_leaders_clock(
    fetch_age_ms: int | None, caught_up_lag_ms: int | None, health: ReplicaHealth
) -> None:
    assert replica_health(leader=False, fetch_age_ms=fetch_age_ms, caught_up_lag_ms=caught_up_lag_ms) is health


async def test_the_fakes_quorum_loses_what_is_down() -> None:
    fake = FakeCluster(brokers=3)
    fake.down = {2}
    quorum = (await fake.coordination()).quorum
    assert quorum is not None
    assert (quorum.health, quorum.can_lose) == (QuorumHealth.NO_FAULT_LEFT, 0)
