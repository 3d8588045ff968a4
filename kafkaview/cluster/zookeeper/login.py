"""The login of a profile at ZooKeeper: the TLS settings of the brokers, and SASL DIGEST-MD5."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from kafkaview.cluster.errors import UnusableProfile
from kafkaview.cluster.tls.contexts import tls_material
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets


@dataclass(frozen=True, slots=True)
class ZooKeeperLogin:
    """The login at ZooKeeper: TLS where there is a context, SASL where there is a user."""

    tls: ssl.SSLContext | None = None
    user: str | None = None
    password: str = field(default="", repr=False)

    @property
    def sasl(self) -> dict[str, Any] | None:
        """Returns the SASL options for kazoo."""
        if self.user is None:
            return None
        return {"mechanism": "DIGEST-MD5", "username": self.user, "password": self.password}


def zookeeper_login(profile: ConnectionProfile, secrets: Secrets) -> ZooKeeperLogin:
    """Reads the profile's certificates. Raises UnusableProfile where one cannot be read, or the password is missing."""
    password = secrets.get(SecretField.ZOOKEEPER_PASSWORD)
    if profile.zookeeper_user and not password:
        raise UnusableProfile(
            f"The password of {profile.zookeeper_user} at ZooKeeper is not known here.", "Give the password."
        )
    tls = tls_material(profile.security.tls, secrets).context() if profile.zookeeper_tls else None
    return ZooKeeperLogin(tls, profile.zookeeper_user, password or "")
