"""How a profile logs in: TLS and SASL, without the secrets.

Secrets are named by `SecretField` and live in the OS keyring alone (profiles/keyring.py); they travel to the clients as
a `Secrets` value, which shows nothing of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Protocol(StrEnum):
    """`security.protocol`."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self in (Protocol.SSL, Protocol.SASL_SSL)

    @property
    def sasl(self) -> bool:
        """Whether there is a login."""
        return self in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)


class SecretField(StrEnum):
    """One keyring entry each."""

    SASL_PASSWORD = "sasl_password"  # noqa: S105 - the name of a field
    OAUTH_CLIENT_SECRET = "oauth_client_secret"  # noqa: S105
    KEY_PASSPHRASE = "key_passphrase"  # noqa: S105
    KEYSTORE_PASSWORD = "keystore_password"  # noqa: S105
    TRUSTSTORE_PASSWORD = "truststore_password"  # noqa: S105
    REGISTRY_PASSWORD = "registry_password"  # noqa: S105
    ZOOKEEPER_PASSWORD = "zookeeper_password"  # noqa: S105


class Secrets:
    """The secrets of one profile while it is open. Never shown: not by repr, str, pickle or in a traceback's locals."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[SecretField, str] | None = None) -> None:
        self._values = dict(values or {})

    def get(self, name: SecretField) -> str | None:
        """Returns one secret; None if there is none."""
        return self._values.get(name)

    def fields(self) -> frozenset[SecretField]:
        """Returns the fields of all secrets."""
        return frozenset(self._values)

    def with_secret(self, name: SecretField, value: str) -> Secrets:
        """Returns a copy with one more secret."""
        return Secrets({**self._values, name: value})

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"

    def __reduce__(self) -> str:
        raise TypeError("secrets are not pickled")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate with its key (mTLS): PEM files, pasted PEM, or a PKCS12 keystore; exactly one of them.

    An encrypted key's passphrase is KEY_PASSPHRASE, a keystore's password KEYSTORE_PASSWORD. A pasted private key is a
    secret too and must be encrypted, or it is refused: it would otherwise stand in the profile's file.
    """

    certificate_file: str | None = None
    key_file: str | None = None  # None: the key is in the certificate's file
    pem: str | None = None
    pkcs12_file: str | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust and who we are. Without any CA given the system's CAs are trusted.

    `ca_file` is PEM, `truststore_file` PKCS12 (or JKS, where it can be read); its password is TRUSTSTORE_PASSWORD.
    """

    ca_file: str | None = None
    ca_pem: str | None = None
    truststore_file: str | None = None
    certificate: Certificate | None = None
    verify_hostname: bool = True


@dataclass(frozen=True, slots=True)
class WebTrust:
    """Whom the token endpoint's and the schema registry's certificates (https) may be signed by, in PEM, beside the
    system's CAs and those that the brokers are trusted by. It means something over a plain listener too.
    """

    ca_file: str | None = None
    ca_pem: str | None = None


@dataclass(frozen=True, slots=True)
class OAuth:
    """OIDC client credentials; the client's secret is OAUTH_CLIENT_SECRET."""

    token_endpoint: str
    client_id: str
    scope: str | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kerberos:
    """GSSAPI, where the platform's library has it."""

    service_name: str = "kafka"
    principal: str | None = None
    keytab: str | None = None


@dataclass(frozen=True, slots=True)
class Sasl:
    """The login. `mechanism` is the name of one of profiles/mechanisms/registry.py; `username` is for PLAIN and SCRAM
    (its password is SASL_PASSWORD).
    """

    mechanism: str
    username: str | None = None
    oauth: OAuth | None = None
    kerberos: Kerberos | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """The protocol, TLS and the login. `sasl` is set if and only if the protocol has a login."""

    protocol: Protocol = Protocol.PLAINTEXT
    tls: Tls = field(default_factory=Tls)
    sasl: Sasl | None = None
    web: WebTrust = field(default_factory=WebTrust)

    @property
    def login(self) -> str | None:
        """The name that we log in with: the user, the OAuth client or the Kerberos principal; None without a login."""
        if self.sasl is None:
            return None
        if self.sasl.oauth is not None:
            return self.sasl.oauth.client_id
        return self.sasl.username or (self.sasl.kerberos.principal if self.sasl.kerberos else None)
