"""Plans that change who may do what: ACLs, SCRAM users, client quotas."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.names import name_problem
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    LEAST_ITERATIONS,
    MOST_ITERATIONS,
    Acl,
    NewScramCredential,
    Operation,
    QuotaEntity,
    ResourceType,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.command_words import command_words
from kafkaview.security import cautions
from kafkaview.security.acl_hosts import is_range, knows_ranges
from kafkaview.security.decision import Rules, rule_text
from kafkaview.security.documents import acl_document, acl_options, entity_options
from kafkaview.security.listed_columns import entity_text
from kafkaview.writes.plan import ChangePlan, ChangeRow

if TYPE_CHECKING:
    from kafkaview.session import Session

CREATE_ACLS: Final = "acls.create"  # the kinds in the journal that can be undone
DELETE_ACLS: Final = "acls.delete"
SET_QUOTA: Final = "quotas.set"
SET_SCRAM: Final = "users.set"  # these cannot: no cluster gives a password back
DELETE_SCRAM: Final = "users.delete"
_STANDS: Final = "stands"


async def rules_of(cluster: Cluster) -> Rules:
    """Reads all that decides who may do what, as far as it may be read."""
    security = cluster.security
    answers = await asyncio.gather(security.acls(), security.super_users(), security.allow_everyone_if_no_acl())
    return Rules(
        *answers, ranges=await knows_ranges(cluster) if any(is_range(acl.host) for acl in answers[0]) else None
    )


async def plan_create_acls(session: Session, acls: Sequence[Acl], options: Sequence[str] = ()) -> ChangePlan:
    """Plans to create ACLs; existing ones are listed as unchanged. `options` are the words of a preset, which are
    shorter on the command line.
    """
    rules, missing = await rules_of(session.cluster), await _missing_rights(session.cluster)
    wanted = tuple(dict.fromkeys(acls))
    new = tuple(acl for acl in wanted if acl not in rules.acls)
    after = replace(rules, acls=(*rules.acls, *new))

    async def write(cluster: Cluster) -> None:
        await cluster.security.create_acls(new)

    async def check(cluster: Cluster) -> None:
        _still(set(wanted) - set(new), await cluster.security.acls())

    async def verify(cluster: Cluster) -> str:
        found = set(await cluster.security.acls())
        return _list_rules("not seen yet", [acl for acl in wanted if acl not in found])

    return ChangePlan(
        kind=CREATE_ACLS,
        title=f"Create {_count(new)}{_for_whom(new)}",
        deed=f"Create {_count(new)}",
        subject=_subject(wanted),
        rows=tuple(ChangeRow(rule_text(acl), None if acl in new else _STANDS, _STANDS) for acl in wanted),
        command=("acls", "create", *(options or acl_options(wanted))),
        document={"acls": [acl_document(acl) for acl in new]},
        write=write,
        check=check,
        verify=verify,
        cautions=(*cautions.of_creating(new, rules), *cautions.of_locking_out(session.profile, rules, after)),
        problems=(*_acl_problems(new), *(missing if new else ())),
        undoable=True,
    )


async def plan_delete_acls(session: Session, acls: Sequence[Acl]) -> ChangePlan:
    """Plans to delete exactly these ACLs; those that do not exist are listed as unchanged."""
    rules, missing = await rules_of(session.cluster), await _missing_rights(session.cluster)
    wanted = tuple(dict.fromkeys(acls))
    old = tuple(acl for acl in wanted if acl in rules.acls)
    after = replace(rules, acls=tuple(acl for acl in rules.acls if acl not in old))

    async def write(cluster: Cluster) -> None:
        await cluster.security.delete_acls(old)

    async def check(cluster: Cluster) -> None:
        _still(set(old), await cluster.security.acls())

    async def verify(cluster: Cluster) -> str:
        found = set(await cluster.security.acls())
        return _list_rules("still there", [acl for acl in old if acl in found])

    return ChangePlan(
        kind=DELETE_ACLS,
        title=f"Delete {_count(old)}{_for_whom(old, 'of')}",
        deed=f"Delete {_count(old)}",
        subject=_subject(wanted),
        rows=tuple(ChangeRow(rule_text(acl), _STANDS if acl in old else None, None) for acl in wanted),
        command=("acls", "delete", *acl_options(wanted)),
        document={"acls": [acl_document(acl) for acl in old]},
        write=write,
        check=check,
        verify=verify,
        cautions=(*cautions.of_deleting(old, rules), *cautions.of_locking_out(session.profile, rules, after)),
        problems=missing if old else (RefusedHere("There is nothing to delete: no such ACL stands."),),
        undoable=True,
    )


async def plan_set_scram(session: Session, credential: NewScramCredential) -> ChangePlan:
    """Plans to create or replace a user's password for one mechanism. Only the plan's `write` holds the password."""
    user, mechanism, iterations = credential.user, credential.mechanism, credential.iterations
    before = await find_credential(session.cluster, user, mechanism)

    async def write(cluster: Cluster) -> None:
        await cluster.security.set_scram(credential)

    async def check(cluster: Cluster) -> None:
        _same(before, await find_credential(cluster, user, mechanism), f"{mechanism.word} of {user}")

    async def verify(cluster: Cluster) -> str:
        now = await find_credential(cluster, user, mechanism)
        return "" if now is not None and now.iterations == iterations else f"{mechanism.word} of {user} does not show."

    return ChangePlan(
        kind=SET_SCRAM,
        title=f"{'Replace' if before else 'Set'} the {mechanism.word} password of {user}",
        deed="Replace the password" if before else "Set the password",
        subject=user,
        rows=(
            ChangeRow(
                f"{user}, {mechanism.word}", _describe_credential(before), f"new password, {iterations:,} iterations"
            ),
        ),
        command=command_words(
            ["users", "set"], [user], ["--mechanism", mechanism.word, "--iterations", str(iterations)]
        ),
        document={
            "user": user,
            "mechanism": mechanism.name,
            "iterations": iterations,
            "iterations_before": before.iterations if before else None,
        },
        write=write,
        check=check,
        verify=verify,
        cautions=tuple(cautions.of_password(session.profile, user, before)),
        problems=(*_password_problems(credential), *await _missing_rights(session.cluster)),
    )


async def plan_delete_scram(session: Session, user: str, mechanism: ScramMechanism) -> ChangePlan:
    """Plans to delete a user's password for one mechanism."""
    before = await find_credential(session.cluster, user, mechanism)

    async def write(cluster: Cluster) -> None:
        await cluster.security.delete_scram(user, mechanism)

    async def check(cluster: Cluster) -> None:
        _same(before, await find_credential(cluster, user, mechanism), f"{mechanism.word} of {user}")

    async def verify(cluster: Cluster) -> str:
        return f"{mechanism.word} of {user} still shows." if await find_credential(cluster, user, mechanism) else ""

    return ChangePlan(
        kind=DELETE_SCRAM,
        title=f"Delete the {mechanism.word} password of {user}",
        deed="Delete the password",
        subject=user,
        rows=(ChangeRow(f"{user}, {mechanism.word}", _describe_credential(before), None),),
        command=command_words(["users", "delete"], [user], ["--mechanism", mechanism.word]),
        document={"user": user, "mechanism": mechanism.name},
        write=write,
        check=check,
        verify=verify,
        cautions=tuple(cautions.of_no_password(session.profile, user, mechanism)),
        problems=await _missing_rights(session.cluster)
        if before
        else (RefusedHere(f"{user} has no {mechanism.word} password."),),
    )


