"""The columns of the tables on Security."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kafkaview.clock import now_ms
from kafkaview.cluster.ports.security import (
    ANY_HOST,
    Acl,
    DelegationToken,
    ListenerCertificate,
    Permission,
    Quota,
    ResourceType,
    ScramCredential,
)
from kafkaview.fields import lead
from kafkaview.security.expiry import certificate_state, days_left
from kafkaview.security.listed_columns import (
    ACL_FIELDS,
    LIMITS,
    NO_LIMIT,
    QUOTA_FIELDS,
    USER_FIELDS,
    certificate_fields,
    other_limits,
    token_fields,
)
from kafkaview.security.matrix import OPERATIONS, Right, Row
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, mark_column, row_columns
from kafkaview.ui.pages.security.words import certificate_mark, describe_decision
from kafkaview.words import iso, join_lines

_RIGHT = {
    Right.ALLOWED: (Mark.OK, "allowed"),
    Right.INHERITED: (Mark.IDLE, "inherited"),
    Right.DENIED: (Mark.BAD, "denied"),
    Right.NONE: (None, "no"),
    Right.UNKNOWN: (Mark.UNKNOWN, "unknown"),
}
_TONES = {Mark.BAD: "bad_text", Mark.WARN: "warn_text"}


def _permission_mark(acl: Acl) -> Mark:
    marks = {Permission.ALLOW: Mark.OK, Permission.DENY: Mark.BAD}
    return marks.get(acl.permission, Mark.UNKNOWN)


ACLS: tuple[Column[Acl], ...] = (
    mark_column(
        _permission_mark,
        lambda acl: acl.permission.name,
        tip=lambda acl: "denies" if acl.permission is Permission.DENY else "allows",
    ),
    *row_columns(
        lead(ACL_FIELDS, "principal", "permission", "operation", "resource_type", "name"),
        {
            "principal": Look[Acl](strong=True, elide_middle=True),
            "permission": Look[Acl](tone=lambda acl: "bad_text" if acl.permission is Permission.DENY else None),
            "name": Look[Acl](stretch=True, mono=True, elide_middle=True),
            "host": Look[Acl](italic=lambda acl: acl.host == ANY_HOST),
        },
    ),
)

USERS: tuple[Column[ScramCredential], ...] = row_columns(
    USER_FIELDS, {"user": Look[ScramCredential](strong=True, stretch=True, elide_middle=True)}
)

TOKENS: tuple[Column[DelegationToken], ...] = row_columns(
    token_fields(now_ms),
    {
        "token_id": Look[DelegationToken](mono=True, stretch=True, elide_middle=True),
        "owner": Look[DelegationToken](strong=True),
        "renewers": Look[DelegationToken](italic=lambda row: not row.renewers),
    },
)


def matrix_columns(type_: ResourceType) -> tuple[Column[Row], ...]:
    """Returns principals against the operations of one type of resource."""
    first: Column[Row] = Column(
        "Principal",
        lambda row: row.principal,
        strong=True,
        width=170,
        stretch=True,
        elide_middle=True,
        tone=lambda _row: "accent",
        tip=lambda row: f"Show the ACLs of {row.principal}",
    )
    return (first, *(_operation(place, one.name) for place, one in enumerate(OPERATIONS.get(type_, ()))))


def _operation(place: int, name: str) -> Column[Row]:
    return Column(
        name,
        lambda row: _RIGHT[row.cells[place].right][1],
        mark=lambda row: _RIGHT[row.cells[place].right][0],
        width=max(104, 24 + 8 * len(name)),
        tone=lambda row: "text_3" if row.cells[place].right is Right.NONE else None,
        tip=lambda row: _why(row, place),
    )


def _why(row: Row, place: int) -> str:
    words = describe_decision(row.cells[place].answer)
    return join_lines(f"{words.word}. {words.because}", words.rule, words.more)


def _limit_look(key: str) -> Look[Quota]:
    return Look[Quota](
        italic=lambda row: key not in row.limits,
        tip=lambda row: f"{key}: {row.limits[key]:g}" if key in row.limits else f"{key} is not set",
    )


QUOTAS: tuple[Column[Quota], ...] = row_columns(
    QUOTA_FIELDS,
    {
        "entity": Look[Quota](strong=True, stretch=True, elide_middle=True),
        "other_limits": Look[Quota](italic=lambda row: other_limits(row) == NO_LIMIT),
        **{key: _limit_look(key) for key in LIMITS},
    },
)


def certificate_columns(now_ms: Callable[[], int]) -> tuple[Column[ListenerCertificate], ...]:
    """Returns the columns of the listeners' certificates."""

    def state(row: ListenerCertificate) -> str:
        return certificate_state(row, now_ms())

    return (
        mark_column(
            lambda row: certificate_mark(row, now_ms()), lambda row: certificate_mark(row, now_ms()).value, tip=state
        ),
        *row_columns(
            lead(certificate_fields(now_ms), "broker_id", "listener", "address", "days_left"),
            {
                "address": Look[ListenerCertificate](mono=True, elide_middle=True),
                "days_left": Look[ListenerCertificate](
                    tone=lambda row: _TONES.get(certificate_mark(row, now_ms())),
                    unknown=state,
                    tip=lambda row: iso(row.not_after_ms),
                ),
                "subject": Look[ListenerCertificate](
                    stretch=True,
                    italic=lambda row: row.subject is None,
                    tip=lambda row: ", ".join(row.names) or row.subject or state(row),
                ),
                "issuer": Look[ListenerCertificate](unknown=state),
                "tls_version": Look[ListenerCertificate](unknown=state),
            },
        ),
    )


def by_days(rows: Sequence[ListenerCertificate], now_ms: int) -> list[ListenerCertificate]:
    """Returns certificates by their end, the nearest first; then listeners that showed none, then plaintext ones."""

    def urgency(row: ListenerCertificate) -> tuple[bool, bool, int, int, str]:
        left = days_left(row.not_after_ms, now_ms)
        return (row.plain, left is None, left or 0, row.broker_id, row.listener)

    return sorted(rows, key=urgency)
