"""Cautions of changes of rights and passwords: effects that their rows do not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kafkaview.cluster.ports.security import (
    ANY_HOST,
    ANY_NAME,
    ANY_PRINCIPAL,
    CLUSTER_NAME,
    Acl,
    Operation,
    PatternType,
    Permission,
    Resource,
    ResourceType,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.acl_hosts import is_range, spell_host
from kafkaview.security.decision import AclQuestion, AclVerdict, Rules, about, decide, rule_text
from kafkaview.security.matrix import OPERATIONS
from kafkaview.writes.plan import Caution

_CLUSTER: Final = Resource(ResourceType.CLUSTER, CLUSTER_NAME)
_OPEN_STAYS: Final = "It counts from their next login: connections that are open stay so until they end."
_NO_WAY_BACK: Final = Caution("It cannot be undone.", "Brokers tell nobody a password, so none is kept.")


def own_principal(profile: ConnectionProfile) -> str | None:
    """Returns the principal of this profile, if it is certain: brokers map certificates, Kerberos and tokens."""
    sasl = profile.security.sasl
    name = MECHANISMS[sasl.mechanism].principal(sasl) if profile.security.protocol.sasl and sasl else None
    return None if name is None else f"User:{name}"


def of_creating(acls: Sequence[Acl], rules: Rules) -> Iterator[Caution]:
    """Returns the cautions of new ACLs."""
    for acl in acls:
        if acl.permission is Permission.ALLOW and acl.principal == ANY_PRINCIPAL:
            yield Caution(
                "Everybody who can connect is allowed it.", f"{rule_text(acl)}: {ANY_PRINCIPAL} is everybody."
            )
        if acl.permission is Permission.DENY:
            whom = "Everybody but super users" if acl.principal == ANY_PRINCIPAL else acl.principal
            yield Caution(
                f"{whom} is denied it whatever else is allowed.", f"{rule_text(acl)}: one DENY wins over every ALLOW."
            )
        if acl.operation not in (Operation.ALL, *OPERATIONS.get(acl.resource_type, ())):
            yield Caution(f"{rule_text(acl)}: this decides nothing.", "No request asks for this operation there.")
        if acl.name.endswith(ANY_NAME) and not (acl.name == ANY_NAME and acl.pattern is PatternType.LITERAL):
            begin = acl.name.rstrip(ANY_NAME)
            way = f"PREFIXED and the name {begin}" if begin else "LITERAL and the name *"
            yield Caution(f"{rule_text(acl)}: the * in its name stands for itself alone.", f"Choose {way} for all.")
    for host in sorted({acl.host for acl in acls} - {ANY_HOST}):
        yield from _of_host(host)
    if rules.allow_everyone is not False:
        yield from _shutting_out(acls, rules)


def _of_host(host: str) -> Iterator[Caution]:
    """Returns the cautions of hosts for which an ACL never counts, or not on every broker."""
    if is_range(host):
        yield Caution(
            f"Before metadata.version 4.4-IV1 a rule for {host} fits nobody.",
            "A range of hosts counts from Kafka 4.4 on; a DENY would deny nothing.",
        )
    elif (address := spell_host(host)) is None:
        yield Caution(f"A rule for {host} fits nobody.", "Brokers compare addresses alone, never names.")
    elif address != host:
        yield Caution(f"A rule for {host} fits nobody.", f"Brokers spell this address {address}.")


def _shutting_out(acls: Iterable[Acl], rules: Rules) -> Iterator[Caution]:
    for what in _resources_apart(acls, rules.acls):
        known = "is true" if rules.allow_everyone else "may be true: it may not be read here"
        yield Caution(
            f"Everybody else is shut out of {what}.",
            f"These are the first ACLs about it, and allow.everyone.if.no.acl.found {known}.",
        )


def of_deleting(acls: Sequence[Acl], rules: Rules) -> Iterator[Caution]:
    """Returns the cautions of deleted ACLs."""
    left = tuple(acl for acl in rules.acls if acl not in acls)
    if rules.allow_everyone is not False:
        for what in _resources_apart(acls, left):
            known = "is true" if rules.allow_everyone else "may be true: it may not be read here"
            yield Caution(
                f"Everybody may use {what}.", f"No ACL is left about it, and allow.everyone.if.no.acl.found {known}."
            )
    for acl in acls:
        if acl.permission is Permission.DENY:
            yield Caution(f"{acl.principal} may do what other ACLs allow.", f"{rule_text(acl)} goes.")


def of_locking_out(profile: ConnectionProfile, before: Rules, after: Rules) -> Iterator[Caution]:
    """Returns the caution that this very connection loses a right over the cluster."""
    own = own_principal(profile)
    if own is None:
        return
    for operation, loss in (
        (Operation.DESCRIBE, "You would no longer see ACLs, users and the quorum here."),
        (Operation.ALTER, "You could not take this back from here."),
    ):
        question = AclQuestion(own, operation, _CLUSTER)
        may = [decide(question, rules).verdict is AclVerdict.ALLOWED for rules in (before, after)]
        if may == [True, False]:
            yield Caution(loss, f"{own}, who this connection logs in as, loses {operation.name} on the cluster.")


def of_password(profile: ConnectionProfile, user: str, before: ScramCredential | None) -> Iterator[Caution]:
    """Returns the cautions of a new password."""
    if before is not None:
        yield Caution(f"Applications that log in as {user} with the old password are refused.", _OPEN_STAYS)
        yield _NO_WAY_BACK
    if not profile.security.protocol.tls:
        why = "The password itself is not sent, but what is made of it, and this connection is not encrypted."
        yield Caution(f"Whoever listens on the network could log in as {user}.", why)
    if own_principal(profile) == f"User:{user}":
        yield Caution("This connection logs in as this user.", "Give its profile the new password afterwards.")


def of_no_password(profile: ConnectionProfile, user: str, mechanism: ScramMechanism) -> Iterator[Caution]:
    """Returns the cautions of a deleted password."""
    yield Caution(f"Applications that log in as {user} with {mechanism.word} are refused.", _OPEN_STAYS)
    yield _NO_WAY_BACK
    if own_principal(profile) == f"User:{user}":
        yield Caution("This connection logs in as this user.", "It could not be made again.")


def _resources_apart(acls: Iterable[Acl], others: Iterable[Acl]) -> list[str]:
    """Returns the resources of these ACLs that no other ACL is about."""
    others = tuple(others)
    found = {
        f"{acl.resource_type.name} {acl.name}{'*' if acl.pattern is PatternType.PREFIXED else ''}"
        for acl in acls
        if not about(Resource(acl.resource_type, acl.name), others)
    }
    return sorted(found)
