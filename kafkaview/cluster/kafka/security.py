"""The real cluster's rights: the port `Access`, answered on kafka-python's wire."""

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
    """Rights of one open connection."""

    def __init__(
        self, wire: BrokerRequests, protocol: Protocol, described: Callable[[], Awaitable[ClusterInfo]], limit: Limit
    ) -> None:
        self._wire = wire
        self._protocol = protocol
        self._described = described
        self._limit = limit

    async def acls(self) -> tuple[Acl, ...]:
        """Every ACL."""
        return await acl_requests.list_acls(self._wire)

    async def create_acls(self, acls: Sequence[Acl]) -> None:
        """Create them."""
        await acl_requests.create(self._wire, acls)

    async def delete_acls(self, acls: Collection[Acl]) -> None:
        """Delete exactly these."""
        await acl_requests.delete(self._wire, acls)

    async def super_users(self) -> tuple[str, ...] | None:
        """Principals of `super.users`. A broker keeps the value back where it is set at all, as it does with every
        setting that is not of Kafka's own list: so mostly nobody, or not known.
        """
        known, value = await self._read_setting(_SUPER_USERS)
        if not known:
            return None
        return tuple(filter(None, (name.strip() for name in (value or "").split(";"))))

    async def allow_everyone_if_no_acl(self) -> bool | None:
        """Not set is false."""
        known, value = await self._read_setting(_ALLOW_EVERYONE)
        return (value or "").strip().lower() == "true" if known else None

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """Every SCRAM credential."""
        return await scram_requests.list_credentials(self._wire)

    async def set_scram(self, credential: NewScramCredential) -> None:
        """Create or replace one."""
        await scram_requests.upsert(self._wire, credential)

    async def delete_scram(self, user: str, mechanism: ScramMechanism) -> None:
        """Delete one."""
        await scram_requests.delete(self._wire, user, mechanism)

    async def quotas(self) -> tuple[Quota, ...]:
        """Every client quota."""
        return await quota_requests.list_quotas(self._wire)

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Set limits of one entity."""
        await quota_requests.alter(self._wire, entity, limits)

    async def validate_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """Ask whether they may be set."""
        await quota_requests.alter(self._wire, entity, limits, validate_only=True)

    async def missing_rights(self, *operations: Operation) -> tuple[ClusterError, ...]:
        """By the operations that a broker lists: none without DESCRIBE."""
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
        """Delegation tokens."""
        return await token_requests.list_tokens(self._wire)

    async def create_token(self, new: NewToken) -> IssuedToken:
        """Make one."""
        return await token_requests.create(self._wire, new)

    async def renew_token(self, token_id: str, period_ms: int | None = None) -> int:
        """Let one last longer."""
        return await token_requests.renew(self._wire, token_id, period_ms)

    async def expire_token(self, token_id: str) -> None:
        """End one at once."""
        await token_requests.expire(self._wire, token_id)

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """Of every listener of every broker."""
        brokers = (await self._described()).brokers
        return await certificate_requests.read_certificates(self._wire, brokers, self._protocol, self._limit)

    async def _read_setting(self, name: str) -> tuple[bool, str | None]:
        """Whether one broker tells what a setting is, and its value (None: not set)."""
        for broker in await self._wire.broker_ids():
            try:
                settings = await values_of_broker(self._wire, broker, (name,))
            except Unreachable:
                continue
            except ClusterError:
                return False, None
            return name not in settings or settings[name] is not None, settings.get(name)
        return False, None
