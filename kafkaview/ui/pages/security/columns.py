"""What the tables on Security show."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from kafkaview.cluster.ports.security import (
    ANY_HOST,
    Acl,
    DelegationToken,
    ListenerCertificate,
    PatternType,
    Permission,
    Quota,
    ResourceType,
    ScramCredential,
)
from kafkaview.security.documents import entity_text
from kafkaview.security.expiry import days_left
from kafkaview.security.matrix import OPERATIONS, Right, Row
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.security.words import certificate_mark, certificate_state, said
from kafkaview.words import iso, minute, number, size

_RIGHT = {
    Right.ALLOWED: (Mark.OK, "allowed"),
    Right.INHERITED: (Mark.IDLE, "inherited"),
    Right.DENIED: (Mark.BAD, "denied"),
    Right.NONE: (None, "no"),
    Right.UNKNOWN: (Mark.UNKNOWN, "unknown"),
}
_NO_LIMIT = "none"
_LIMITS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "producer_byte_rate": ("Produce", lambda value: f"{size(round(value))}/s"),
    "consumer_byte_rate": ("Fetch", lambda value: f"{size(round(value))}/s"),
    "request_percentage": ("Request time", lambda value: f"{value:g} %"),
    "controller_mutation_rate": ("Mutations", lambda value: f"{value:g}/s"),
    "connection_creation_rate": ("Connections", lambda value: f"{value:g}/s"),
}
_TONES = {Mark.BAD: "bad_text", Mark.WARN: "warn_text"}


def pattern_text(acl: Acl) -> str:
    """`orders*` is a prefix."""
    return f"{acl.name}*" if acl.pattern is PatternType.PREFIXED else acl.name


def _permission_mark(acl: Acl) -> Mark:
    marks = {Permission.ALLOW: Mark.OK, Permission.DENY: Mark.BAD}
    return marks.get(acl.permission, Mark.UNKNOWN)


def _broker(row: ListenerCertificate) -> str:
    return str(row.broker_id) if row.broker_id >= 0 else "not told"


ACLS: tuple[Column[Acl], ...] = (
    Column(
        "",
        lambda acl: acl.permission.name,
        mark=_permission_mark,
        width=36,
        align=Align.CENTER,
        tip=lambda acl: "denies" if acl.permission is Permission.DENY else "allows",
    ),
    Column("Principal", lambda acl: acl.principal, strong=True, width=180, elide_middle=True),
    Column(
        "Permission",
        lambda acl: acl.permission.name,
        width=96,
        tone=lambda acl: "bad_text" if acl.permission is Permission.DENY else None,
    ),
    Column("Operation", lambda acl: acl.operation.name, width=150),
    Column("Resource", lambda acl: acl.resource_type.name, width=140),
    Column("Name", pattern_text, width=160, stretch=True, mono=True, elide_middle=True),
    Column(
        "From host",
        lambda acl: "any" if acl.host == ANY_HOST else acl.host,
        width=110,
        italic=lambda acl: acl.host == ANY_HOST,
    ),
)

USERS: tuple[Column[ScramCredential], ...] = (
    Column("User", lambda row: row.user, strong=True, width=200, stretch=True, elide_middle=True),
    Column("Mechanism", lambda row: row.mechanism.word, width=180),
    Column("Iterations", lambda row: row.iterations, align=Align.RIGHT, width=120),
)

TOKENS: tuple[Column[DelegationToken], ...] = (
    Column("Token", lambda row: row.token_id, mono=True, width=200, stretch=True, elide_middle=True),
    Column("Owner", lambda row: row.owner, strong=True, width=150),
    Column("Asked for by", lambda row: row.requester, width=140),
    Column(
        "Renewed by",
        lambda row: ", ".join(row.renewers) or "nobody else",
        width=140,
        italic=lambda row: not row.renewers,
    ),
    Column(
        "Expires",
        lambda row: row.expires_at_ms,
        text=lambda row: minute(row.expires_at_ms),
        align=Align.RIGHT,
        width=140,
        tip=lambda row: iso(row.expires_at_ms),
    ),
    Column(
        "Ends for good",
        lambda row: row.ends_at_ms,
        text=lambda row: minute(row.ends_at_ms),
        align=Align.RIGHT,
        width=140,
        tip=lambda row: iso(row.ends_at_ms),
    ),
)


def matrix_columns(type_: ResourceType) -> tuple[Column[Row], ...]:
    """Principals against the operations of one type of resource."""
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
    told = said(row.cells[place].answer)
    return "\n".join(line for line in (f"{told.word}. {told.because}", told.rule, told.more) if line)


def quota_columns() -> tuple[Column[Quota], ...]:
    """Limits by entity. A limit that is not set is known to be absent: none."""
    return (
        Column("For", lambda row: entity_text(row.entity), strong=True, width=190, stretch=True, elide_middle=True),
        *(_limit(key, title, written) for key, (title, written) in _LIMITS.items()),
        Column(
            "Other limits",
            _other_limits,
            width=130,
            italic=lambda row: _other_limits(row) == _NO_LIMIT,
        ),
    )


def _other_limits(row: Quota) -> str:
    """A newer Kafka may know limits that have no column here."""
    others = [f"{key} {limit:g}" for key, limit in sorted(row.limits.items()) if key not in _LIMITS]
    return ", ".join(others) or _NO_LIMIT


def _limit(key: str, title: str, written: Callable[[float], str]) -> Column[Quota]:
    return Column(
        title,
        lambda row: row.limits.get(key, math.inf),
        text=lambda row: written(row.limits[key]) if key in row.limits else _NO_LIMIT,
        align=Align.RIGHT,
        width=112,
        italic=lambda row: key not in row.limits,
        tip=lambda row: f"{key}: {row.limits[key]:g}" if key in row.limits else f"{key} is not set",
    )


def certificate_columns(now_ms: Callable[[], int]) -> tuple[Column[ListenerCertificate], ...]:
    """What each listener shows, and how long it lasts."""
    return (
        Column(
            "",
            lambda row: certificate_mark(row, now_ms()).value,
            mark=lambda row: certificate_mark(row, now_ms()),
            width=36,
            align=Align.CENTER,
            tip=lambda row: certificate_state(row, now_ms()),
        ),
        Column("Broker", lambda row: row.broker_id, text=_broker, width=76),
        Column("Listener", lambda row: row.listener, width=110),
        Column("Address", lambda row: f"{row.host}:{row.port}", mono=True, width=230, elide_middle=True),
        Column(
            "Days left",
            lambda row: days_left(row.not_after_ms, now_ms()),
            text=lambda row: number(days_left(row.not_after_ms, now_ms())),
            align=Align.RIGHT,
            width=90,
            tone=lambda row: _TONES.get(certificate_mark(row, now_ms())),
            unknown=lambda row: certificate_state(row, now_ms()),
            tip=lambda row: iso(row.not_after_ms),
        ),
        Column(
            "Subject",
            lambda row: row.subject or certificate_state(row, now_ms()),
            width=180,
            stretch=True,
            italic=lambda row: row.subject is None,
            tip=lambda row: ", ".join(row.names) or (row.subject or certificate_state(row, now_ms())),
        ),
        Column("Issuer", lambda row: row.issuer, width=170, unknown=lambda row: certificate_state(row, now_ms())),
        Column("TLS", lambda row: row.tls_version, width=80, unknown=lambda row: certificate_state(row, now_ms())),
    )


def by_days(rows: Sequence[ListenerCertificate], now_ms: int) -> list[ListenerCertificate]:
    """What ends first comes first; then listeners that showed none, then plain ones."""

    def urgency(row: ListenerCertificate) -> tuple[bool, bool, int, int, str]:
        left = days_left(row.not_after_ms, now_ms)
        return (row.plain, left is None, left or 0, row.broker_id, row.listener)

    return sorted(rows, key=urgency)
