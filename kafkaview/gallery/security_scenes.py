"""Invented answers for pictures of the Security page in states that a demo's cluster does not show."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    DelegationToken,
    ListenerCertificate,
    Operation,
    PatternType,
    Permission,
    Quota,
    QuotaEntity,
    ResourceType,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.security.decision import Rules
from kafkaview.ui.pages.security.parts import Part

_DAY_MS: Final = 86_400_000
_TOPIC, _GROUP, _CLUSTER = ResourceType.TOPIC, ResourceType.GROUP, ResourceType.CLUSTER


def _acl(who: str, operation: Operation, kind: ResourceType, name: str, *, deny: bool = False, host: str = "*") -> Acl:
    pattern = PatternType.PREFIXED if len(name) > 1 and name.endswith("*") else PatternType.LITERAL
    named = name[:-1] if pattern is PatternType.PREFIXED else name
    return Acl(kind, named, pattern, who, host, operation, Permission.DENY if deny else Permission.ALLOW)


_ACLS: Final = (
    _acl("User:billing", Operation.READ, _TOPIC, "orders"),
    _acl("User:billing", Operation.READ, _GROUP, "billing"),
    _acl("User:billing", Operation.WRITE, _TOPIC, "invoices*"),
    _acl("User:checkout", Operation.WRITE, _TOPIC, "orders"),
    _acl("User:checkout", Operation.DESCRIBE_CONFIGS, _TOPIC, "*"),
    _acl("User:audit", Operation.ALL, _TOPIC, "*"),
    _acl("User:audit", Operation.DELETE, _TOPIC, "orders", deny=True),
    _acl("User:intern", Operation.READ, _TOPIC, "orders", deny=True, host="10.4.0.7"),
    _acl("User:intern", Operation.READ, _TOPIC, "ord*"),
    _acl("User:oncall", Operation.DESCRIBE, _CLUSTER, CLUSTER_NAME),
    _acl("User:oncall", Operation.DESCRIBE_CONFIGS, _CLUSTER, CLUSTER_NAME),
    _acl("User:oncall", Operation.READ, _TOPIC, "*"),
    _acl("User:*", Operation.DESCRIBE, _TOPIC, "status"),
)


def make_parts() -> dict[Part, Any]:
    """Returns rules, users, quotas, tokens and certificates."""
    now = now_ms()
    return {
        Part.ACLS: Rules(_ACLS, ("User:admin",), allow_everyone=False),
        Part.USERS: (
            ScramCredential("audit", ScramMechanism.SCRAM_SHA_256, 4096),
            ScramCredential("billing", ScramMechanism.SCRAM_SHA_512, 8192),
            ScramCredential("checkout", ScramMechanism.SCRAM_SHA_512, 8192),
        ),
        Part.QUOTAS: (
            Quota(QuotaEntity((("user", "billing"),)), {"consumer_byte_rate": 10 * 2**20, "request_percentage": 50}),
            Quota(QuotaEntity((("user", None),)), {"producer_byte_rate": 2**20}),
            Quota(QuotaEntity((("ip", "10.4.0.7"),)), {"connection_creation_rate": 5}),
        ),
        Part.TOKENS: (
            DelegationToken(
                "tdzX8q4mRZ-kM1", "User:billing", "User:billing", (), now - _DAY_MS, now + _DAY_MS, now + 6 * _DAY_MS
            ),
        ),
        Part.CERTIFICATES: (
            *(_certificate(broker, days, now) for broker, days in ((11, 212), (12, 19), (13, -2))),
            ListenerCertificate(11, "PLAINTEXT", "kafka-11.orders.invalid", 9092, plain=True),
            ListenerCertificate(14, "EXTERNAL", "kafka-14.orders.invalid", 9093, error="nobody answers there"),
        ),
    }


def _certificate(broker: int, days: int, now: int) -> ListenerCertificate:
    host = f"kafka-{broker}.orders.invalid"
    ends = now + days * _DAY_MS + _DAY_MS // 2
    subject, issuer = f"CN={host}", "CN=Orders internal CA"
    return ListenerCertificate(
        broker,
        "EXTERNAL",
        host,
        9093,
        False,
        subject,
        issuer,
        (host,),
        ends,
        "TLSv1.3",
    )


def make_refusals() -> dict[Part, ClusterError]:
    """Returns the refusals for a principal without any right."""
    error = NotAuthorized("The broker does not tell you", "Ask for the right DESCRIBE on Cluster kafka-cluster.")
    return dict.fromkeys((Part.ACLS, Part.USERS, Part.QUOTAS, Part.TOKENS), error)


def make_no_authorizer() -> dict[Part, ClusterError]:
    """Returns the refusal of a cluster without an authorizer."""
    message = "Listing ACLs: this cluster has no authorizer (SECURITY_DISABLED), so everybody may do everything."
    return {Part.ACLS: RefusedByPolicy(message, "Set authorizer.class.name on every node to have ACLs.")}
