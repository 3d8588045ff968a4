"""Each preset is enough for what it is for, and every ACL of it is needed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import (
    Acl,
    NewScramCredential,
    Operation,
    PatternType,
    ResourceType,
    ScramMechanism,
)
from kafkaview.security.presets import DEAD_LETTERS, GROUP, PRESETS, TOPIC, TRANSACTIONAL_ID
from tests.broker.material import POISON_AT, Broker
from tests.broker.secure_kafka import SecureKafka
from tests.broker.tokens import make_token
from tests.kit.patience import patience

WORDS = "okapi-9Kgallop"
Key = tuple[ResourceType, Operation]
Asked = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Player:
    """A user with ACLs of its own, and kafkaview as that user."""

    kafka: SecureKafka
    user: str
    config: Path
    capture: pytest.CaptureFixture[str]

    @property
    def principal(self) -> str:
        return f"User:{self.user}"

    def ask(self, *words: str) -> Asked:
        """Exit code and document (the last one of several)."""
        code = main(["--config", str(self.config), *words, "--json"])
        return code, orjson.loads(self.capture.readouterr().out.strip().splitlines()[-1])

    @contextmanager
    def allowed(self, acls: Collection[Acl]) -> Iterator[None]:
        self._as_root(lambda cluster: cluster.security.create_acls(tuple(acls)), set(acls))
        try:
            yield
        finally:
            self._as_root(lambda cluster: cluster.security.delete_acls(acls), set())

    def _as_root(self, deed: Callable[[Cluster], Any], expected: set[Acl]) -> None:
        async def work() -> None:
            cluster = open_cluster(*self.kafka.way("PLAINTEXT"))
            try:
                await deed(cluster)
                deadline = time.monotonic() + patience(10)
                while {acl for acl in await cluster.security.acls() if acl.principal == self.principal} != expected:
                    assert time.monotonic() < deadline, "the ACLs did not come"
                    await asyncio.sleep(0.05)
            finally:
                await cluster.close()

        asyncio.run(work())

    def is_made(self) -> None:
        new = NewScramCredential(self.user, ScramMechanism.SCRAM_SHA_256, 4096, WORDS)
        self._as_root(lambda cluster: cluster.security.set_scram(new), set())


@pytest.fixture
def player(
    secure_kafka: SecureKafka,
    tmp_path: Path,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> Player:
    user = f"player-{uuid.uuid4().hex[:8]}"
    login = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="{user}" password="{WORDS}";'
    config = tmp_path / "client.properties"
    config.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        f"sasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config={login}\n"
    )
    player = Player(secure_kafka, user, config, capsys)
    player.is_made()
    return player


@pytest.fixture
def broker(secure_kafka: SecureKafka) -> Broker:
    return Broker(secure_kafka.kafka.bootstrap)


def preset(name: str, principal: str, **values: str) -> tuple[Acl, ...]:
    (found,) = (one for one in PRESETS if one.name == name)
    return found.acls(principal, {key.replace("_", "-"): value for key, value in values.items()})


def test_a_name_with_a_star_is_a_prefix_and_a_star_alone_is_not() -> None:
    acls = preset("consumer", "User:a", topic="orders, pay*", group="*")
    assert [(acl.resource_type, acl.name, acl.pattern) for acl in acls] == [
        (ResourceType.TOPIC, "orders", PatternType.LITERAL),
        (ResourceType.TOPIC, "pay", PatternType.PREFIXED),
        (ResourceType.GROUP, "*", PatternType.LITERAL),
    ]
    assert {need for one in PRESETS for need in one.needs} == {TOPIC, GROUP, TRANSACTIONAL_ID, DEAD_LETTERS}


def test_kafkaview_looks_with_the_read_only_preset_and_each_acl_of_it_is_needed(
    player: Player, broker: Broker, secure_kafka: SecureKafka
) -> None:
    topic, group, transaction = broker.poisoned_topic(), f"{player.user}-group", f"{player.user}-open"
    broker.commit(group, topic, POISON_AT)
    alice = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN")
    token, _ = asyncio.run(make_token(*alice, renewer="alice"))
    producer = Producer({"bootstrap.servers": secure_kafka.kafka.bootstrap, "transactional.id": transaction})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(topic, b"{}")
    producer.flush(10)

    looks: dict[Key, Callable[[], bool]] = {
        (ResourceType.TOPIC, Operation.READ): lambda: player.ask("scan", topic)[0] == 0,
        (ResourceType.TOPIC, Operation.DESCRIBE_CONFIGS): lambda: bool(player.ask("topic", topic)[1].get("configs")),
        (ResourceType.GROUP, Operation.DESCRIBE): lambda: _lag(player.ask("lag", group)) is not None,
        (ResourceType.TRANSACTIONAL_ID, Operation.DESCRIBE): lambda: transaction in str(player.ask("transactions")),
        (ResourceType.DELEGATION_TOKEN, Operation.DESCRIBE): lambda: token in _tokens(player),
        (ResourceType.CLUSTER, Operation.DESCRIBE): lambda: player.ask("acls")[0] == 0,
        (ResourceType.CLUSTER, Operation.DESCRIBE_CONFIGS): lambda: player.ask("quotas")[0] == 0,
    }
    acls = preset("kafkaview-read-only", player.principal)
    assert {(acl.resource_type, acl.operation) for acl in acls} == set(looks)
    try:
        with player.allowed(acls):
            for verb in ("topics", "groups", "stuck", "coordination", "users"):
                code, document = player.ask(verb, *(["--seconds", "2"] if verb == "stuck" else []))
                assert code == 0, document
            assert topic in str(player.ask("topics")[1])
            assert group in str(player.ask("groups")[1])
            assert {key: look() for key, look in looks.items()} == dict.fromkeys(looks, True)
        for missing in acls:
            with player.allowed([acl for acl in acls if acl != missing]):
                assert not looks[missing.resource_type, missing.operation](), missing
    finally:
        producer.abort_transaction(10)


def _tokens(player: Player) -> set[str]:
    async def work() -> set[str]:
        way = player.kafka.way("SASL_PLAINTEXT", mechanism="SCRAM-SHA-256", user=player.user, password=WORDS)
        cluster = open_cluster(*way)
        try:
            return {one.token_id for one in await cluster.security.tokens()}
        finally:
            await cluster.close()

    return asyncio.run(work())


def _lag(asked: Asked) -> int | None:
    groups = asked[1].get("groups") or [{}]
    total: int | None = groups[0].get("total_lag")
    return total


def test_kafkaview_reroutes_with_the_triage_preset_and_each_acl_of_it_is_needed(player: Player, broker: Broker) -> None:
    name = f"dlq-{player.user}"
    whole = preset("kafkaview-triage", player.principal, dead_letters=f"{name}*")
    more = [acl for acl in whole if acl not in preset("kafkaview-read-only", player.principal)]
    assert len(more) == 4

    def rerouted(number: int) -> Asked:
        topic, group = broker.poisoned_topic(), f"{player.user}-{number}"
        broker.commit(group, topic, POISON_AT)
        to = ("--to", f"{name}-{number}", "--create-dlq")
        return player.ask("reroute", f"{topic}:0:{POISON_AT}", "--group", group, *to, "--yes")

    for number, missing in enumerate(more):
        with player.allowed([acl for acl in whole if acl != missing]):
            code, document = rerouted(number)
            assert code != 0, (missing, document)
    with player.allowed(whole):
        code, document = rerouted(len(more))
        assert code == 0, document
        assert document["transaction"] == "committed"


_WRITE = """
import json, sys
from confluent_kafka import Producer
settings, topic, _group = json.load(sys.stdin)
producer, errors = Producer(settings), []
if "transactional.id" in settings:
    producer.init_transactions(8)
    producer.begin_transaction()
