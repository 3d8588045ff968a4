"""Rights on a real broker: ACLs of every kind, SCRAM users, quotas, tokens, certificates; and what is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    NotAuthorized,
    PlanNoLongerHolds,
    RefusedByPolicy,
    RefusedHere,
)
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    DelegationToken,
    NewScramCredential,
    Operation,
    PatternType,
    Permission,
    QuotaEntity,
    ResourceType,
    ScramCredential,
    ScramMechanism,
    SecurityPort,
)
from kafkaview.decode.topics import TopicDecoders
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.engine.undo_planners import plan_undo
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.security import plans
from kafkaview.session import Session
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import ChangePlan
from tests.broker.secure_kafka import SecureKafka
from tests.broker.tokens import HOUR_MS, make_token
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience

WHO = "User:every-kind"
ONE = Acl(ResourceType.TOPIC, "one", PatternType.LITERAL, WHO, "*", Operation.READ, Permission.ALLOW)
WORDS = "zebra-7Qcrössing"
EVERY = tuple(
    Acl(kind, CLUSTER_NAME if kind is ResourceType.CLUSTER else "every", pattern, WHO, host, operation, permission)
    for kind, operation in product(list(ResourceType)[1:], list(Operation)[1:])
    for pattern, host, permission in (
        (PatternType.LITERAL, "*", Permission.ALLOW),
        (PatternType.LITERAL, "10.0.0.1", Permission.DENY),
        (PatternType.PREFIXED, "*", Permission.ALLOW),
    )
    if not (kind is ResourceType.CLUSTER and pattern is PatternType.PREFIXED)
)


@asynccontextmanager
async def opened(profile: ConnectionProfile, secrets: Secrets | None = None) -> AsyncIterator[SecurityPort]:
    cluster = open_cluster(profile, secrets or Secrets())
    try:
        yield cluster.security
    finally:
        await cluster.close()


@pytest.fixture
async def root(secure_kafka: SecureKafka) -> AsyncIterator[SecurityPort]:
    """Of a super user."""
    async with opened(*secure_kafka.way("PLAINTEXT")) as security:
        yield security


@pytest.fixture
async def session(secure_kafka: SecureKafka, tmp_path: Path) -> AsyncIterator[Session]:
    """A super user's."""
    profile, secrets = secure_kafka.way("PLAINTEXT")
    session = Session(profile, open_cluster(profile, secrets), TopicDecoders(), Journal(tmp_path / "journal"))
    yield session
    await session.journal.close()
    await session.cluster.close()


async def shows(condition: Callable[[], Awaitable[bool]]) -> None:
    """Brokers learn of a change a moment after the controller took it."""
    deadline = time.monotonic() + patience(10)
    while not await condition():
        assert time.monotonic() < deadline, "the condition did not come"
        await asyncio.sleep(0.05)


async def of(security: SecurityPort, principal: str) -> set[Acl]:
    return {acl for acl in await security.acls() if acl.principal == principal}


async def test_acls_of_every_operation_on_every_type_come_and_go_whole(root: SecurityPort) -> None:
    assert {acl.operation for acl in EVERY} >= {Operation.TWO_PHASE_COMMIT, Operation.CREATE_TOKENS}
    await root.create_acls(EVERY)

    async def all_there() -> bool:
        return await of(root, WHO) == set(EVERY)

    await shows(all_there)
    half = EVERY[::2]
    await root.delete_acls(half)

    async def half_there() -> bool:
        return await of(root, WHO) == set(EVERY) - set(half)

    await shows(half_there)
    await root.create_acls(EVERY[1::2])  # that exist already: no error
    await root.delete_acls(EVERY)  # half of which is gone: no error

    async def none_there() -> bool:
        return not await of(root, WHO)

    await shows(none_there)


async def test_a_broker_that_refuses_an_acl_is_heard_in_its_own_words(root: SecurityPort) -> None:
    with pytest.raises(RefusedByPolicy, match="kafka-cluster"):
        await root.create_acls([replace(ONE, resource_type=ResourceType.CLUSTER, name="my-cluster")])


