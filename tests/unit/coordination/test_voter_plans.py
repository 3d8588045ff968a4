"""Plans that change who votes: what they show, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.errors import NotAuthorized, PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.ports.coordination import (
    Coordination,
    CoordinationMode,
    Feature,
    Quorum,
    QuorumReplica,
    ReplicaHealth,
)
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.coordination.voter_plans import plan_add_voter, plan_remove_voter
from tests.kit.fake_cluster import FakeCluster

H, D, L = ReplicaHealth.HEALTHY, ReplicaHealth.DOWN, ReplicaHealth.LEADER


def replica(number: int, health: ReplicaHealth) -> QuorumReplica:
    endpoint = VoterEndpoint("CONTROLLER", "c", 9000 + number)
    return QuorumReplica(number, f"dir{number}", (endpoint.address,), 9, 0, 0, 0, health, (endpoint,))


def make_coordination(
    *voters: ReplicaHealth, observers: tuple[QuorumReplica, ...] = (), kraft: int = 1
) -> Coordination:
    rows = tuple(replica(number, health) for number, health in enumerate(voters, 1))
    quorum = Quorum(1, 4, 9, rows, observers)
    return Coordination(CoordinationMode.KRAFT, (), 1, 4, quorum, (Feature("kraft.version", kraft, 0, 1),))


def fake(coordination: Coordination) -> FakeCluster:
    cluster = FakeCluster()
    cluster.coordinated = coordination
    return cluster


async def test_a_follower_in_step_becomes_a_voter() -> None:
    cluster = fake(make_coordination(L, H, H, observers=(replica(9, H),)))
    cluster.voters.listening = {9: "[::1]:9009"}
    plan = await plan_add_voter(cluster, 9)
    assert [(row.what, row.before, row.after) for row in plan.rows] == [
        ("Controller 9", "follows", "votes"),
        ("Voters", "3: 1, 2, 3", "4: 1, 2, 3, 9"),
        ("Majority", "2 of 3", "3 of 4"),
    ]
    assert plan.command[-2:] == ("--directory-id=dir9", "--endpoint=CONTROLLER://[::1]:9009")
    assert not plan.problems
    await plan.check(cluster)
    await plan.write(cluster)
    assert cluster.voters.added == [9]
    assert await plan.verify(cluster) == "9 does not vote", "the fake's quorum stays as it was set"


async def test_an_unknown_controllers_endpoint_must_be_given() -> None:
    cluster = fake(make_coordination(L, H, H, observers=(replica(9, H),)))
    with pytest.raises(RefusedHere, match="is not known") as refused:
        await plan_add_voter(cluster, 9)
    assert "--endpoint" in refused.value.hint
    where = VoterEndpoint("CONTROLLER", "host", 9093)
    assert (await plan_add_voter(cluster, 9, endpoints=[where])).document["endpoints"] == ["CONTROLLER://host:9093"]


@pytest.mark.parametrize(
    ("coordination", "words"),
    [
        (make_coordination(L, H, H, kraft=0), "static"),
        (make_coordination(L), "only voter"),
        (replace(make_coordination(L, H), quorum=None), "no metadata quorum"),
        (replace(make_coordination(L, H), quorum=Quorum(None, None, None, (replica(1, D),), ())), "no leader"),
    ],
)
async def test_the_reason_is_given_if_no_voter_can_be_removed(coordination: Coordination, words: str) -> None:
    with pytest.raises(RefusedHere, match=words):
        await plan_remove_voter(fake(coordination), 1)


async def test_without_the_right_to_see_the_quorum_the_right_is_named() -> None:
    refused = NotAuthorized("no", "Ask for DESCRIBE")
    with pytest.raises(NotAuthorized):
        await plan_remove_voter(fake(replace(make_coordination(L, H, H), quorum=None, refused=refused)), 1)


async def test_a_voter_that_the_majority_needs_is_not_removed() -> None:
    cluster = fake(make_coordination(L, H, D))
    (problem,) = (await plan_remove_voter(cluster, 2)).problems
    assert "1 would follow, and 2 are needed" in problem.message
    plan = await plan_remove_voter(cluster, 3)
    assert not plan.problems
    assert "2 voters bear no more failures than 1" in plan.cautions[0].consequence


async def test_removing_the_leader_says_that_an_election_follows() -> None:
    plan = await plan_remove_voter(fake(make_coordination(L, H, H, H)), 1)
    assert "election" in plan.cautions[0].consequence


async def test_a_plan_falls_when_the_quorum_has_changed() -> None:
    cluster = fake(make_coordination(L, H, H, H))
    plan = await plan_remove_voter(cluster, 4)
    cluster.coordinated = make_coordination(L, H, D, H)
    await plan.check(cluster)
    cluster.coordinated = make_coordination(L, D, D, H)
    with pytest.raises(PlanNoLongerHolds, match="would be lost"):
        await plan.check(cluster)
    cluster.coordinated = make_coordination(L, H, H)
    with pytest.raises(PlanNoLongerHolds, match="have changed"):
        await plan.check(cluster)
    assert not cluster.voters.removed