async def plan_set_quota(session: Session, entity: QuotaEntity, limits: Mapping[str, float | None]) -> ChangePlan:
    """Plans to set or remove (None) limits of one entity."""
    before = await find_limits(session.cluster, entity)
    whom = entity_text(entity)

    async def write(cluster: Cluster) -> None:
        await cluster.security.set_quota(entity, limits)

    async def check(cluster: Cluster) -> None:
        _same(before, await find_limits(cluster, entity), f"The quota of {whom}")

    async def verify(cluster: Cluster) -> str:
        now = await find_limits(cluster, entity)
        wrong = [key for key, limit in limits.items() if now.get(key) != limit]
        return f"{', '.join(wrong)} of {whom} does not read back as set." if wrong else ""

    changes = {key: limit for key, limit in limits.items() if before.get(key) != limit}
    options = (word for key, limit in limits.items() for word in ("--limit", f"{key}={_number(limit) or 'none'}"))
    nothing = RefusedHere(f"There is nothing to set: {whom} has these limits already.")
    problems = tuple(_entity_problems(entity)) or (
        await _quota_problems(session.cluster, entity, limits) if changes else (nothing,)
    )
    return ChangePlan(
        kind=SET_QUOTA,
        title=f"Set {len(changes)} {'limit' if len(changes) == 1 else 'limits'} of {whom}",
        deed="Set the limits",
        subject=whom,
        rows=tuple(ChangeRow(f"{key} of {whom}", _number(before.get(key)), _number(limits[key])) for key in limits),
        command=("quotas", "set", *entity_options(entity), *options),
        document={
            "entity": dict(entity.parts),
            "limits": dict(limits),
            "before": {key: before.get(key) for key in limits},
        },
        write=write,
        check=check,
        verify=verify,
        problems=problems,
        undoable=True,
    )