@pytest.mark.parametrize("mechanism", [ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512])
async def test_a_password_that_was_set_here_opens_the_broker(
    secure_kafka: SecureKafka, root: SecurityPort, mechanism: ScramMechanism
) -> None:
    user = f"zoe-{mechanism.code}"
    await root.set_scram(NewScramCredential(user, mechanism, 5000, WORDS))
    credential = ScramCredential(user, mechanism, 5000)

    async def is_listed() -> bool:
        return credential in await root.scram_users()

    await shows(is_listed)
    way = secure_kafka.way("SASL_PLAINTEXT", mechanism=mechanism.word, user=user, password=WORDS)
    async with opened(*way) as security:
        with pytest.raises(NotAuthorized):  # logged in, and no more
            await security.acls()
    await root.delete_scram(user, mechanism)

    async def gone() -> bool:
        return credential not in await root.scram_users()

    await shows(gone)
    async with opened(*way) as security:
        with pytest.raises(AuthenticationFailed):
            await security.acls()


async def test_a_user_that_is_not_there_cannot_be_deleted(root: SecurityPort) -> None:
    with pytest.raises(RefusedByPolicy):
        await root.delete_scram("never-was", ScramMechanism.SCRAM_SHA_256)


async def test_quotas_are_set_for_a_user_its_client_and_everybody_else(root: SecurityPort) -> None:
    mine = QuotaEntity((("user", "alice"), ("client-id", "billing")))
    rest = QuotaEntity((("user", None),))
    await root.set_quota(mine, {"producer_byte_rate": 1024.0, "request_percentage": 12.5})
    await root.set_quota(rest, {"consumer_byte_rate": 2048.0})

    async def both() -> bool:
        found = {quota.entity: dict(quota.limits) for quota in await root.quotas()}
        return found == {
            mine: {"producer_byte_rate": 1024.0, "request_percentage": 12.5},
            rest: {"consumer_byte_rate": 2048.0},
        }

    await shows(both)
    await root.set_quota(mine, {"producer_byte_rate": None, "request_percentage": None})
    await root.set_quota(rest, {"consumer_byte_rate": None})

    async def none() -> bool:
        return not await root.quotas()

    await shows(none)


async def test_a_token_is_shown_to_its_owner_and_its_renewer_without_its_hmac(secure_kafka: SecureKafka) -> None:
    alice = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN")
    token, hmac = await make_token(*alice, renewer="nobody")
    for user in ("alice", "nobody"):
        way = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", user=user)
        async with opened(*way) as security:
            shown = await _token(security, token)
        assert (shown.owner, shown.requester, shown.renewers) == ("User:alice", "User:alice", ("User:nobody",))
        assert shown.ends_at_ms - shown.issued_at_ms == HOUR_MS
        assert shown.issued_at_ms < shown.expires_at_ms <= shown.ends_at_ms
        assert hmac.hex() not in repr(shown)
        assert repr(hmac) not in repr(shown)


async def _token(security: SecurityPort, token: str) -> DelegationToken:
    found: list[DelegationToken] = []

    async def there() -> bool:
        found[:] = [one for one in await security.tokens() if one.token_id == token]
        return bool(found)

    await shows(there)
    return found[0]


async def test_where_tokens_cannot_be_asked_for_the_reason_is_said(root: SecurityPort) -> None:
    with pytest.raises(RefusedByPolicy, match="DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"):
        await root.tokens()


async def test_what_a_broker_keeps_back_is_not_known_and_what_it_does_not_set_is(root: SecurityPort) -> None:
    assert await root.super_users() is None  # set, and kept back as a setting that Kafka does not know
    assert await root.allow_everyone_if_no_acl() is False


async def test_a_cluster_without_an_authorizer_says_so(kafka: EmbeddedKafka) -> None:
    async with opened(ConnectionProfile("plain", kafka.bootstrap)) as security:
        with pytest.raises(RefusedByPolicy, match="SECURITY_DISABLED"):
            await security.acls()
        with pytest.raises(RefusedByPolicy, match="SECURITY_DISABLED"):
            await security.create_acls([ONE])
        assert await security.super_users() == ()


