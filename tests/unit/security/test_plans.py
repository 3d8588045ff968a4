"""Plans over rights: what changes, what it brings with it, and what keeps it from being made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kafkaview.cluster.errors import NotAuthorized, PlanNoLongerHolds, RefusedByPolicy, RefusedHere
from kafkaview.cluster.ports.security import (
    ANY_PRINCIPAL,
    CLUSTER_NAME,
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
from kafkaview.engine.undo_planners import plan_undo
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Sasl, Security
from kafkaview.security.documents import acl_document, acl_of, acl_options, entity_options
from kafkaview.security.listed_columns import entity_text
from kafkaview.security.plans import (
    plan_create_acls,
    plan_delete_acls,
    plan_delete_scram,
    plan_set_quota,
    plan_set_scram,
    rules_of,
)
from kafkaview.security.undo import plan_undo_of_acls, plan_undo_of_quota
from kafkaview.session import Session
from kafkaview.terms import ClusterInfo
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import ChangePlan, command_line
from tests.kit.fake_cluster import FakeCluster

READ = Acl(ResourceType.TOPIC, "orders", PatternType.LITERAL, "User:app", "*", Operation.READ, Permission.ALLOW)
ADMIN = Acl(ResourceType.CLUSTER, CLUSTER_NAME, PatternType.LITERAL, "User:me", "*", Operation.ALL, Permission.ALLOW)
SHA_256 = ScramMechanism.SCRAM_SHA_256
CREDENTIAL = NewScramCredential("app", SHA_256, 4096, "hidden-4Dvalue")


@pytest.fixture
def fake() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
async def session(fake: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    """Logged in as me, over TLS."""
    security = Security(Protocol.SASL_SSL, sasl=Sasl("SCRAM-SHA-256", "me"))
    journal = Journal(tmp_path / "journal")
    yield Session(ConnectionProfile("p", "b:1", security=security), fake, TopicDecoders(), journal)
    await journal.close()


def consequences(plan: ChangePlan) -> str:
    return " ".join(caution.consequence for caution in plan.cautions)


async def test_an_acl_that_stands_is_listed_as_unchanged(fake: FakeCluster, session: Session) -> None:
    fake.security.rules = (READ,)
    write = replace(READ, operation=Operation.WRITE)
    plan = await plan_create_acls(session, [READ, write, write])
    assert [(row.before, row.after) for row in plan.rows] == [("stands", "stands"), (None, "stands")]
    assert plan.title == "Create 1 ACL for User:app"
    assert not plan.cautions
    assert (await carry_out(session, plan)).doubt == ""
    assert set(fake.security.rules) == {READ, write}
    with pytest.raises(RefusedHere):
        await carry_out(session, await plan_create_acls(session, [READ]))


async def test_a_plan_does_not_hold_once_an_acl_of_it_has_gone(fake: FakeCluster, session: Session) -> None:
    fake.security.rules = (READ,)
    creating = await plan_create_acls(session, [READ, replace(READ, name="more")])
    deleting = await plan_delete_acls(session, [READ])
    fake.security.rules = ()
    for plan in (creating, deleting):
        with pytest.raises(PlanNoLongerHolds):
            await carry_out(session, plan)
    assert fake.security.rules == ()


async def test_rights_for_everybody_and_denials_are_cautioned(session: Session) -> None:
    assert "Everybody who can connect" in consequences(
        await plan_create_acls(session, [replace(READ, principal=ANY_PRINCIPAL)])
    )
    deny = replace(READ, permission=Permission.DENY)
    assert "User:app is denied it" in consequences(await plan_create_acls(session, [deny]))
    everybody = replace(deny, principal=ANY_PRINCIPAL)
    assert "Everybody but super users" in consequences(await plan_create_acls(session, [everybody]))


@pytest.mark.parametrize(
    ("version", "mode", "known"),
    [("4.4", "KRaft", True), ("4.10", "KRaft", True), ("4.3", "KRaft", None), ("3.9", "ZooKeeper", False)],
)
async def test_the_release_tells_whether_ranges_of_hosts_count(
    fake: FakeCluster,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    mode: str,
    known: bool | None,  # noqa: FBT001
) -> None:
    info = replace(await fake.describe(), version=version, mode=mode)

    async def described() -> ClusterInfo:
        return info

    monkeypatch.setattr(fake, "describe", described)
    assert (await rules_of(session.cluster)).ranges is None, "no rule has one: nobody is asked"
    fake.security.rules = (replace(READ, host="10.0.0.0/8"),)
    assert (await rules_of(session.cluster)).ranges is known


@pytest.mark.parametrize(
    ("name", "pattern", "way"),
    [
        ("orders*", PatternType.LITERAL, "Choose PREFIXED and the name orders for all."),
        ("*", PatternType.PREFIXED, "Choose LITERAL and the name * for all."),
        ("*", PatternType.LITERAL, ""),
        ("orders", PatternType.PREFIXED, ""),
    ],
)
async def test_a_star_that_brokers_take_for_itself_is_cautioned(
    session: Session, name: str, pattern: PatternType, way: str
) -> None:
    plan = await plan_create_acls(session, [replace(READ, name=name, pattern=pattern)])
    assert [one.why for one in plan.cautions if "stands for itself alone" in one.consequence] == [way] * bool(way)


async def test_a_cluster_has_one_name(session: Session) -> None:
    wrong = replace(READ, resource_type=ResourceType.CLUSTER, name="mine", operation=Operation.DESCRIBE)
    (problem,) = (await plan_create_acls(session, [wrong])).problems
    assert problem.message == "mine is no name of a cluster: brokers take kafka-cluster alone."
    assert not (await plan_create_acls(session, [replace(wrong, name="kafka-cluster")])).problems


async def test_an_operation_that_its_resource_does_not_know_is_cautioned(session: Session) -> None:
    nowhere = replace(READ, operation=Operation.CLUSTER_ACTION)
    assert "decides nothing" in consequences(await plan_create_acls(session, [nowhere]))
    assert "decides nothing" not in consequences(await plan_create_acls(session, [READ]))


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("10.0.0.0/8", "Before metadata.version 4.4-IV1"),
        ("app-1.example", "fits nobody"),
        ("::1", "fits nobody"),
        ("10.0.0.7", ""),
    ],
)
async def test_a_host_that_brokers_hold_against_no_address_is_cautioned(session: Session, host: str, said: str) -> None:
    cautions = consequences(await plan_create_acls(session, [replace(READ, host=host)]))
    assert (said in cautions) if said else (host not in cautions)


@pytest.mark.parametrize(("everyone", "shut_out"), [(True, True), (None, True), (False, False)])
async def test_the_first_acl_shuts_out_everybody_else_and_the_last_lets_all_in(
    fake: FakeCluster,
    session: Session,
    everyone: bool | None,  # noqa: FBT001
    shut_out: bool,  # noqa: FBT001
) -> None:
    fake.security.everyone = everyone
    created = consequences(await plan_create_acls(session, [READ]))
    assert ("Everybody else is shut out of TOPIC orders." in created) is shut_out
    fake.security.rules = (READ,)
    assert "shut out" not in consequences(await plan_create_acls(session, [replace(READ, host="10.0.0.1")]))
    deleted = consequences(await plan_delete_acls(session, [READ]))
    assert ("Everybody may use TOPIC orders." in deleted) is shut_out


async def test_a_plan_warns_a_principal_who_locks_himself_out(fake: FakeCluster, session: Session) -> None:
    fake.security.rules = (ADMIN, READ)
    assert "take this back" in consequences(await plan_delete_acls(session, [ADMIN]))
    deny = replace(ADMIN, permission=Permission.DENY, operation=Operation.ALTER)
    assert "take this back" in consequences(await plan_create_acls(session, [deny]))
    assert "take this back" not in consequences(await plan_delete_acls(session, [READ]))
    fake.security.supers = ("User:me",)
    assert "take this back" not in consequences(await plan_delete_acls(session, [ADMIN]))


async def test_a_password_is_in_no_word_of_its_plan(fake: FakeCluster, session: Session) -> None:
    plan = await plan_set_scram(session, CREDENTIAL)
    outcome = await carry_out(session, plan)
    entry = await session.journal.entry(outcome.journal_id)
    assert CREDENTIAL.password not in repr((plan, outcome, entry, CREDENTIAL, command_line(session.profile, plan)))
    assert "with the old password" in consequences(await plan_set_scram(session, CREDENTIAL))
    assert "Whoever listens" not in consequences(plan)
    plain = replace(session, profile=ConnectionProfile("p", "b:1"))
    assert "Whoever listens" in consequences(await plan_set_scram(plain, CREDENTIAL))
    assert "logs in as this user" in consequences(await plan_set_scram(session, replace(CREDENTIAL, user="me")))
    assert set(fake.security.credentials) == {("app", SHA_256)}


@pytest.mark.parametrize(
    "wrong", [{"user": ""}, {"password": ""}, {"user": "zoë"}, {"iterations": 4095}, {"iterations": 16385}]
)
async def test_a_user_that_could_never_log_in_is_refused(session: Session, wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedHere):
        await carry_out(session, await plan_set_scram(session, replace(CREDENTIAL, **wrong)))


async def test_a_password_that_is_not_there_is_not_deleted(session: Session) -> None:
    assert (await plan_delete_scram(session, "app", SHA_256)).problems
    await carry_out(session, await plan_set_scram(session, CREDENTIAL))
    stale = await plan_delete_scram(session, "app", SHA_256)
    assert "It cannot be undone." in consequences(stale)
    await carry_out(session, await plan_delete_scram(session, "app", SHA_256))
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, stale)


async def test_a_plan_does_not_hold_once_somebody_else_has_set_the_same(session: Session) -> None:
    entity = QuotaEntity((("ip", "10.0.0.1"),))
    passwords = [await plan_set_scram(session, CREDENTIAL) for _ in range(2)]
    quotas = [await plan_set_quota(session, entity, {"connection_creation_rate": rate}) for rate in (1.0, 2.0)]
    for first, second in (passwords, quotas):
        await carry_out(session, first)
        with pytest.raises(PlanNoLongerHolds):
            await carry_out(session, second)


async def test_limits_of_a_quota_are_set_and_removed(fake: FakeCluster, session: Session) -> None:
    entity = QuotaEntity((("user", None), ("client-id", "etl")))
    plan = await plan_set_quota(session, entity, {"producer_byte_rate": 1024.0, "request_percentage": 12.5})
    assert plan.command == (
        *("quotas", "set", "--default", "user", "--client-id", "etl"),
        *("--limit", "producer_byte_rate=1024", "--limit", "request_percentage=12.5"),
    )
    await carry_out(session, plan)
    less = await plan_set_quota(session, entity, {"producer_byte_rate": None})
    assert [(row.before, row.after) for row in less.rows] == [("1024", None)]
    await carry_out(session, less)
    assert fake.security.limits == {entity: {"request_percentage": 12.5}}


def test_an_acl_is_written_so_that_it_reads_back() -> None:
    odd = replace(READ, principal="User:CN=app, O=ours", name="a b:c", pattern=PatternType.PREFIXED)
    options = acl_options([READ, odd])
    assert [acl_of(text) for text in options[1::2]] == [READ, odd]
    assert acl_options([odd])[:4] == ("--principal", "User:CN=app, O=ours", "--resource", "TOPIC:a b:c")
    assert list(acl_document(odd))[:2] == ["resource_type", "name"]
    for wrong in ("", "[]", "{}", '{"resource_type":"TOPIC"}'):
        with pytest.raises(ValueError, match="is no ACL"):
            acl_of(wrong)


def test_a_default_quota_is_of_everybody_else() -> None:
    entity = QuotaEntity((("user", None),))
    assert entity_text(entity) == "every user without an own quota"
    assert entity_options(entity) == ("--default", "user")


async def test_a_right_that_is_missing_is_a_problem_of_every_plan_that_needs_it(
    fake: FakeCluster, session: Session
) -> None:
    fake.security.denied = {Operation.ALTER}
    await fake.security.set_scram(CREDENTIAL)
    made = [
        await plan_create_acls(session, [READ]),
        await plan_set_scram(session, replace(CREDENTIAL, user="other")),
        await plan_delete_scram(session, CREDENTIAL.user, CREDENTIAL.mechanism),
    ]
    fake.security.rules = (READ,)
    made.append(await plan_delete_acls(session, [READ]))
    assert [[type(problem) for problem in plan.problems] for plan in made] == [[NotAuthorized]] * 4


@pytest.mark.parametrize("limits", [{"producer_byte_rate": -1.0}, {"nonsense": 1.0}])
async def test_limits_that_the_cluster_would_not_take_are_a_problem_of_the_plan(
    fake: FakeCluster, session: Session, limits: dict[str, float]
) -> None:
    plan = await plan_set_quota(session, QuotaEntity((("user", "billing"),)), limits)
    assert [type(problem) for problem in plan.problems] == [RefusedByPolicy]
    assert fake.security.calls["set_quota"] == 0


async def test_acls_that_were_created_or_deleted_are_given_back(fake: FakeCluster, session: Session) -> None:
    fake.security.rules = (READ,)
    write = replace(READ, operation=Operation.WRITE)
    made = await carry_out(session, await plan_create_acls(session, [READ, write]))
    undo = await plan_undo(session, made.journal_id)
    assert (undo.line, undo.kind) == (("acls", "undo", "1", "--yes"), "acls.delete")
    assert (await carry_out(session, undo)).doubt == ""
    assert fake.security.rules == (READ,), "the one that stood before is left alone"
    entries = {entry.id: entry for entry in await session.journal.entries()}
    assert (entries[1].undone_by, entries[2].intent.undoes, entries[2].intent.undoable) == (2, 1, True)
    with pytest.raises(PlanNoLongerHolds, match="Entry 2 has undone entry 1 already"):
        await carry_out(session, await plan_undo(session, made.journal_id))
    await carry_out(session, await plan_undo_of_acls(session, 2))
    assert set(fake.security.rules) == {READ, write}
    gone = await carry_out(session, await plan_delete_acls(session, [READ, write]))
    assert not list(fake.security.rules)
    undo = await plan_undo(session, gone.journal_id)
    assert undo.kind == "acls.create"
    await carry_out(session, undo)
    assert set(fake.security.rules) == {READ, write}
    with pytest.raises(RefusedHere, match="is no change of limits"):
        await plan_undo_of_quota(session, gone.journal_id)


async def test_limits_are_given_back_while_those_stand_that_were_set(fake: FakeCluster, session: Session) -> None:
    entity = QuotaEntity((("user", "app"),))
    await fake.security.set_quota(entity, {"producer_byte_rate": 512.0})
    both = {"producer_byte_rate": 1024.0, "request_percentage": 12.5}
    done = await carry_out(session, await plan_set_quota(session, entity, both))
    undo = await plan_undo(session, done.journal_id)
    assert [(row.before, row.after) for row in undo.rows] == [("1024", "512"), ("12.5", None)]
    assert undo.line == ("quotas", "undo", "1", "--yes")
    assert (await carry_out(session, undo)).doubt == ""
    assert [dict(quota.limits) for quota in await fake.security.quotas()] == [{"producer_byte_rate": 512.0}]
    again = await carry_out(session, await plan_set_quota(session, entity, both))
    await fake.security.set_quota(entity, {"request_percentage": 99.0})
    with pytest.raises(PlanNoLongerHolds, match="request_percentage of user app was changed again since"):
        await carry_out(session, await plan_undo_of_quota(session, again.journal_id))
    with pytest.raises(RefusedHere, match="is no change of ACLs"):
        await plan_undo_of_acls(session, again.journal_id)