producer.produce(topic, b"{}", on_delivery=lambda error, _: errors.append(error))
producer.flush(8)
if "transactional.id" in settings:
    producer.commit_transaction(8)
sys.exit(errors != [None])
"""
_READ = """
import json, sys
from confluent_kafka import Consumer
settings, topic, group = json.load(sys.stdin)
consumer = Consumer(settings | {"group.id": group, "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
message = consumer.poll(10)
sys.exit(message is None or message.error() is not None or bool(consumer.commit(message, asynchronous=False)[0].error))
"""


def test_applications_work_with_their_presets_and_each_acl_of_them_is_needed(player: Player, broker: Broker) -> None:
    topic, group, transaction = broker.poisoned_topic(), f"{player.user}-readers", f"{player.user}-id"
    every: dict[str, Callable[[], bool]] = {
        "producer": lambda: _works(player, _WRITE, topic),
        "transactional-producer": lambda: _works(player, _WRITE, topic, more={"transactional.id": transaction}),
        "consumer": lambda: _works(player, _READ, topic, group),
    }
    for name, works in every.items():
        acls = preset(name, player.principal, topic=topic, group=group, transactional_id=transaction)
        for missing in acls:
            with player.allowed([acl for acl in acls if acl != missing]):
                assert not works(), missing
        with player.allowed(acls):
            assert works(), name


def _works(player: Player, code: str, topic: str, group: str = "", more: Mapping[str, str] | None = None) -> bool:
    """Whether an application of the user's own, a process for itself, comes to its end."""
    settings = {
        "bootstrap.servers": player.kafka.bootstrap("SASL_PLAINTEXT"),
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": player.user,
        "sasl.password": WORDS,
        "log_level": 0,
        **(more or {}),
    }
    said = orjson.dumps([settings, topic, group])
    return subprocess.run([sys.executable, "-c", code], input=said, check=False, timeout=40).returncode == 0
