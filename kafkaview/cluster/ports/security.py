"""The port over security: ACLs, SCRAM users, client quotas, delegation tokens, certificates.

The enums have Kafka's own names, and their protocol codes in `code` (AclOperation.java, ResourceType.java,
PatternType.java, AclPermissionType.java of 4.4.0). A code that is not known here becomes UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from kafkaview.cluster.errors import ClusterError

CLUSTER_NAME: Final = "kafka-cluster"  # the name of the one resource of type CLUSTER
ANY_NAME: Final = "*"  # a LITERAL pattern of this name fits every resource of its type
LEAST_ITERATIONS: Final = 4096  # what ScramControlManager.java of 4.4.0 takes
MOST_ITERATIONS: Final = 16384
ANY_HOST: Final = "*"
ANY_PRINCIPAL: Final = "User:*"


class _Coded(Enum):
    """A protocol enum: Kafka's name and its code."""

    @property
    def code(self) -> int:
        """Returns the number in the protocol."""
        return int(self.value)


class ResourceType(_Coded):
    """The type of resource that an ACL is about."""

    UNKNOWN = 0
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    DELEGATION_TOKEN = 6
    USER = 7


class PatternType(_Coded):
    """How an ACL's name is compared with a resource's."""

    UNKNOWN = 0
    LITERAL = 3
    PREFIXED = 4


class Operation(_Coded):
    """The operation that an ACL allows or denies."""

    UNKNOWN = 0
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class Permission(_Coded):
    """Whether an ACL allows or denies."""

    UNKNOWN = 0
    DENY = 2
    ALLOW = 3


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that ACLs are about: a topic, a group, the cluster, by its name."""

    type: ResourceType
    name: str

    def __str__(self) -> str:
        return f"{self.type.name} {self.name}"


@dataclass(frozen=True, slots=True)
class Acl:
    """One access control list entry: `principal` (`User:alice`), from `host` (`*` is anywhere)."""

    resource_type: ResourceType
    name: str
    pattern: PatternType
    principal: str
    host: str
    operation: Operation
    permission: Permission


class ScramMechanism(_Coded):
    """`SCRAM-SHA-256` or `SCRAM-SHA-512` (KIP-554)."""

    UNKNOWN = 0
    SCRAM_SHA_256 = 1
    SCRAM_SHA_512 = 2

    @property
    def word(self) -> str:
        """Returns the name as `sasl.mechanism` spells it."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class ScramCredential:
    """One mechanism of a SCRAM user. A broker never returns salt and keys; `error` is why it describes none."""

    user: str
    mechanism: ScramMechanism
    iterations: int | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QuotaEntity:
    """The users, clients or addresses that a client quota applies to. A name of None is the default of its type; a type
    left out is no part of the entity.
    """

    parts: tuple[tuple[str, str | None], ...]  # ("user" | "client-id" | "ip", name)


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one entity: `producer_byte_rate`, `consumer_byte_rate`, `request_percentage`, ... (KIP-546)."""

    entity: QuotaEntity
    limits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DelegationToken:
    """A delegation token without its HMAC. Times in Unix milliseconds."""

    token_id: str
    owner: str
    requester: str
    renewers: tuple[str, ...]
    issued_at_ms: int
    expires_at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True)
class NewToken:
    """A delegation token to be created. Without an owner it is the principal's own (with one: KIP-373, Kafka 3.3).
    `life_ms` is its maximum life, renewals included; None: as long as the brokers allow.
    """

    owner: str | None = None
    renewers: tuple[str, ...] = ()
    life_ms: int | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its secret: `hmac`, in base64, is the password of a SCRAM login whose user is the token's id."""

    token: DelegationToken
    hmac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListenerCertificate:
    """The certificate of one listener of one broker; `error` in words where it could not be read.

    `plain` listeners have no certificate by design.
    """

    broker_id: int
    listener: str
    host: str
    port: int
    plain: bool = False
    subject: str | None = None
    issuer: str | None = None
    names: tuple[str, ...] = ()
    not_after_ms: int | None = None
    tls_version: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class NewScramCredential:
    """A password to be set. It is salted and hashed here (RFC 5802) and kept nowhere."""

    user: str
    mechanism: ScramMechanism
    iterations: int
    password: str = field(repr=False)


class SecurityPort(Protocol):
    """The port over security. Every method raises NotAuthorized with the missing right in its hint."""

    async def acls(self) -> tuple[Acl, ...]:
        """Returns every ACL, ordered by resource, then principal. Raises RefusedByPolicy where no authorizer is
        configured (SECURITY_DISABLED). Needs DESCRIBE on the cluster.
        """
        ...

    async def create_acls(self, acls: Sequence[Acl]) -> None:
        """Creates ACLs; those that exist already are no error. A write. Needs ALTER on the cluster."""
        ...

    async def delete_acls(self, acls: Collection[Acl]) -> None:
        """Deletes exactly these ACLs; one that is gone already is no error. A write."""
        ...

    async def super_users(self) -> tuple[str, ...] | None:
        """Returns `super.users` as far as a broker's configuration shows it; None where it may not be read."""
        ...

    async def allow_everyone_if_no_acl(self) -> bool | None:
        """Returns `allow.everyone.if.no.acl.found`; None where it may not be read."""
        ...

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """Returns every SCRAM credential, ordered by user. Needs DESCRIBE on the cluster."""
        ...

    async def set_scram(self, credential: NewScramCredential) -> None:
        """Creates or replaces one credential of a user. A write. Needs ALTER on the cluster."""
        ...

    async def delete_scram(self, user: str, mechanism: ScramMechanism) -> None:
        """Deletes one credential of a user. A write."""
        ...

    async def quotas(self) -> tuple[Quota, ...]:
        """Returns every client quota. Needs DESCRIBE_CONFIGS on the cluster."""
        ...

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Sets limits of one entity; None removes one. A write. Needs ALTER_CONFIGS on the cluster."""
        ...

    async def validate_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Raises the errors of `set_quota`, and sets nothing (AlterClientQuotas with validateOnly)."""
        ...

    async def missing_rights(self, *operations: Operation) -> tuple[ClusterError, ...]:
        """Returns NotAuthorized where the principal may do none of these operations on the cluster. None where it may,
        and where that is unknown: without DESCRIBE on the cluster, and before Kafka 2.8.
        """
        ...

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """Returns the delegation tokens that the principal may see. Raises UnsupportedByBroker where they are switched
        off.
        """
        ...

    async def create_token(self, new: NewToken) -> IssuedToken:
        """Creates a delegation token. A write. A token for another owner needs CREATE_TOKENS on that user."""
        ...

    async def renew_token(self, token_id: str, period_ms: int | None = None) -> int:
        """Renews a token for so long from now (None: the brokers' default), at most to the end of its life. Returns the
        new expiry in Unix milliseconds. A write, for its owner and its renewers only.
        """
        ...

    async def expire_token(self, token_id: str) -> None:
        """Expires a token at once. A write, for its owner and its renewers only."""
        ...

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """Returns the certificate of every advertised listener of every broker, as far as the brokers' configuration
        names them; else of the listener that the profile connects to. Makes a TLS handshake each, no login.
        """
        ...