async def test_the_certificate_of_every_listener_is_seen_also_where_it_is_wrong(
    secure_kafka: SecureKafka, root: SecurityPort
) -> None:
    shown = {one.listener: one for one in await root.certificates()}
    assert set(shown) == set(secure_kafka.ports)
    assert shown["PLAINTEXT"].plain
    assert shown["SASL_PLAINTEXT"].plain
    assert shown["PLAINTEXT"].not_after_ms is None
    for name in ("SSL", "MTLS", "SASL_SSL", "REQUESTED", "UNKNOWNCA"):
        assert "localhost" in shown[name].names, shown[name]
        assert shown[name].error is None
        assert shown[name].port == secure_kafka.ports[name]
        assert (shown[name].tls_version or "").startswith("TLSv1.")
    assert "localhost" not in shown["WRONGHOST"].names
    assert (shown["EXPIRED"].not_after_ms or 0) < (shown["SSL"].not_after_ms or 0)
    assert shown["SSL"].issuer != shown["UNKNOWNCA"].issuer


async def test_without_a_right_the_listener_of_the_connection_is_looked_at(secure_kafka: SecureKafka) -> None:
    async with opened(*secure_kafka.way("SASL_SSL", mechanism="PLAIN", user="nobody")) as security:
        (only,) = await security.certificates()
    assert only.listener == "SASL_SSL"
    assert only.port == secure_kafka.ports["SASL_SSL"]
    assert "localhost" in only.names


LACKS: dict[str, tuple[Callable[[SecurityPort], Awaitable[object]], str]] = {
    "acls": (lambda security: security.acls(), "DESCRIBE on Cluster kafka-cluster"),
    "scram_users": (lambda security: security.scram_users(), "DESCRIBE on Cluster kafka-cluster"),
    "quotas": (lambda security: security.quotas(), "DESCRIBE_CONFIGS on Cluster kafka-cluster"),
    "create_acls": (lambda security: security.create_acls([ONE]), "ALTER on Cluster kafka-cluster"),
    "delete_acls": (lambda security: security.delete_acls([ONE]), "ALTER on Cluster kafka-cluster"),
    "set_scram": (
        lambda security: security.set_scram(NewScramCredential("x", ScramMechanism.SCRAM_SHA_256, 4096, WORDS)),
        "ALTER on Cluster kafka-cluster",
    ),
    "delete_scram": (
        lambda security: security.delete_scram("alice", ScramMechanism.SCRAM_SHA_256),
        "ALTER on Cluster kafka-cluster",
    ),
    "set_quota": (
        lambda security: security.set_quota(QuotaEntity((("user", "x"),)), {"consumer_byte_rate": 1.0}),
        "ALTER_CONFIGS on Cluster kafka-cluster",
    ),
}


