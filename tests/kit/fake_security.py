"""Rights in memory. Public attributes are the test's to fill and to change at any time; `failures` breaks a method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy
from kafkaview.cluster.ports.security import (
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

DAY_MS: Final = 86_400_000
NOW_MS: Final = 1_800_000_000_000  # the fake's clock stands still
LIMITS: Final = {
    "producer_byte_rate",
    "consumer_byte_rate",
    "request_percentage",
    "controller_mutation_rate",
    "connection_creation_rate",
}
HMAC: Final = b"what makes a token usable, 64 bytes long in Kafka: \x00\xff"


class FakeSecurity:
    """The port over rights without Kafka. A password is never kept, as on a broker."""

    def __init__(self) -> None:
        self.failures: dict[str, Exception] = {}  # method name: what it raises, until taken out
        self.calls: Counter[str] = Counter()
        self.denied: set[Operation] = set()  # what may not be done to the cluster
        self.rules: tuple[Acl, ...] = ()
        self.supers: tuple[str, ...] | None = ("User:admin",)
        self.everyone: bool | None = False
        self.credentials: dict[tuple[str, ScramMechanism], ScramCredential] = {}
        self.limits: dict[QuotaEntity, dict[str, float]] = {}
        self.issued: tuple[DelegationToken, ...] = ()
        self.shown: tuple[ListenerCertificate, ...] = ()

    async def acls(self) -> tuple[Acl, ...]:
        """As the port says."""
        self._asked("acls")
        return tuple(sorted(self.rules, key=lambda a: (a.resource_type.name, a.name, a.principal, a.operation.name)))

    async def create_acls(self, acls: Sequence[Acl]) -> None:
        """As the port says."""
        self._asked("create_acls")
        self.rules = tuple(dict.fromkeys((*self.rules, *acls)))

    async def delete_acls(self, acls: Collection[Acl]) -> None:
        """As the port says."""
        self._asked("delete_acls")
        self.rules = tuple(acl for acl in self.rules if acl not in acls)

    async def super_users(self) -> tuple[str, ...] | None:
        """As the port says."""
        self._asked("super_users")
        return self.supers

    async def allow_everyone_if_no_acl(self) -> bool | None:
        """As the port says."""
        self._asked("allow_everyone_if_no_acl")
        return self.everyone

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """As the port says."""
        self._asked("scram_users")
        return tuple(sorted(self.credentials.values(), key=lambda c: (c.user, c.mechanism.name)))

    async def set_scram(self, credential: NewScramCredential) -> None:
        """As the port says."""
        self._asked("set_scram")
        key = (credential.user, credential.mechanism)
        self.credentials[key] = ScramCredential(*key, credential.iterations)

    async def delete_scram(self, user: str, mechanism: ScramMechanism) -> None:
        """As the port says."""
        self._asked("delete_scram")
        self.credentials.pop((user, mechanism), None)

    async def quotas(self) -> tuple[Quota, ...]:
        """As the port says."""
        self._asked("quotas")
        return tuple(Quota(entity, dict(limits)) for entity, limits in self.limits.items())

    async def set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:
        """As the port says."""
        self._asked("set_quota")
        self._check_limits(limits)
        after = {**self.limits.get(entity, {}), **limits}
        kept = {key: limit for key, limit in after.items() if limit is not None}
        self.limits.pop(entity, None)
        if kept:
            self.limits[entity] = kept

    async def validate_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> None:  # noqa: ARG002
        """As the port says."""
        self._asked("validate_quota")
        self._check_limits(limits)

    async def missing_rights(self, *operations: Operation) -> tuple[ClusterError, ...]:
        """As the port says."""
        self._asked("missing_rights")
        if not self.denied.issuperset(operations):
            return ()
        return (NotAuthorized(f"The right {operations[0].name} on Cluster is missing", "Ask for it."),)

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """As the port says."""
        self._asked("tokens")
        return self.issued

    async def create_token(self, new: NewToken) -> IssuedToken:
        """As the port says; its HMAC is `HMAC`, its maximum a week and its first expiry a day off."""
        self._asked("create_token")
        owner = new.owner or "User:me"
        ends = NOW_MS + (7 * DAY_MS if new.life_ms is None else new.life_ms)
        expires = min(NOW_MS + DAY_MS, ends)
        made = f"token-{len(self.issued)}"
        token = DelegationToken(made, owner, "User:me", new.renewers, NOW_MS, expires, ends)
        self.issued = (*self.issued, token)
        return IssuedToken(token, HMAC)

    async def renew_token(self, token_id: str, period_ms: int | None = None) -> int:
        """As the port says; a day where nothing is said."""
        self._asked("renew_token")
        (old,) = (one for one in self.issued if one.token_id == token_id)
        expires = min(old.ends_at_ms, NOW_MS + (DAY_MS if period_ms is None else period_ms))
        self.issued = tuple(replace(one, expires_at_ms=expires) if one is old else one for one in self.issued)
        return expires

    async def expire_token(self, token_id: str) -> None:
        """As the port says."""
        self._asked("expire_token")
        self.issued = tuple(one for one in self.issued if one.token_id != token_id)

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """As the port says."""
        self._asked("certificates")
        return self.shown

    def _check_limits(self, limits: Mapping[str, float | None]) -> None:
        for key, limit in limits.items():
            if key not in LIMITS or (limit is not None and limit <= 0):
                raise RefusedByPolicy(f"setting a quota: {key} {limit}")

    def _asked(self, what: str) -> None:
        self.calls[what] += 1
        if what in self.failures:
            raise self.failures[what]
