"""The fields of the lists of rights: ACLs, users, quotas, tokens, certificates, for the window and the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from kafkaview.cluster.ports.security import (
    ANY_HOST,
    Acl,
    DelegationToken,
    ListenerCertificate,
    PatternType,
    Quota,
    QuotaEntity,
    ScramCredential,
)
from kafkaview.fields import FieldKind, RowField
from kafkaview.security.expiry import certificate_state, days_left
from kafkaview.words import size

NO_LIMIT: Final = "none"
LIMITS: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "producer_byte_rate": ("Produce", lambda value: f"{size(round(value))}/s"),
    "consumer_byte_rate": ("Fetch", lambda value: f"{size(round(value))}/s"),
    "request_percentage": ("Request time", lambda value: f"{value:g} %"),
    "controller_mutation_rate": ("Mutations", lambda value: f"{value:g}/s"),
    "connection_creation_rate": ("Connections", lambda value: f"{value:g}/s"),
}


def pattern_text(acl: Acl) -> str:
    """Returns a resource's pattern as text: `orders*` is a prefix."""
    return f"{acl.name}*" if acl.pattern is PatternType.PREFIXED else acl.name


ACL_FIELDS: Final[tuple[RowField[Acl], ...]] = (
    RowField("resource_type", lambda acl: acl.resource_type.name, "Resource", width=140),
    RowField("name", lambda acl: acl.name, "Name", shown=pattern_text, width=160),
    RowField("pattern", lambda acl: acl.pattern.name, "Pattern"),
    RowField("principal", lambda acl: acl.principal, "Principal", width=180),
    RowField(
        "host",
        lambda acl: acl.host,
        "From host",
        text=lambda host: "any" if host == ANY_HOST else host,
        width=110,
    ),
    RowField("operation", lambda acl: acl.operation.name, "Operation", width=150),
    RowField("permission", lambda acl: acl.permission.name, "Permission", width=96),
)


def mechanism_text(row: ScramCredential) -> str:
    """Returns `SCRAM-SHA-256`, or why the broker names no mechanism."""
    return row.error or row.mechanism.word


USER_FIELDS: Final[tuple[RowField[ScramCredential], ...]] = (
    RowField("user", lambda row: row.user, "User", width=200),
    RowField("mechanism", lambda row: row.mechanism.name, "Mechanism", shown=mechanism_text, width=180),
    RowField("iterations", lambda row: row.iterations, "Iterations", FieldKind.COUNT, width=120),
    RowField("error", lambda row: row.error),
)


def entity_text(entity: QuotaEntity) -> str:
    """Returns `user alice, client-id billing`, or `every user without an own quota` for a default."""
    return ", ".join(f"{kind} {name}" if name else f"every {kind} without an own quota" for kind, name in entity.parts)


def other_limits(row: Quota) -> str:
    """Returns the limits that have no column: a newer Kafka may know more."""
    others = [f"{key} {limit:g}" for key, limit in sorted(row.limits.items()) if key not in LIMITS]
    return ", ".join(others) or NO_LIMIT


def _limit_field(key: str, title: str, written: Callable[[float], str]) -> RowField[Quota]:
    """Returns the field of a limit. One that is not set is no limit, and so sorts as the highest."""
    return RowField(
        key,
        lambda row: row.limits.get(key, math.inf),
        title,
        FieldKind.COUNT,
        text=lambda limit: NO_LIMIT if limit == math.inf else written(limit) if math.isfinite(limit) else str(limit),
        width=112,
        json=False,
    )


QUOTA_FIELDS: Final[tuple[RowField[Quota], ...]] = (
    RowField("entity", lambda row: dict(row.entity.parts), "For", shown=lambda row: entity_text(row.entity), width=190),
    RowField("limits", lambda row: dict(row.limits)),
    *(_limit_field(key, title, written) for key, (title, written) in LIMITS.items()),
    RowField("other_limits", other_limits, "Other limits", width=130, json=False),
)


def token_fields(now_ms: Callable[[], int]) -> tuple[RowField[DelegationToken], ...]:
    """Returns the fields of delegation tokens; without its HMAC, which no broker tells again."""
    return (
        RowField("token_id", lambda row: row.token_id, "Token", width=200),
        RowField("owner", lambda row: row.owner, "Owner", width=150),
        RowField("requester", lambda row: row.requester, "Asked for by", width=140),
        RowField(
            "renewers",
            lambda row: row.renewers,
            "Renewed by",
            FieldKind.LIST,
            text=lambda renewers: ", ".join(renewers) or "nobody else",
            width=140,
        ),
        RowField("issued_at", lambda row: row.issued_at_ms, kind=FieldKind.TIME),
        RowField("expires_at", lambda row: row.expires_at_ms, "Expires", FieldKind.TIME, width=140),
        RowField("ends_at", lambda row: row.ends_at_ms, "Ends for good", FieldKind.TIME, width=140),
        RowField("days_left", lambda row: days_left(row.expires_at_ms, now_ms()), "Days left", FieldKind.COUNT),
    )


def certificate_fields(now_ms: Callable[[], int]) -> tuple[RowField[ListenerCertificate], ...]:
    """Returns the fields of what each listener shows. Where the brokers name no listeners, nobody knows whose it is."""

    def names(row: ListenerCertificate) -> Any:
        return row.names if row.subject is not None else None

    def subject(row: ListenerCertificate) -> str:
        return row.subject or certificate_state(row, now_ms())

    return (
        RowField(
            "broker_id",
            lambda row: row.broker_id if row.broker_id >= 0 else None,
            "Broker",
            FieldKind.NUMBER,
            width=76,
            unknown="the address that the connection names: the brokers did not say whose it is",
        ),
        RowField("listener", lambda row: row.listener, "Listener", width=110),
        RowField("address", lambda row: f"{row.host}:{row.port}", "Address", width=230, json=False),
        RowField("host", lambda row: row.host),
        RowField("port", lambda row: row.port),
        RowField("plain", lambda row: row.plain),
        RowField("subject", lambda row: row.subject, "Subject", shown=subject, width=180),
        RowField("issuer", lambda row: row.issuer, "Issuer", width=170),
        RowField("names", names, kind=FieldKind.LIST),
        RowField("not_after", lambda row: row.not_after_ms, "Ends", FieldKind.TIME),
        RowField(
            "days_left", lambda row: days_left(row.not_after_ms, now_ms()), "Days left", FieldKind.COUNT, width=90
        ),
        RowField("tls_version", lambda row: row.tls_version, "TLS", width=80),
        RowField("error", lambda row: row.error),
    )
