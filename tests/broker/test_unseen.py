"""What cannot be seen is counted and said: a coordinator that is silent or dead, and what a right would show."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from confluent_kafka import KafkaError

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Cluster, Omission
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    NewScramCredential,
    Operation,
    PatternType,
    Permission,
    ResourceType,
    ScramMechanism,
)
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import Group, GroupType, Member, TopicPartition
from tests.broker.material import Broker, wait_until
from tests.broker.secure_kafka import SecureKafka
from tests.broker.streams_member import streams_member
from tests.kit.patience import patience

Way = tuple[ConnectionProfile, Secrets]
WORDS = "seldom-3Kseen"
GROUPS = [f"g{number}" for number in range(16)]


def stuck(bootstrap: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    line = ["--bootstrap", bootstrap, "stuck", "--seconds", "2"]
    code = main([*line, "--json"])
    document = orjson.loads(capsys.readouterr().out)
    main(line)
    return code, document, capsys.readouterr().out


@pytest.mark.usefixtures("tmp_home")
def test_groups_of_a_coordinator_that_is_silent_or_dead_are_never_called_healthy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "6"}
    with EmbeddedKafka(nodes=3, settings=settings) as kafka:
        broker = Broker(kafka.bootstrap)
        topic = broker.topic()
        for group in GROUPS:
            broker.commit(group, topic, 0)
        assert stuck(kafka.bootstrap, capsys)[1] == {"stuck": [], "unseen": []}
        leader = broker.admin.list_topics(topic, timeout=10).topics[topic].partitions[0].leader
        other = next(node.id for node in kafka.nodes if node.id != leader)  # the log itself can be seen
        kafka.pause(other)
        try:
            code, document, words = stuck(kafka.bootstrap, capsys)
        finally:
            kafka.resume(other)
        assert (code, document["stuck"]) == (0, [])
        assert document["unseen"]
        assert "Every group moves" not in words
        assert "could not be seen" in words
        kafka.kill(other)

        def is_fenced_everywhere() -> bool:
            alive = [f"127.0.0.1:{node.port}" for node in kafka.nodes if node.id != other]
            seen = [Broker(one).admin.list_topics(timeout=10).brokers for one in alive]
            return all(other not in brokers for brokers in seen)

        wait_until(is_fenced_everywhere)
        code, document, words = stuck(kafka.bootstrap, capsys)
        (hidden,) = [one for one in document["unseen"] if one["group"] is None]
        assert (code, hidden["coordinator"]) == (0, None)
        assert "partitions of __consumer_offsets have no leader" in hidden["reason"]
        assert words.startswith("No group of the ")


async def ask_once(way: Way, ask: Callable[[Cluster], Any]) -> Any:
    """What a cluster answers to a client of its own: what rights are missing is remembered for a minute."""
    cluster = open_cluster(*way)
    try:
        return await ask(cluster)
    finally:
        await cluster.close()


@pytest.mark.usefixtures("tmp_home")
def test_whoever_may_not_see_every_group_or_topic_is_told_so(
    secure_kafka: SecureKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    user, topic, other = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("seen", "seen", "hidden"))
    root = secure_kafka.way("PLAINTEXT")
    broker = Broker(secure_kafka.bootstrap("PLAINTEXT"))
    for name, group in ((topic, user), (other, f"{user}-too"), (other, other)):
        if not broker.exists(name):
            broker.topic(name)
        broker.commit(group, name, 0)
    credential = NewScramCredential(user, ScramMechanism.SCRAM_SHA_256, 4096, WORDS)
    asyncio.run(ask_once(root, lambda cluster: cluster.security.set_scram(credential)))
    way = secure_kafka.way("SCRAM256", mechanism="SCRAM-SHA-256", user=user, password=WORDS)

    def omits(omissions: set[Omission]) -> bool:
        return bool(asyncio.run(ask_once(way, lambda cluster: cluster.omissions())) == omissions)

    def allow(kind: ResourceType, name: str, pattern: PatternType = PatternType.LITERAL) -> None:
        acl = Acl(kind, name, pattern, f"User:{user}", "*", Operation.DESCRIBE, Permission.ALLOW)
        asyncio.run(ask_once(root, lambda cluster: cluster.security.create_acls([acl])))

    def ask(*words: str) -> tuple[int, dict[str, Any]]:
        login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": user}
        settings = [word for key, value in login.items() for word in ("-X", f"{key}={value}")]
        code = main(["--bootstrap", secure_kafka.bootstrap("SCRAM256"), *settings, *words, "--json"])
        return code, orjson.loads(capsys.readouterr().out)

    monkeypatch.setenv("KAFKAVIEW_PASSWORD", WORDS)
    wait_until(lambda: omits({Omission.GROUPS, Omission.TOPICS}))
    nobody = {name: ask(name)[1]["unseen"] for name in ("topics", "brokers", "transactions", "tokens")}
    assert {name: [(one["what"], one["kind"]) for one in some] for name, some in nobody.items()} == {
        "topics": [("topics", "right"), ("sizes", "right")],
        "brokers": [("log directories", "right"), ("reassignments", "right"), ("leaders and replicas", "right")],
        "transactions": [("transactions", "right")],
        "tokens": [("tokens", "right")],
    }
    assert ("quorum", "right") in [(one["what"], one["kind"]) for one in ask("coordination")[1]["unseen"]]
    hidden = [one["reason"] for one in ask("transactions", "--hanging")[1]["unseen"]]
    assert "You may not see all topics. Ask for the right DESCRIBE on Topic *" in hidden
    allow(ResourceType.GROUP, user, PatternType.PREFIXED)
    allow(ResourceType.TOPIC, topic)
    wait_until(lambda: len(ask("groups")[1]["groups"]) == 2)
    wait_until(lambda: len(ask("topics")[1]["topics"]) == 1)
    code, document = ask("stuck", "--seconds", "2")
    assert (code, document["stuck"]) == (0, [])
    assert [(one["group"], one["kind"]) for one in document["unseen"]] == [
        (None, "right"),
        (None, "right"),
        (f"{user}-too", "right"),
    ]
    assert ask("groups")[1]["unseen"] == ask("lag")[1]["unseen"] == document["unseen"]
    assert ask("topics")[1]["errors"][0]["hint"] == "Ask for the right DESCRIBE on Topic *."
    allow(ResourceType.CLUSTER, CLUSTER_NAME)
    wait_until(lambda: omits({Omission.TOPICS}))  # every group is listed, and most may not be described
    hidden = [one for one in ask("groups")[1]["unseen"] if one["group"] == other]
    assert [one["kind"] for one in hidden] == ["right"]
    allow(ResourceType.TOPIC, "*")
    wait_until(lambda: omits(set()))
    allow(ResourceType.TRANSACTIONAL_ID, "*")
    wait_until(lambda: ask("transactions")[1]["unseen"] == [])
    assert [ask(verb)[1]["unseen"] for verb in ("topics", "brokers", "acls", "users")] == [[], [], [], []]


async def test_the_members_of_a_streams_group_are_known_with_what_they_read(kafka: EmbeddedKafka) -> None:
    group, topic = f"streams-{uuid.uuid4().hex[:8]}", Broker(kafka.bootstrap).topic(partitions=2)
    both = (TopicPartition(topic, 0), TopicPartition(topic, 1))
    cluster = open_cluster(ConnectionProfile("plain", kafka.bootstrap))
    deadline = time.monotonic() + patience(30)
    try:
        async with streams_member(kafka.bootstrap, group, topic):
            while [member.assignment for member in await _members_of(cluster, group)] != [both]:
                assert time.monotonic() < deadline, await _members_of(cluster, group)
                await asyncio.sleep(0.2)
    finally:
        await cluster.close()


async def _members_of(cluster: Cluster, group: str) -> tuple[Member, ...]:
    listings = [one for one in (await cluster.groups()).listings if one.group == group]
    described = (await cluster.describe_groups(listings)).get(group)
    assert {one.type for one in listings} <= {GroupType.STREAMS}
    return described.members if isinstance(described, Group) else ()


@pytest.mark.usefixtures("tmp_home")
@pytest.mark.parametrize("answers", [2, 1_000])
def test_a_group_whose_coordinator_loads_is_waited_for_or_not_seen(
    kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: int
) -> None:
    """After a broker's start its coordinator answers so until it has read its part of __consumer_offsets."""
    broker, group = Broker(kafka.bootstrap), f"loading-{uuid.uuid4().hex[:8]}"
    broker.commit(group, broker.topic(), 0)
    send, loading = BrokerRequests.send, iter(range(answers))

    async def answer_so(self: BrokerRequests, request: Any, *parts: Any, **further: Any) -> Any:
        answer = await send(self, request, *parts, **further)
        if request.name in ("OffsetFetchRequest", "DescribeGroupsRequest") and next(loading, None) is not None:
            for row in answer.groups:
                row.error_code = KafkaError.COORDINATOR_LOAD_IN_PROGRESS
        return answer

    monkeypatch.setattr(BrokerRequests, "send", answer_so)
    code = main(["--bootstrap", kafka.bootstrap, "stuck", group, "--seconds", "2", "--json"])
    document = orjson.loads(capsys.readouterr().out)
    if answers < 1_000:
        assert (code, document) == (0, {"stuck": [], "unseen": []})
    else:
        (hidden,) = document["unseen"]
        assert (code, document["stuck"], hidden["group"], hidden["kind"]) == (3, [], group, "silent")
        assert "COORDINATOR_LOAD_IN_PROGRESS" in hidden["reason"]
