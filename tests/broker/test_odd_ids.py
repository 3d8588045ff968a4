"""Ids that others chose, in every other write: carried exactly as they are, or refused before anything is written."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from kafkaview.cli.offsets import _request
from kafkaview.cluster.errors import RefusedHere, UnknownTopicOrPartition
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
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.security.plans import (
    plan_create_acls,
    plan_delete_acls,
    plan_delete_scram,
    plan_set_quota,
    plan_set_scram,
)
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.offsets.planner import plan_delete_group, plan_offsets
from tests.broker.material import Broker, session_on
from tests.broker.secure_kafka import SecureKafka

CARRIED = [" {}", "{} ", "\t{}", "{}\n", "a\0{}", "\u202e{}", "gr\u00fc\u00dfe {}", "-{}", "{}" + "x" * 32_000]
NOT_CARRIED = ["a\udcff", "\ud800", "x" * 32_768, "\u00fc" * 16_384]
_SHA_256 = ScramMechanism.SCRAM_SHA_256
_RATE = "producer_byte_rate"


def named(form: str) -> str:
    return form.format(uuid.uuid4().hex[:8])


async def test_the_offsets_of_the_group_that_was_named_move_and_it_alone_is_deleted(
    kafka: EmbeddedKafka, session: Session
) -> None:
    await asyncio.gather(*(move_and_delete(kafka, session, form) for form in CARRIED))  # each is watched for 12 s


async def move_and_delete(kafka: EmbeddedKafka, session: Session, form: str) -> None:
    topic, group = Broker(kafka.bootstrap).poisoned_topic(), named(form)
    where, likeness = TopicPartition(topic, 0), group.strip().replace("\0", "")[:100] + "y"
    for name in (group, likeness):
        await session.cluster.group_offsets.commit(name, {where: CommittedOffset(3)})
    await carry_out(session, await plan_offsets(session, _request(group, [topic], [], "7", include_uncommitted=False)))
    committed = await session.cluster.committed_offsets([group, likeness])
    assert [dict(committed[name])[where].offset for name in (group, likeness)] == [7, 3]  # type: ignore[arg-type]
    assert (await carry_out(session, await plan_delete_group(session, group))).doubt == ""
    listed = {one.group for one in (await session.cluster.groups()).listings}
    assert (group in listed, likeness in listed) == (False, True)


async def test_a_quota_is_set_for_the_user_that_was_named(session: Session) -> None:
    for form in CARRIED:
        entity = QuotaEntity((("user", named(form)),))
        for limit in (1024.0, None):
            assert (await carry_out(session, await plan_set_quota(session, entity, {_RATE: limit}))).doubt == ""
            quotas = {one.entity: dict(one.limits) for one in await session.cluster.security.quotas()}
            assert quotas.get(entity) == (None if limit is None else {_RATE: limit})


async def test_a_password_is_set_for_the_user_that_was_named(session: Session) -> None:
    for form in (" {}", "{} ", "a\0{}", "a,b={}", "\x7f{}"):
        user = named(form)
        plan = await plan_set_scram(session, NewScramCredential(user, _SHA_256, 4096, "secret"))
        assert (await carry_out(session, plan)).doubt == ""
        assert user in {one.user for one in await session.cluster.security.scram_users()}
        await carry_out(session, await plan_delete_scram(session, user, _SHA_256))
        assert user not in {one.user for one in await session.cluster.security.scram_users()}


@pytest.mark.parametrize("name", NOT_CARRIED)
async def test_what_the_protocol_cannot_carry_is_refused_before_the_journal(session: Session, name: str) -> None:
    for plan in (
        await plan_set_quota(session, QuotaEntity((("user", name),)), {_RATE: 1.0}),
        await plan_set_scram(session, NewScramCredential(name, _SHA_256, 4096, "secret")),
    ):
        with pytest.raises(RefusedHere, match="Kafka's protocol"):
            await carry_out(session, plan)
    with pytest.raises(RefusedHere, match="Kafka's protocol"):
        await plan_offsets(session, _request(name, ["orders"], [], "earliest", include_uncommitted=True))
    with pytest.raises(RefusedHere, match="Kafka's protocol"):
        await plan_delete_group(session, name)
    with pytest.raises(UnknownTopicOrPartition, match="Kafka's protocol"):
        await session.cluster.topic(name)
    assert await session.journal.entries() == ()


async def test_an_empty_name_has_no_quota(session: Session) -> None:
    plan = await plan_set_quota(session, QuotaEntity((("user", ""), ("client-id", "c"))), {_RATE: 1.0})
    with pytest.raises(RefusedHere, match="is empty"):
        await carry_out(session, plan)
    assert plan.command[2:6] == ("--user", "", "--client-id", "c")
    assert await session.journal.entries() == ()


async def test_an_acl_is_made_for_the_principal_and_the_resource_that_were_named(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    async with session_on(secure_kafka.bootstrap("PLAINTEXT"), tmp_path / "journal.sqlite3") as session:
        for name in map(named, CARRIED):
            acl = Acl(
                ResourceType.GROUP, name, PatternType.LITERAL, f"User:{name}", "*", Operation.READ, Permission.ALLOW
            )
            assert (await carry_out(session, await plan_create_acls(session, [acl]))).doubt == ""
            assert acl in await session.cluster.security.acls()
            await carry_out(session, await plan_delete_acls(session, [acl]))
            assert acl not in await session.cluster.security.acls()
