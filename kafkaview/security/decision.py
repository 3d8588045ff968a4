"""May a principal do something, and by which rule: the answer that Kafka's own authorizers give.

StandardAuthorizer (KRaft) and AclAuthorizer (ZooKeeper) decide alike: a super user may do everything; else one DENY
wins over every ALLOW; else one ALLOW allows; else, where no ACL at all is about the resource,
`allow.everyone.if.no.acl.found` decides; else it is denied. Source: StandardAuthorizerData.java of 4.4.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
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
)
from kafkaview.security.acl_hosts import covers, is_range, spell_host

# What an ALLOW of these operations allows besides. A DENY denies no more than it says.
_IMPLIED: Final = {
    Operation.DESCRIBE: {Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER},
    Operation.DESCRIBE_CONFIGS: {Operation.ALTER_CONFIGS},
}
_THE_CLUSTER: Final = Resource(ResourceType.CLUSTER, CLUSTER_NAME)
_OLDER: Final = "the brokers are older than Kafka 4.4: to those a range of hosts fits nobody"


class AclVerdict(StrEnum):
    """The answer in one word."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AclQuestion:
    """May `principal` do `operation` on `resource`, from `host`? None is an address that no rule names."""

    principal: str
    operation: Operation
    resource: Resource
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that decides. `super_users` and `allow_everyone` are None if no broker's configuration may be read; `ranges`
    is whether the brokers' release compares ranges of hosts, None if unknown.
    """

    acls: tuple[Acl, ...]
    super_users: tuple[str, ...] | None
    allow_everyone: bool | None
    ranges: bool | None = None


@dataclass(frozen=True, slots=True)
class AclDecision:
    """The verdict and the rule that decides; no rule for a super user, or if none fits. `because` is a sentence.
    `unless` names what could change the verdict and could not be read. `elsewhere` are rules that decide otherwise for
    the hosts that they name.
    """

    verdict: AclVerdict
    acl: Acl | None
    because: str
    unless: str = ""
    elsewhere: tuple[Acl, ...] = ()


def decide(question: AclQuestion, rules: Rules) -> AclDecision:
    """Returns the answer of the broker."""
    if nobody := _asks_for_nothing(question):
        return AclDecision(AclVerdict.UNKNOWN, None, nobody)
    if question.principal in (rules.super_users or ()):
        return AclDecision(
            AclVerdict.ALLOWED, None, f"{question.principal} is a super user, whom no ACL can deny anything."
        )
    answer = _by_acls(question, rules)
    if answer.verdict is not AclVerdict.ALLOWED:
        answer = _by_the_cluster(question, rules) or answer
    if rules.ranges is None and answer.acl is not None and is_range(answer.acl.host):
        answer = _unless(answer, _OLDER)
    if answer.verdict is AclVerdict.DENIED and rules.super_users is None:
        answer = _unless(answer, f"{question.principal} is a super user: super.users may not be read here")
    return answer


def rule_text(acl: Acl) -> str:
    """Returns an ACL in one line: `ALLOW User:app WRITE on TOPIC orders* from any host`."""
    name = f"{acl.name}*" if acl.pattern is PatternType.PREFIXED else acl.name
    host = "any host" if acl.host == ANY_HOST else acl.host
    return f"{acl.permission.name} {acl.principal} {acl.operation.name} on {acl.resource_type.name} {name} from {host}"


def about(resource: Resource, acls: Iterable[Acl]) -> tuple[Acl, ...]:
    """Returns the ACLs whose pattern fits a resource."""
    return tuple(acl for acl in acls if _fits(acl, resource))


def _asks_for_nothing(question: AclQuestion) -> str:
    """Returns why no request could ever ask this; empty if one could."""
    if ":" not in question.principal.lstrip(":"):
        return f"{question.principal} is no principal: a type stands before its name, as in User:{question.principal}."
    if question.resource.type is ResourceType.CLUSTER and question.resource != _THE_CLUSTER:
        return f"The only name of a CLUSTER is {CLUSTER_NAME}, not {question.resource.name}."
    if question.host is not None and spell_host(question.host) is None:
        return f"{question.host} is no address, and brokers compare addresses alone."
    return ""


def _unless(answer: AclDecision, reason: str) -> AclDecision:
    return replace(answer, unless=f"{answer.unless}; or {reason}" if answer.unless else reason)


def _by_acls(question: AclQuestion, rules: Rules) -> AclDecision:
    relevant = about(question.resource, rules.acls)
    ours = [acl for acl in relevant if acl.principal in (question.principal, ANY_PRINCIPAL)]
    strange = [acl for acl in ours if acl.operation is Operation.UNKNOWN or acl.permission is Permission.UNKNOWN]
    counting = [acl for acl in ours if rules.ranges is not False or not is_range(acl.host)]
    matching = [acl for acl in counting if _covers(acl, question.operation)]
    here = [acl for acl in matching if covers(acl.host, question.host)]
    denying = _first(here, Permission.DENY)
    allowing = _first(here, Permission.ALLOW)
    decided = denying or allowing
    elsewhere = _otherwise(matching, decided, question.host)
    if decided is not None:
        verdict = AclVerdict.DENIED if denying else AclVerdict.ALLOWED
        return AclDecision(verdict, decided, _because(decided, question), elsewhere=elsewhere)
    if strange:
        reason = "An ACL about it holds an operation or a permission that kafkaview does not know."
        return AclDecision(AclVerdict.UNKNOWN, strange[0], reason)
    if relevant:
        none = f"No ACL allows {question.principal} {question.operation.name} on {question.resource}."
        return AclDecision(AclVerdict.DENIED, None, none, elsewhere=elsewhere)
    return _without_acls(question, rules)


def _without_acls(question: AclQuestion, rules: Rules) -> AclDecision:
    none = f"No ACL is about {question.resource}"
    if rules.allow_everyone:
        return AclDecision(AclVerdict.ALLOWED, None, f"{none}, and allow.everyone.if.no.acl.found is true.")
    unless = "allow.everyone.if.no.acl.found is true: it may not be read here" if rules.allow_everyone is None else ""
    return AclDecision(AclVerdict.DENIED, None, f"{none}.", unless)


def _by_the_cluster(question: AclQuestion, rules: Rules) -> AclDecision | None:
    """CREATE on the cluster creates every topic, one too whose own ACLs deny it: the cluster is asked first
    (ControllerApis.createTopics).
    """
    if question.operation is not Operation.CREATE or question.resource.type is not ResourceType.TOPIC:
        return None
    answer = _by_acls(replace(question, resource=_THE_CLUSTER), rules)
    return answer if answer.verdict is AclVerdict.ALLOWED else None


def _fits(acl: Acl, resource: Resource) -> bool:
    if acl.resource_type is not resource.type:
        return False
    if acl.pattern is PatternType.PREFIXED:
        return resource.name.startswith(acl.name)
    return acl.pattern is PatternType.LITERAL and acl.name in (resource.name, ANY_NAME)


def _covers(acl: Acl, operation: Operation) -> bool:
    if acl.operation in (Operation.ALL, operation):
        return True
    return acl.permission is Permission.ALLOW and acl.operation in _IMPLIED.get(operation, ())


def _first(acls: Sequence[Acl], permission: Permission) -> Acl | None:
    """Returns the most telling rule: one that names the resource, then one that names the operation, then others."""
    ranked = sorted(
        (acl for acl in acls if acl.permission is permission),
        key=lambda acl: (
            is_range(acl.host),
            acl.name == ANY_NAME,
            acl.pattern is PatternType.PREFIXED,
            acl.operation is Operation.ALL,
        ),
    )
    return ranked[0] if ranked else None


def _otherwise(matching: Sequence[Acl], decided: Acl | None, host: str | None) -> tuple[Acl, ...]:
    """Returns the rules for other hosts that change the answer there."""
    if decided is not None and decided.permission is Permission.DENY:
        return ()
    turns = Permission.ALLOW if decided is None else Permission.DENY
    return tuple(acl for acl in matching if acl.permission is turns and not covers(acl.host, host))


def _because(acl: Acl, question: AclQuestion) -> str:
    permission = "denied" if acl.permission is Permission.DENY else "allowed"
    ways = []
    if acl.pattern is PatternType.PREFIXED:
        ways.append(f"every {acl.resource_type.name} whose name begins with {acl.name}")
    elif acl.name == ANY_NAME and question.resource.name != ANY_NAME:
        ways.append(f"every {acl.resource_type.name}")
    elif acl.resource_type is not question.resource.type:
        ways.append(f"the {acl.resource_type.name}")
    if acl.operation is Operation.ALL:
        ways.append("every operation")
    elif acl.operation is not question.operation:
        ways.append(f"{acl.operation.name}, which brings {question.operation.name} with it")
    if acl.principal != question.principal:
        ways.append("everybody")
    if is_range(acl.host):
        ways.append(f"every address of {acl.host}")
    wide = f", by a rule for {' and '.join(ways)}" if ways else ""
    wins = " One DENY wins over every ALLOW." if acl.permission is Permission.DENY else ""
    return f"{question.operation.name} on {question.resource} is {permission} to {question.principal}{wide}.{wins}"
