"""Voters are added to and removed from a real dynamic quorum; what is told agrees with Kafka's own tool."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import Quorum, QuorumHealth, ReplicaHealth
from kafkaview.coordination.voter_plans import plan_add_voter, plan_remove_voter
from tests.broker.quorum_agreement import agrees
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.quorum_states import BACK, follower_of, health_of, healthy, leader_of, looked_at, until
from tests.kit.patience import patience


@pytest.fixture(scope="module")
def dynamic() -> Iterator[QuorumKafka]:
    """Three controllers that keep their voters themselves, one that may be added, and a broker."""
    with QuorumKafka(brokers=1, dynamic=True, spare=True) as kafka:
        kafka.restart(kafka.spare.id)
        yield kafka


@pytest.fixture
async def cluster(dynamic: QuorumKafka) -> AsyncIterator[Cluster]:
    """It, with all four controllers running."""
    async with looked_at(dynamic.bootstrap) as cluster:
        await healthy(cluster)
        await until(cluster, lambda quorum: follows(quorum, dynamic.spare.id), BACK)
        await registered(cluster, dynamic, dynamic.spare.id)
        yield cluster


async def registered(cluster: Cluster, dynamic: QuorumKafka, controller: int) -> None:
    """Waits until the quorum knows where a controller listens: it follows before that."""
    async with asyncio.timeout(patience(BACK)):
        while True:
            if controller in await cluster.voters.controller_addresses([one.endpoint for one in dynamic.voters]):
                return
            await asyncio.sleep(0.2)


def follows(quorum: Quorum, controller: int) -> bool:
    return any(one.id == controller and one.lag == 0 for one in (*quorum.observers, *quorum.voters))


async def test_a_controller_is_added_by_the_verb_and_removed_again(
    dynamic: QuorumKafka, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    spare = dynamic.spare
    line = ["--bootstrap", dynamic.bootstrap, "coordination", "add-voter", str(spare.id), "--yes", "--json"]
    assert await asyncio.to_thread(main, line) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["plan"]["endpoints"] == [f"CONTROLLER://{spare.endpoint}"]
    assert (document["plan"]["majority_before"], document["plan"]["majority_after"]) == (2, 3)
    assert "even number" in document["plan"]["cautions"][0]
    assert document["outcome"]["effective"]
    quorum = await healthy(cluster)
    assert ([voter.id for voter in quorum.voters], quorum.can_lose) == ([101, 102, 103, 104], 1)
    line = ["--bootstrap", dynamic.bootstrap, "coordination", "remove-voter", str(spare.id), "--yes", "--json"]
    assert await asyncio.to_thread(main, line) == 0
    assert json.loads(capsys.readouterr().out)["outcome"]["effective"]
    assert [voter.id for voter in (await healthy(cluster)).voters] == [101, 102, 103]


async def test_the_leader_can_be_removed_and_another_one_leads(dynamic: QuorumKafka, cluster: Cluster) -> None:
    leader = leader_of(await healthy(cluster))
    plan = await plan_remove_voter(cluster, leader)
    assert any("election" in caution.consequence for caution in plan.cautions)
    await plan.check(cluster)
    await plan.write(cluster)
    answer = await until(cluster, lambda quorum: quorum.leader_id not in (None, leader))
    assert answer.quorum is not None
    assert leader not in [voter.id for voter in answer.quorum.voters]
    await until(cluster, lambda quorum: follows(quorum, leader), BACK)
    back = await plan_add_voter(cluster, leader)
    await back.check(cluster)
    await back.write(cluster)
    assert await back.verify(cluster) == ""
    assert dynamic.node(leader).endpoint in {
        one for voter in (await healthy(cluster)).voters for one in voter.endpoints
    }


async def test_no_voter_is_removed_that_the_majority_needs(dynamic: QuorumKafka, cluster: Cluster) -> None:
    quorum = await healthy(cluster)
    stopped = follower_of(quorum)
    needed = next(voter.id for voter in quorum.voters if voter.id not in (stopped, quorum.leader_id))
    plan = await plan_remove_voter(cluster, needed)
    assert not plan.problems
    dynamic.kill(stopped)
    try:
        await until(cluster, lambda quorum: health_of(quorum, stopped) is ReplicaHealth.DOWN)
        with pytest.raises(PlanNoLongerHolds, match="the quorum would be lost"):
            await plan.check(cluster)
        (problem,) = (await plan_remove_voter(cluster, needed)).problems
        assert (problem.kind, "1 would follow, and 2 are needed" in problem.message) == ("refused", True)
        assert not (await plan_remove_voter(cluster, stopped)).problems, "one that is down is not missed"
    finally:
        dynamic.restart(stopped)
    await healthy(cluster)


async def test_who_cannot_vote_is_refused_with_the_reason(cluster: Cluster) -> None:
    for controller, words in ((101, "votes already"), (1, "as a controller is not known"), (77, "does not follow")):
        with pytest.raises(RefusedHere, match=words):
            await plan_add_voter(cluster, controller)
    with pytest.raises(RefusedHere, match="has no vote"):
        await plan_remove_voter(cluster, 77)


async def test_what_is_told_agrees_with_kafkas_own_tool(dynamic: QuorumKafka, cluster: Cluster) -> None:
    await agrees(dynamic.bootstrap, cluster)
    killed = leader_of(await healthy(cluster))
    dynamic.kill(killed)
    try:
        await until(cluster, lambda quorum: health_of(quorum, killed) is ReplicaHealth.DOWN)
        await agrees(dynamic.bootstrap, cluster)
    finally:
        dynamic.restart(killed)
    await healthy(cluster)
    await until(cluster, lambda quorum: follows(quorum, dynamic.spare.id), BACK)
    stopped = follower_of(await healthy(cluster))
    dynamic.kill(stopped)
    try:
        await until(cluster, lambda quorum: health_of(quorum, stopped) is ReplicaHealth.DOWN)
        await agrees(dynamic.bootstrap, cluster)
    finally:
        dynamic.restart(stopped)
    await healthy(cluster)


async def test_a_first_look_at_a_lost_dynamic_quorum_learns_its_controllers_from_one_that_lives(
    dynamic: QuorumKafka, cluster: Cluster
) -> None:
    quorum = await healthy(cluster)
    killed = [leader_of(quorum), follower_of(quorum)]
    dynamic.kill(*killed)
    try:
        async with looked_at(dynamic.bootstrap) as first_look:
            answer = await until(first_look, lambda quorum: quorum.health is QuorumHealth.LOST)
        assert answer.quorum is not None
        assert {voter.id for voter in answer.quorum.voters if not voter.answers} == set(killed)
    finally:
        dynamic.restart(*killed)
    await healthy(cluster)
