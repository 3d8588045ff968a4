"""The port over security for real brokers, implemented with kafka-python's requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from kafka.protocol.admin import DescribeClusterRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable, UnsupportedByBroker
from kafkaview.cluster.kafka import acls as acl_requests
from kafkaview.cluster.kafka import certificates as certificate_requests
from kafkaview.cluster.kafka import delegation_tokens as token_requests
from kafkaview.cluster.kafka import quotas as quota_requests
from kafkaview.cluster.kafka import scram as scram_requests
from kafkaview.cluster.kafka.configurations import values_of_broker
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import (
    CLUSTER_NAME,
    Acl,
    DelegationToken,
    IssuedToken,
    ListenerCertificate,
    NewScramCredential,
    NewToken,
    Operation,
    Quota,
    QuotaEntity,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.profiles.security import Protocol
from kafkaview.terms import ClusterInfo

_LISTS_OPERATIONS: Final = 1  # the newest version of DescribeCluster whose list kafka-python reads
_SUPER_USERS: Final = "super.users"
_ALLOW_EVERYONE: Final = "allow.everyone.if.no.acl.found"


class KafkaSecurity:
    """ACLs, users, quotas, tokens and certificates over one open connection."""

    def __init__(
        self, wire: BrokerRequests, protocol: Protocol, described: Callable[[], Awaitable[ClusterInfo]], limit: Limit
    ) -> None:
        self._wire = wire
        self._protocol = protocol
        self._described = described
        self._limit = limit

    async def acls(self) -> tuple[Acl, ...]:
        """Returns every ACL."""
        return await acl_requests.list_acls(self._wire)

    async def create_acls(self, acls: Sequence[Acl]) -> None:
        """Creates ACLs."""
        await acl_requests.create(self._wire, acls)

    async def delete_acls(self, acls: Collection[Acl]) -> None:
        """Deletes exactly these ACLs."""
        await acl_requests.delete(self._wire, acls)

    async def super_users(self) -> tuple[str, ...] | None:
        """Returns the principals of `super.users`, which is mostly unknown. A broker treats a setting outside Kafka's
        own list as sensitive and hides its value.
        """
        known, value = await self._read_setting(_SUPER_USERS)
        if not known:
            return None
        return tuple(filter(None, (name.strip() for name in (value or "").split(";"))))

    async def allow_everyone_if_no_acl(self) -> bool | None:
        """Returns the setting; False where it is not set."""
        known, value = await self._read_setting(_ALLOW_EVERYONE)
        return (value or "").strip().lower() == "true" if known else None

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """Returns every SCRAM credential."""
        return await scram_requests.list_credentials(self._wire)

    async def set_scram(self, credential: NewScramCredential) -> None:
        """Creates or replaces one SCRAM credential."""
        await scram_requests.upsert(self._wire, credential)

    async def delete_scram(self, user: str, mechanism: ScramMechanism) -> None:
        """Deletes one SCRAM credential."""
        await scram_requests.delete(self._wire, user, mechanism)

    async def quotas(self) -> tuple[Quota, ...]:
        """Returns every client quota."""
        return await quota_requests.list_quotas(self._wire)

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Sets limits of one entity."""
        await quota_requests.alter(self._wire, entity, limits)

    async def validate_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Asks the broker whether the limits may be set."""
        await quota_requests.alter(self._wire, entity, limits, validate_only=True)

    async def missing_rights(self, *operations: Operation) -> tuple[ClusterError, ...]:
        """Reads the authorized operations that a broker lists; it lists none without DESCRIBE."""
        request = DescribeClusterRequest(include_cluster_authorized_operations=True, max_version=_LISTS_OPERATIONS)
        try:
            answer = await self._wire.send_any(request, "asking what may be done to the cluster")
        except UnsupportedByBroker:
            return ()
        allowed = answer.authorized_operations
        if not allowed or any(operation.code in allowed for operation in operations):
            return ()
        right = f"{operations[0].name} on Cluster {CLUSTER_NAME}"
        return (NotAuthorized(f"The right {right} is missing", f"Ask for the right {right}."),)

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """Returns the delegation tokens."""
        return await token_requests.list_tokens(self._wire)

    async def create_token(self, new: NewToken) -> IssuedToken:
        """Creates a token."""
        return await token_requests.create(self._wire, new)

    async def renew_token(self, token_id: str, period_ms: int | None = None) -> int:
        """Renews a token."""
        return await token_requests.renew(self._wire, token_id, period_ms)

    async def expire_token(self, token_id: str) -> None:
        """Expires a token at once."""
        await token_requests.expire(self._wire, token_id)

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """Returns the certificate of every listener of every broker."""
        brokers = (await self._described()).brokers
        return await certificate_requests.read_certificates(self._wire, brokers, self._protocol, self._limit)

    async def _read_setting(self, name: str) -> tuple[bool, str | None]:
        """Returns whether a broker shows the setting, and its value (None: not set)."""
        for broker in await self._wire.broker_ids():
            try:
                settings = await values_of_broker(self._wire, broker, (name,))
            except Unreachable:
                continue
            except ClusterError:
                return False, None
            return name not in settings or settings[name] is not None, settings.get(name)
        return False, None
