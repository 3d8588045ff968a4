"""Who may do what on one topic, one group, the cluster: principals against operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kafkaview.cluster.ports.security import ANY_NAME, Acl, Operation, PatternType, Resource, ResourceType
from kafkaview.security.decision import AclDecision, AclQuestion, AclVerdict, Rules, about, decide

# The operations that mean something on each type of resource (AclEntry.java of 4.4.0, `supportedOperations`).
OPERATIONS: Final = {
    ResourceType.TOPIC: (
        Operation.READ,
        Operation.WRITE,
        Operation.CREATE,
        Operation.DESCRIBE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    ResourceType.GROUP: (
        Operation.READ,
        Operation.DESCRIBE,
        Operation.DELETE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    ResourceType.CLUSTER: (
        Operation.CREATE,
        Operation.CLUSTER_ACTION,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
        Operation.IDEMPOTENT_WRITE,
        Operation.ALTER,
        Operation.DESCRIBE,
    ),
    ResourceType.TRANSACTIONAL_ID: (Operation.DESCRIBE, Operation.WRITE, Operation.TWO_PHASE_COMMIT),
    ResourceType.DELEGATION_TOKEN: (Operation.DESCRIBE,),
    ResourceType.USER: (Operation.CREATE_TOKENS, Operation.DESCRIBE_TOKENS),
}


class Right(StrEnum):
    """The right that a cell of the matrix shows."""

    ALLOWED = "allowed"  # a rule that names just this
    INHERITED = "inherited"  # allowed by something wider: ALL, a prefix, every resource, everybody, a super user
    DENIED = "denied"  # a rule says no
    NONE = "none"  # nothing allows it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One principal and one operation."""

    operation: Operation
    right: Right
    answer: AclDecision


@dataclass(frozen=True, slots=True)
class Row:
    """One principal."""

    principal: str
    cells: tuple[MatrixCell, ...]


def matrix(
    resource: Resource, rules: Rules, principals: Iterable[str] | None = None, host: str | None = None
) -> tuple[Row, ...]:
    """Returns the rights of each principal on a resource; without `principals`, of those that a rule about it names and
    of the super users. A `host` of None is an address that no rule names.
    """
    names = sorted(principals_of(resource, rules) if principals is None else set(principals))
    return tuple(Row(principal, _cells(principal, resource, rules, host)) for principal in names)


def principals_of(resource: Resource, rules: Rules) -> set[str]:
    """Returns the principals that the rules about a resource name, and the super users."""
    return {acl.principal for acl in about(resource, rules.acls)} | set(rules.super_users or ())


def _cells(principal: str, resource: Resource, rules: Rules, host: str | None) -> tuple[MatrixCell, ...]:
    cells = []
    for operation in OPERATIONS.get(resource.type, ()):
        answer = decide(AclQuestion(principal, operation, resource, host), rules)
        cells.append(MatrixCell(operation, _right(answer, principal, operation, resource), answer))
    return tuple(cells)


def _right(answer: AclDecision, principal: str, operation: Operation, resource: Resource) -> Right:
    if answer.verdict is AclVerdict.UNKNOWN:
        return Right.UNKNOWN
    if answer.verdict is AclVerdict.DENIED:
        return Right.NONE if answer.acl is None else Right.DENIED
    return Right.ALLOWED if _names(answer.acl, principal, operation, resource) else Right.INHERITED


def _names(rule: Acl | None, principal: str, operation: Operation, resource: Resource) -> bool:
    return (
        rule is not None
        and (rule.principal, rule.operation, rule.resource_type) == (principal, operation, resource.type)
        and rule.pattern is PatternType.LITERAL
        and rule.name != ANY_NAME
    )