@pytest.mark.parametrize("name", LACKS)
async def test_a_principal_without_rights_is_told_which_one_it_lacks(secure_kafka: SecureKafka, name: str) -> None:
    ask, right = LACKS[name]
    async with opened(*secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", user="nobody")) as security:
        with pytest.raises(NotAuthorized) as refused:
            await ask(security)
    assert refused.value.hint == f"Ask for the right {right}."


async def test_a_right_that_a_plan_would_lack_is_known_where_the_cluster_may_be_described(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    """alice may look at the cluster, and change nothing of it."""
    profile, secrets = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN")
    cluster, journal = open_cluster(profile, secrets), Journal(tmp_path / "journal")
    session = Session(profile, cluster, TopicDecoders(), journal)
    limited = QuotaEntity((("user", "x"),))
    try:
        for plan, right in (
            (await plans.plan_create_acls(session, [ONE]), "ALTER"),
            (await plans.plan_set_quota(session, limited, {"consumer_byte_rate": 1.0}), "ALTER_CONFIGS"),
        ):
            (problem,) = plan.problems
            assert isinstance(problem, NotAuthorized)
            assert problem.hint == f"Ask for the right {right} on Cluster kafka-cluster."
        assert await cluster.security.missing_rights(Operation.ALTER, Operation.DESCRIBE) == ()
    finally:
        await journal.close()
        await cluster.close()
    async with opened(*secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", user="nobody")) as security:
        assert await security.missing_rights(Operation.ALTER) == (), "a broker lists nothing to who may not describe"


async def test_a_principal_without_rights_knows_nothing_of_super_users(secure_kafka: SecureKafka) -> None:
    async with opened(*secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", user="nobody")) as security:
        assert await security.super_users() is None
        assert await security.allow_everyone_if_no_acl() is None


async def test_plans_are_carried_out_and_read_back(session: Session) -> None:
    second = replace(ONE, operation=Operation.TWO_PHASE_COMMIT, resource_type=ResourceType.TRANSACTIONAL_ID)
    both = await _done(session, await plans.plan_create_acls(session, [ONE, second]))
    assert both.title == "Create 2 ACLs for User:every-kind"
    again = await plans.plan_create_acls(session, [ONE])
    assert [(row.before, row.after) for row in again.rows] == [("stands", "stands")]
    with pytest.raises(RefusedHere):
        await carry_out(session, again)
    late = await plans.plan_delete_acls(session, [ONE, second])
    await _done(session, await plans.plan_delete_acls(session, [ONE, second]))
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, late)
    created, deleted = sorted(entry.id for entry in await session.journal.entries())[:2]
    await _done(session, await plan_undo(session, deleted))
    assert await of(session.cluster.security, WHO) == {ONE, second}
    await _done(session, await plan_undo(session, created))
    assert await of(session.cluster.security, WHO) == set()


async def test_a_password_is_in_no_part_of_its_plan_nor_in_the_journal(session: Session, tmp_path: Path) -> None:
    credential = NewScramCredential("planned", ScramMechanism.SCRAM_SHA_256, 4096, WORDS)
    plan = await _done(session, await plans.plan_set_scram(session, credential))
    assert plan.rows[0].before is None
    assert any("not encrypted" in caution.why for caution in plan.cautions)
    replacing = await plans.plan_set_scram(session, replace(credential, iterations=8192))
    assert replacing.rows[0].before == "a password, 4,096 iterations"
    deleting = await _done(session, await plans.plan_delete_scram(session, "planned", ScramMechanism.SCRAM_SHA_256))
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, replacing)
    said = repr((plan, replacing, deleting, credential))
    assert WORDS not in said
    assert [path for path in tmp_path.rglob("*") if path.is_file() and WORDS.encode() in path.read_bytes()] == []
    for wrong in (replace(credential, iterations=1000), replace(credential, password="")):
        assert (await plans.plan_set_scram(session, wrong)).problems


async def test_a_quota_is_planned_with_what_it_was_before(session: Session) -> None:
    entity = QuotaEntity((("client-id", "loader"),))
    await _done(session, await plans.plan_set_quota(session, entity, {"producer_byte_rate": 1000.0}))
    plan = await plans.plan_set_quota(session, entity, {"producer_byte_rate": None})
    assert [(row.before, row.after) for row in plan.rows] == [("1000", None)]
    await _done(session, plan)
    assert (await plans.plan_set_quota(session, entity, {"producer_byte_rate": None})).problems
    last = max(entry.id for entry in await session.journal.entries())
    undo = await _done(session, await plan_undo(session, last))
    assert [(row.before, row.after) for row in undo.rows] == [(None, "1000")]
    await _done(session, await plans.plan_set_quota(session, entity, {"producer_byte_rate": None}))


async def _done(session: Session, plan: ChangePlan) -> ChangePlan:
    outcome = await carry_out(session, plan)
    assert outcome.doubt == ""
    entry = await session.journal.entry(outcome.journal_id)
    assert entry is not None
    assert entry.state is EntryState.COMMITTED
    assert entry.intent.kind == plan.kind
    return plan


@pytest.fixture(scope="module")
def zookeeper_with_acls() -> Iterator[EmbeddedZooKeeperKafka]:
    authorizer = {
        "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
        "super.users": "User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "true",
    }
    with EmbeddedZooKeeperKafka(authorizer) as kafka:
        yield kafka


async def test_on_zookeeper_acls_users_and_quotas_work_too(zookeeper_with_acls: EmbeddedZooKeeperKafka) -> None:
    async with opened(ConnectionProfile("zookeeper", zookeeper_with_acls.bootstrap)) as security:
        await security.create_acls([ONE])
        await security.set_scram(NewScramCredential("zoe", ScramMechanism.SCRAM_SHA_512, 4096, WORDS))
        await security.set_quota(QuotaEntity((("ip", "127.0.0.9"),)), {"connection_creation_rate": 7.0})

        async def there() -> bool:
            users = [one.user for one in await security.scram_users()]
            return (await security.acls(), users, len(await security.quotas())) == ((ONE,), ["zoe"], 1)

        await shows(there)
        assert await security.super_users() is None
        assert await security.allow_everyone_if_no_acl() is None  # set, and kept back
