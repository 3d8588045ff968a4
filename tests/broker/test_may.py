"""May X do Y on Z: our answer is the broker's, over 500 random sets of ACLs and the broker asked by that principal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    Operation,
    PatternType,
    Permission,
    Resource,
    ResourceType,
)
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Sasl, SecretField, Secrets, Security
from kafkaview.security.decision import AclQuestion, AclVerdict, Rules, decide
from kafkaview.security.matrix import OPERATIONS
from tests.broker.asking import allowed

USERS = {"app": "app-3Bword", "ops": "ops-9Kword"}
HOST = "127.0.0.1"
TOPICS = ("orders", "orders-dlq", "payments")
RESOURCES = (
    *(Resource(ResourceType.TOPIC, name) for name in TOPICS),
    Resource(ResourceType.GROUP, "billing"),
    Resource(ResourceType.GROUP, "billing-eu"),
    Resource(ResourceType.TRANSACTIONAL_ID, "billing-1"),
    Resource(ResourceType.CLUSTER, CLUSTER_NAME),
)
NAMES = {
    ResourceType.TOPIC: (*TOPICS, "*"),
    ResourceType.GROUP: ("billing", "billing-eu", "*"),
    ResourceType.TRANSACTIONAL_ID: ("billing-1", "billing", "*"),
    ResourceType.CLUSTER: (CLUSTER_NAME,),
}
PREFIXES = ("o", "orders", "orders-", "pay", "b", "billing", "billing-", "x", "orders-dlq-2")


@st.composite
def acl(draw: st.DrawFn) -> Acl:
    kind = draw(st.sampled_from(list(NAMES)))
    pattern = PatternType.LITERAL
    if kind is not ResourceType.CLUSTER:
        pattern = draw(st.sampled_from([PatternType.LITERAL, PatternType.PREFIXED]))
    return Acl(
        kind,
        draw(st.sampled_from(PREFIXES if pattern is PatternType.PREFIXED else NAMES[kind])),
        pattern,
        draw(st.sampled_from(["User:app", "User:ops", "User:*"])),
        draw(st.sampled_from(["*", "*", HOST, "10.0.0.7", "127.0.0.0/8", "10.0.0.0/8"])),
        draw(st.sampled_from([Operation.ALL, *OPERATIONS[kind]])),
        draw(st.sampled_from([Permission.ALLOW, Permission.ALLOW, Permission.DENY])),
    )


class Stage:
    """A broker with an authorizer, and a connection for everybody who asks."""

    def __init__(self, runner: asyncio.Runner, kafka: EmbeddedKafka, port: int) -> None:
        self.runner = runner
        self.admin = KafkaCluster(ConnectionProfile("admin", kafka.bootstrap), Secrets())
        self.asking = {f"User:{user}": KafkaCluster(*_login(user, port)) for user in USERS}
        self.standing: tuple[Acl, ...] = ()

    async def set_acls(self, acls: tuple[Acl, ...]) -> None:
        """Make these the only ones, and wait until the broker decides by them."""
        await self.admin.security.delete_acls([one for one in self.standing if one not in acls])
        await self.admin.security.create_acls([one for one in acls if one not in self.standing])
        self.standing = acls
        while set(await self.admin.security.acls()) != set(acls):  # noqa: ASYNC110 - a broker has no event for it
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """End every connection."""
        for cluster in (self.admin, *self.asking.values()):
            await cluster.close()


def _login(user: str, port: int) -> tuple[ConnectionProfile, Secrets]:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", user))
    profile = ConnectionProfile(user, f"{HOST}:{port}", security=security)
    return profile, Secrets({SecretField.SASL_PASSWORD: USERS[user]})


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    users = " ".join(f'user_{user}="{password}"' for user, password in USERS.items())
    plain = "listener.name.login.plain.sasl.jaas.config"
    with free_ports(1) as (port,):
        pass
    kafka = EmbeddedKafka(
        settings={
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "listener.name.login.sasl.enabled.mechanisms": "PLAIN",
            plain: f"org.apache.kafka.common.security.plain.PlainLoginModule required {users} ;",
        },
        listeners={f"LOGIN://{HOST}:{port}": f"LOGIN://{HOST}:{port}"},
    )
    with kafka, asyncio.Runner() as runner:
        stage = Stage(runner, kafka, port)
        for topic in TOPICS:
            runner.run(stage.admin.create_topic(topic, 1))
        yield stage
        runner.run(stage.close())


def disagreements(stage: Stage, acls: tuple[Acl, ...]) -> tuple[int, list[str]]:
    """How many questions were asked, and where our answer is not the broker's."""

    async def ask() -> tuple[int, list[str]]:
        await stage.set_acls(acls)
        asked, wrong = 0, []
        rules = Rules(acls, ("User:ANONYMOUS",), allow_everyone=False)
        pairs = [(who, wire, resource) for who, wire in stage.asking.items() for resource in RESOURCES]
        answers = await asyncio.gather(*(allowed(cluster._wire, resource) for _, cluster, resource in pairs))
        for (who, _, _), given_right in zip(pairs, answers, strict=True):
            for (operation, resource), may in given_right.items():
                asked += 1
                answer = decide(AclQuestion(who, operation, resource, HOST), rules)
                if answer.verdict is not (AclVerdict.ALLOWED if may else AclVerdict.DENIED):
                    wrong.append(f"{who} {operation.name} on {resource}: the broker says {may}, we say {answer}")
        return asked, wrong

    return stage.runner.run(ask())


@pytest.mark.parametrize("examples", [60, pytest.param(500, marks=pytest.mark.soak)])
def test_it_agrees_with_the_broker(stage: Stage, examples: int) -> None:
    questions = []

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(acl(), min_size=1, max_size=7, unique=True))
    def agrees(acls: list[Acl]) -> None:
        asked, wrong = disagreements(stage, tuple(acls))
        questions.append(asked)
        assert not wrong

    agrees()
    assert len(questions) >= examples
    assert min(questions) > 30


def test_a_rule_for_another_host_is_told(stage: Stage) -> None:
    topic = Resource(ResourceType.TOPIC, "orders")
    here = Acl(topic.type, topic.name, PatternType.LITERAL, "User:app", HOST, Operation.READ, Permission.ALLOW)
    acls = (here, replace(here, host="10.0.0.7", permission=Permission.DENY))
    assert disagreements(stage, acls)[1] == []
    answer = decide(AclQuestion("User:app", Operation.READ, topic, HOST), Rules(acls, (), allow_everyone=False))
    assert (answer.verdict, answer.acl, answer.elsewhere) == (AclVerdict.ALLOWED, here, acls[1:])