async def _missing_rights(cluster: Cluster) -> tuple[ClusterError, ...]:
    return await cluster.security.missing_rights(Operation.ALTER)


async def _quota_problems(
    cluster: Cluster, entity: QuotaEntity, limits: Mapping[str, float | None]
) -> tuple[ClusterError, ...]:
    """What the cluster says to the limits before they are set."""
    try:
        await cluster.security.validate_quota(entity, limits)
    except Unreachable:
        raise
    except ClusterError as error:
        return (error,)
    return ()


def _still(standing: set[Acl], now: Sequence[Acl]) -> None:
    gone = standing - set(now)
    if gone:
        raise PlanNoLongerHolds(
            f"ACLs have changed: {_list_rules('gone', sorted(gone, key=rule_text))}", "Plan it again."
        )


def _same(before: object, now: object, what: str) -> None:
    if before != now:
        raise PlanNoLongerHolds(f"{what} has changed since the plan was made.", "Plan it again.")


async def find_credential(cluster: Cluster, user: str, mechanism: ScramMechanism) -> ScramCredential | None:
    """Reads what shows of a user's password for a mechanism; None where there is none."""
    found = await cluster.security.scram_users()
    return next((one for one in found if (one.user, one.mechanism) == (user, mechanism)), None)


async def find_limits(cluster: Cluster, entity: QuotaEntity) -> dict[str, float]:
    """Reads the limits of one entity; none where it has none of its own."""
    found = await cluster.security.quotas()
    wanted = frozenset(entity.parts)
    return next((dict(quota.limits) for quota in found if frozenset(quota.entity.parts) == wanted), {})


def _acl_problems(new: Sequence[Acl]) -> Iterator[ClusterError]:
    if not new:
        yield RefusedHere("There is nothing to create: every one of these ACLs stands already.")
    for acl in new:
        if not acl.name or not acl.principal:
            yield RefusedHere("An ACL needs the name of a resource and a principal.")
        elif ":" not in acl.principal:
            yield RefusedHere(f"{acl.principal} is no principal: one reads TYPE:NAME, as User:{acl.principal} does.")
        elif acl.resource_type is ResourceType.CLUSTER and acl.name != CLUSTER_NAME:
            yield RefusedHere(f"{acl.name} is no name of a cluster: brokers take {CLUSTER_NAME} alone.")
        named = ("The resource", acl.name), ("The principal", acl.principal), ("The host", acl.host)
        yield from filter(None, (name_problem(what, name) for what, name in named))


def _entity_problems(entity: QuotaEntity) -> Iterator[ClusterError]:
    for kind, name in entity.parts:
        if name == "":
            yield RefusedHere(f"The name of the {kind} is empty: brokers keep no quota of such a name.")
        problem = name_problem(f"The {kind}", name) if name else None
        if problem is not None:
            yield problem


def _password_problems(credential: NewScramCredential) -> list[ClusterError]:
    found: list[ClusterError] = []
    if not credential.user or not credential.password:
        found.append(RefusedHere("A user needs a name and a password."))
    problem = name_problem("The user", credential.user)
    if problem is not None:
        found.append(problem)
    elif not credential.user.isascii():
        message = f"{credential.user} could never log in: Kafka's SCRAM takes user names of ASCII alone."
        found.append(RefusedHere(message, "Choose another name."))
    if not LEAST_ITERATIONS <= credential.iterations <= MOST_ITERATIONS:
        between = f"{LEAST_ITERATIONS:,} to {MOST_ITERATIONS:,} iterations"
        found.append(RefusedHere(f"Kafka takes {between}, not {credential.iterations:,}."))
    return found


def _describe_credential(credential: ScramCredential | None) -> str | None:
    if credential is None:
        return None
    return "a password" if credential.iterations is None else f"a password, {credential.iterations:,} iterations"


def _number(limit: float | None) -> str | None:
    return None if limit is None else f"{limit:g}" if limit != int(limit) else str(int(limit))


def _count(acls: Sequence[Acl]) -> str:
    return f"{len(acls)} {'ACL' if len(acls) == 1 else 'ACLs'}"


def _for_whom(acls: Sequence[Acl], word: str = "for") -> str:
    principals = sorted({acl.principal for acl in acls})
    if len(principals) > 1:
        return f" {word} {len(principals)} principals"
    return f" {word} {principals[0]}" if principals else ""


def _subject(acls: Sequence[Acl]) -> str:
    principals = sorted({acl.principal for acl in acls})
    return principals[0] if len(principals) == 1 else "ACLs"


def _list_rules(state: str, acls: Sequence[Acl]) -> str:
    return f"{'; '.join(map(rule_text, acls))}: {state}." if acls else ""
