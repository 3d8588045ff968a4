"""The KRaft quorum in every state, each told within ten seconds: controllers stopped, paused, killed, and back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.ports.coordination import CoordinationMode, QuorumHealth, ReplicaHealth
from kafkaview.cluster.ports.feature_levels import METADATA_VERSION
from tests.broker.quorum_agreement import agrees
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.quorum_states import BACK, follower_of, health_of, healthy, leader_of, looked_at, until

LOST, NO_FAULT_LEFT = QuorumHealth.LOST, QuorumHealth.NO_FAULT_LEFT


@pytest.fixture(scope="module")
def static() -> Iterator[QuorumKafka]:
    """Three controllers apart from one broker, written into the settings. A test leaves all of them running."""
    with QuorumKafka(brokers=1) as kafka:
        yield kafka


async def test_a_stopped_voter_lags_then_is_down_then_follows_again(static: QuorumKafka) -> None:
    async with looked_at(static.bootstrap) as cluster:
        victim = follower_of(await healthy(cluster))
        await asyncio.to_thread(static.stop, victim)
        answer = await until(cluster, lambda quorum: health_of(quorum, victim) is ReplicaHealth.DOWN)
        assert answer.quorum is not None
        assert (answer.quorum.health, answer.quorum.can_lose) == (NO_FAULT_LEFT, 0)
        await agrees(static.bootstrap, cluster)
        static.restart(victim)
        assert (await healthy(cluster)).can_lose == 1


async def test_a_frozen_voter_is_down_though_its_connections_stand(static: QuorumKafka) -> None:
    async with looked_at(static.bootstrap) as cluster:
        victim = follower_of(await healthy(cluster))
        static.pause(victim)
        try:
            late = (ReplicaHealth.LAGGING, ReplicaHealth.DOWN)  # it lags for a second: a slow look may miss that
            await until(cluster, lambda quorum: health_of(quorum, victim) in late)
            await until(cluster, lambda quorum: health_of(quorum, victim) is ReplicaHealth.DOWN)
        finally:
            static.resume(victim)
        await healthy(cluster)


async def test_a_killed_leader_is_followed_by_another_of_a_later_epoch(static: QuorumKafka) -> None:
    async with looked_at(static.bootstrap) as cluster:
        before = await healthy(cluster)
        killed = leader_of(before)
        static.kill(killed)
        answer = await until(cluster, lambda quorum: quorum.leader_id not in (None, killed))
        assert answer.quorum is not None
        assert (answer.quorum.leader_epoch or 0) > (before.leader_epoch or 0)
        assert (answer.controller_id, answer.controller_epoch) == (answer.quorum.leader_id, answer.quorum.leader_epoch)
        assert (health_of(answer.quorum, killed), answer.quorum.health) == (ReplicaHealth.DOWN, NO_FAULT_LEFT)
        static.restart(killed)
        await healthy(cluster)


async def test_a_frozen_leader_silences_the_brokers_and_the_controllers_tell_of_the_new_one(
    static: QuorumKafka,
) -> None:
    async with looked_at(static.bootstrap) as cluster:
        frozen = leader_of(await healthy(cluster))
        static.pause(frozen)
        try:
            answer = await until(cluster, lambda quorum: quorum.leader_id not in (None, frozen))
            assert answer.quorum is not None
            assert (health_of(answer.quorum, frozen), answer.quorum.health) == (ReplicaHealth.DOWN, NO_FAULT_LEFT)
        finally:
            static.resume(frozen)
        await healthy(cluster)


async def test_a_lost_majority_is_lost_within_ten_seconds_and_stays_so(
    static: QuorumKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    async with looked_at(static.bootstrap) as cluster:
        quorum = await healthy(cluster)
        killed = [leader_of(quorum), follower_of(quorum)]
        left = next(voter.id for voter in quorum.voters if voter.id not in killed)
        static.kill(*killed)
        answer = await until(cluster, lambda quorum: quorum.health is LOST)
        assert (answer.mode, answer.controller_id) == (CoordinationMode.KRAFT, None)
        async with looked_at(static.bootstrap) as first_look:
            for look in (cluster, cluster, first_look):
                answer = await look.coordination()
                assert answer.quorum is not None
                assert (answer.quorum.health, answer.quorum.can_lose, answer.quorum.leader_id) == (LOST, 0, None)
                answers = {voter.id: (voter.answers, voter.health, voter.lag) for voter in answer.quorum.voters}
                gone = (False, ReplicaHealth.DOWN, None)
                assert answers == {left: (True, ReplicaHealth.UNKNOWN, None), killed[0]: gone, killed[1]: gone}
                assert any("No leader of the quorum answers" in sentence for sentence in answer.evidence)
        code = await asyncio.to_thread(main, ["--bootstrap", static.bootstrap, "coordination", "--json"])
        document = json.loads(capsys.readouterr().out)
        assert (code, document["mode"], document["quorum"]["health"]) == (0, "kraft", "lost")
        assert (document["quorum"]["leader_id"], document["controller"]["id"]) == (None, None)
        assert [voter["id"] for voter in document["quorum"]["voters"]] == [101, 102, 103]
        static.restart(*killed)
        await healthy(cluster)


async def test_the_voters_of_a_static_quorum_are_left_to_its_settings(
    static: QuorumKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    async with looked_at(static.bootstrap) as cluster:
        await healthy(cluster)
    line = ["--bootstrap", static.bootstrap, "coordination", "remove-voter", "101", "--yes", "--json"]
    assert await asyncio.to_thread(main, line) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert "controller.quorum.voters" in error["message"] + error["hint"]
    assert "kraft.version=1" in error["hint"]


async def test_a_release_is_named_and_every_broker_tells_what_it_supports(static: QuorumKafka) -> None:
    async with looked_at(static.bootstrap) as cluster:
        levels = {feature.name: feature for feature in (await cluster.coordination()).features}
    assert levels[METADATA_VERSION].finalized == 33
    assert levels[METADATA_VERSION].supported == {1: (7, 33)}


async def test_combined_nodes_lose_their_quorum_and_get_it_back(capsys: pytest.CaptureFixture[str]) -> None:
    with QuorumKafka() as combined:
        async with looked_at(combined.bootstrap) as cluster:
            quorum = await healthy(cluster)
            killed = [leader_of(quorum), follower_of(quorum)]
            combined.kill(killed[1])
            answer = await until(cluster, lambda quorum: quorum.health is NO_FAULT_LEFT)
            assert answer.quorum is not None
            assert health_of(answer.quorum, killed[1]) in (ReplicaHealth.LAGGING, ReplicaHealth.DOWN)
            combined.kill(killed[0])
            answer = await until(cluster, lambda quorum: quorum.health is LOST)
            assert answer.mode is CoordinationMode.KRAFT
            combined.restart(killed[0])
            answer = await until(cluster, lambda quorum: quorum.health is NO_FAULT_LEFT, BACK)
            combined.kill(*(node.id for node in combined.nodes))
        assert await asyncio.to_thread(main, ["--bootstrap", combined.bootstrap, "coordination", "--json"]) == 3
        assert json.loads(capsys.readouterr().out)["error"]["kind"] == "unreachable"
