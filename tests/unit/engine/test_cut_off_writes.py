"""Whether a write stands whose engine ended in its middle: of each kind, before it, after it, and in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.ports.security import (
    Acl,
    NewScramCredential,
    Operation,
    PatternType,
    Permission,
    QuotaEntity,
    ResourceType,
    ScramMechanism,
)
from kafkaview.decode.topics import TopicDecoders
from kafkaview.engine.cut_off_writes import find_look
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.plans import (
    plan_create_acls,
    plan_delete_acls,
    plan_delete_scram,
    plan_set_quota,
    plan_set_scram,
)
from kafkaview.session import Session
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.topics.creation import NewTopic, plan_create_topic
from kafkaview.writes.topics.deletion import plan_delete_topic
from kafkaview.writes.topics.partitions import plan_add_partitions
from kafkaview.writes.topics.settings import plan_reset_settings, plan_set_settings
from tests.kit.fake_cluster import FakeCluster

CAROL = NewScramCredential("carol", ScramMechanism.SCRAM_SHA_512, 8192, "a word")
BILLING = QuotaEntity((("user", "billing"),))
READ = Acl(ResourceType.TOPIC, "orders", PatternType.LITERAL, "User:billing", "*", Operation.READ, Permission.ALLOW)
ACLS = (READ, replace(READ, operation=Operation.DESCRIBE))

Planning = Callable[[Session], Awaitable[ChangePlan]]


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", 2)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


async def stands(session: Session) -> bool | None:
    """What is seen of the newest entry of the journal."""
    look = find_look(session.cluster, (await session.journal.entries())[0])
    assert look is not None
    return await look()


async def written(session: Session, planning: Planning) -> None:
    """Carry out a plan."""
    await carry_out(session, await planning(session))


@pytest.mark.parametrize(
    ("planning", "back"),
    [
        (lambda on: plan_create_topic(on, NewTopic("returns", 3)), lambda on: plan_delete_topic(on, "returns")),
        (
            lambda on: plan_set_settings(on, "orders", {"retention.ms": "1000"}),
            lambda on: plan_reset_settings(on, "orders", ["retention.ms"]),
        ),
        (lambda on: plan_create_acls(on, ACLS), lambda on: plan_delete_acls(on, ACLS)),
        (
            lambda on: plan_set_scram(on, CAROL),
            lambda on: plan_delete_scram(on, "carol", ScramMechanism.SCRAM_SHA_512),
        ),
        (
            lambda on: plan_set_quota(on, BILLING, {"producer_byte_rate": 1_000.0}),
            lambda on: plan_set_quota(on, BILLING, {"producer_byte_rate": None}),
        ),
    ],
    ids=["topic", "settings", "acls", "password", "quota"],
)
async def test_a_change_stands_until_it_is_taken_back(session: Session, planning: Planning, back: Planning) -> None:
    await written(session, planning)
    made = (await session.journal.entries())[0]
    assert await stands(session) is True
    await written(session, back)
    assert await stands(session) is True
    look = find_look(session.cluster, made)
    assert look is not None
    assert await look() is False
    await written(session, planning)
    entries = await session.journal.entries()
    look_back = find_look(session.cluster, entries[1])
    assert look_back is not None
    assert await look_back() is (None if made.intent.kind == "topics.create" else False), "another topic of its name"


async def test_what_stands_by_halves_is_not_known(session: Session, cluster: FakeCluster) -> None:
    await written(session, lambda on: plan_create_acls(on, ACLS))
    await cluster.security.delete_acls(ACLS[:1])
    assert await stands(session) is None
    await written(session, lambda on: plan_create_topic(on, NewTopic("returns", 3)))
    cluster.add_logs("returns", 4)
    assert await stands(session) is None


async def test_added_partitions_are_counted(session: Session, cluster: FakeCluster) -> None:
    await written(session, lambda on: plan_add_partitions(on, "orders", 3))
    assert await stands(session) is True
    del cluster.logged["orders"].logs[2:]
    assert await stands(session) is False
    cluster.add_logs("orders", 5)
    assert await stands(session) is None


async def test_a_password_with_as_many_iterations_shows_nothing(session: Session) -> None:
    await written(session, lambda on: plan_set_scram(on, replace(CAROL, iterations=4096)))
    await written(session, lambda on: plan_set_scram(on, CAROL))
    assert await stands(session) is True
    await written(session, lambda on: plan_set_scram(on, CAROL))
    assert await stands(session) is None
