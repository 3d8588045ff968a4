"""`kafkaview coordination` on real quorums: alone, three, one lost, without the right, on ZooKeeper."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from kafkaview.cli.coordination import coordination_document
from kafkaview.cli.main import main
from kafkaview.cluster.errors import NotAuthorized
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import CoordinationMode, Quorum, QuorumHealth, ReplicaHealth
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience


def test_the_verb_tells_mode_controller_voters_and_features(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bootstrap", kafka.bootstrap, "coordination", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["mode"], document["controller"]["id"], document["controller"]["epoch"] >= 1) == ("kraft", 1, True)
    (voter,) = document["quorum"]["voters"]
    assert (voter["id"], voter["health"], voter["lag"], voter["fetch_age_ms"]) == (1, "leader", 0, 0)
    assert voter["endpoints"] == [f"127.0.0.1:{kafka.nodes[0].controller_port}"]
    quorum = document["quorum"]
    assert (quorum["majority"], quorum["can_lose"], quorum["health"]) == (1, 0, "healthy")
    assert quorum["high_watermark"] <= voter["log_end_offset"]
    levels = {feature["name"]: feature for feature in document["features"]}
    assert levels["metadata.version"]["finalized"] == 33
    assert levels["metadata.version"]["min"] <= 33 <= levels["metadata.version"]["max"]
    assert [broker["id"] for broker in document["brokers"]] == [1]
    assert document["evidence"] == ["Broker 1 takes DescribeQuorum (55), as KRaft brokers do."]


def test_the_verb_in_words(kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bootstrap", kafka.bootstrap, "coordination"]) == 0
    words = capsys.readouterr().out
    assert "Mode kraft, controller 1" in words
    assert "1 voter, majority 1, may lose 0" in words


async def test_a_killed_voter_is_down_and_leaves_no_fault() -> None:
    async with EmbeddedKafka(nodes=3) as three:
        cluster = open_cluster(ConnectionProfile("three", three.bootstrap))
        try:
            answer = await until(cluster, lambda quorum: quorum.health is QuorumHealth.HEALTHY)
            assert (answer.can_lose, len(answer.voters)) == (1, 3)
            victim = next(voter.id for voter in answer.voters if voter.health is not ReplicaHealth.LEADER)
            await asyncio.to_thread(three.kill, victim)
            answer = await until(cluster, lambda quorum: bool(down(quorum)))
            assert (down(answer), answer.health, answer.can_lose) == ([victim], QuorumHealth.NO_FAULT_LEFT, 0)
        finally:
            await cluster.close()


def down(quorum: Quorum) -> list[int]:
    return [voter.id for voter in quorum.voters if voter.health is ReplicaHealth.DOWN]


async def until(cluster: Cluster, holds: Callable[[Quorum], bool]) -> Quorum:
    """The quorum once it is so; while a new leader is elected none answers."""
    async with asyncio.timeout(patience(30)):
        while True:
            quorum = (await cluster.coordination()).quorum
            if quorum is not None and holds(quorum):
                return quorum
            await asyncio.sleep(0.2)


async def test_without_the_right_the_mode_is_told_with_the_brokers_refusal(secure_kafka: SecureKafka) -> None:
    cluster = open_cluster(*secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody"))
    try:
        coordination = await cluster.coordination()
        assert (coordination.mode, coordination.quorum, bool(coordination.evidence)) == (
            CoordinationMode.KRAFT,
            None,
            True,
        )
        assert isinstance(coordination.refused, NotAuthorized)
        assert "CLUSTER_AUTHORIZATION_FAILED" in coordination.refused.message
        assert "DESCRIBE" in coordination.refused.hint
    finally:
        await cluster.close()


def test_the_verb_tells_the_mode_and_the_features_without_the_right_and_names_it(
    secure_kafka: SecureKafka, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKAVIEW_PASSWORD", PASSWORDS["nobody"])
    login = ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=nobody")
    line = ["--bootstrap", secure_kafka.bootstrap("SASL_PLAINTEXT"), *(word for one in login for word in ("-X", one))]
    assert main([*line, "coordination", "--json"]) == 5
    document = json.loads(capsys.readouterr().out)
    assert (document["mode"], document["quorum"], document["error"]["kind"]) == ("kraft", None, "authorization")
    assert "DESCRIBE" in document["error"]["hint"]
    assert "metadata.version" in [feature["name"] for feature in document["features"]]
    assert main([*line, "coordination"]) == 5
    words = capsys.readouterr()
    assert "Mode kraft, controller unknown" in words.out
    assert "DESCRIBE" in words.err


async def test_zookeeper_is_told_by_what_its_brokers_take(zookeeper_kafka: EmbeddedZooKeeperKafka) -> None:
    cluster = open_cluster(ConnectionProfile("zookeeper", zookeeper_kafka.bootstrap))
    try:
        coordination = await cluster.coordination()
    finally:
        await cluster.close()
    assert (coordination.mode, coordination.controller_id, coordination.quorum) == (CoordinationMode.ZOOKEEPER, 1, None)
    assert "LeaderAndIsr" in coordination.evidence[0]
    assert coordination_document(coordination)["quorum"] is None
