"""Rights in memory. Public attributes are the test's to fill and to change at any time; `failures` breaks a method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from kafkaview.cluster.access import (
    Acl,
    DelegationToken,
    ListenerCertificate,
    NewScramCredential,
    Quota,
    QuotaEntity,
    ScramCredential,
    ScramMechanism,
)


class FakeAccess:
    """The port over rights without Kafka. A password is never kept, as on a broker."""

    def __init__(self) -> None:
        self.failures: dict[str, Exception] = {}  # method name: what it raises, until taken out
        self.calls: Counter[str] = Counter()
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
        after = {**self.limits.get(entity, {}), **limits}
        kept = {key: limit for key, limit in after.items() if limit is not None}
        self.limits.pop(entity, None)
        if kept:
            self.limits[entity] = kept

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """As the port says."""
        self._asked("tokens")
        return self.issued

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """As the port says."""
        self._asked("certificates")
        return self.shown

    def _asked(self, what: str) -> None:
        self.calls[what] += 1
        if what in self.failures:
            raise self.failures[what]
