"""Which secrets a connection uses, and which of them it cannot do without."""

from __future__ import annotations

from typing import Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Mechanism, SecretField, Secrets

WORDS: Final = {
    SecretField.SASL_PASSWORD: "password",
    SecretField.OAUTH_CLIENT_SECRET: "OAuth client secret",
    SecretField.KEY_PASSPHRASE: "passphrase of the private key",
    SecretField.KEYSTORE_PASSWORD: "password of the keystore",
    SecretField.TRUSTSTORE_PASSWORD: "password of the truststore",
    SecretField.REGISTRY_PASSWORD: "password of the schema registry",
    SecretField.ZOOKEEPER_PASSWORD: "password at ZooKeeper",
}


def used(profile: ConnectionProfile) -> tuple[SecretField, ...]:
    """The fields that mean something in this profile, whether a secret is needed there or not."""
    return (*needed(profile), *_possible(profile))


def needed(profile: ConnectionProfile) -> tuple[SecretField, ...]:
    """The fields without which the login or the registry cannot work."""
    found = []
    sasl = profile.security.sasl
    if sasl is not None and sasl.mechanism is Mechanism.OAUTHBEARER:
        found.append(SecretField.OAUTH_CLIENT_SECRET)
    elif sasl is not None and sasl.mechanism is not Mechanism.GSSAPI:
        found.append(SecretField.SASL_PASSWORD)
    if profile.schema_registry is not None and profile.schema_registry.user:
        found.append(SecretField.REGISTRY_PASSWORD)
    if profile.zookeeper is not None and profile.zookeeper_user:
        found.append(SecretField.ZOOKEEPER_PASSWORD)
    return tuple(found)


def missing(profile: ConnectionProfile, secrets: Secrets) -> tuple[SecretField, ...]:
    """What is needed and not there."""
    return tuple(field for field in needed(profile) if field not in secrets.known())


def _possible(profile: ConnectionProfile) -> tuple[SecretField, ...]:
    """A key or store may be protected or not: only its file tells."""
    found = []
    tls = profile.security.tls
    if profile.uses_tls and tls.certificate is not None:
        own = tls.certificate.pkcs12_file is not None
        found.append(SecretField.KEYSTORE_PASSWORD if own else SecretField.KEY_PASSPHRASE)
    if profile.uses_tls and tls.truststore_file is not None:
        found.append(SecretField.TRUSTSTORE_PASSWORD)
    return tuple(found)
