"""A connection as a client.properties file for other clients: everything but the secrets, each with its place named."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from kafkaview.profiles import jaas
from kafkaview.profiles.https_trust import OF_REGISTRY
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties_file import property_line
from kafkaview.profiles.required_secrets import WORDS, used
from kafkaview.profiles.security import Certificate, Mechanism, OAuth, Sasl, SecretField, Tls, WebTrust

_KEY: Final = re.compile(r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.*?-----END (?P=kind)-----\n?", re.DOTALL)
_OURS: Final = (
    *("read.only", "schema.registry.url"),
    *("zookeeper.connect", "zookeeper.ssl.client.enable", "zookeeper.sasl.username"),
)
_JAVA_SECRETS: Final = {
    SecretField.SASL_PASSWORD: 'password="..." in sasl.jaas.config, before its semicolon',
    SecretField.OAUTH_CLIENT_SECRET: 'clientSecret="..." in sasl.jaas.config, before its semicolon',
    SecretField.KEY_PASSPHRASE: "ssl.key.password",
    SecretField.KEYSTORE_PASSWORD: "ssl.keystore.password",
    SecretField.TRUSTSTORE_PASSWORD: "ssl.truststore.password",
    SecretField.REGISTRY_PASSWORD: "basic.auth.user.info, as USER:PASSWORD",
    SecretField.ZOOKEEPER_PASSWORD: "zookeeper.sasl.password",
}
_LIBRDKAFKA_SECRETS: Final = _JAVA_SECRETS | {
    SecretField.SASL_PASSWORD: "sasl.password",
    SecretField.OAUTH_CLIENT_SECRET: "sasl.oauthbearer.client.secret",
}
_JAVA_NAMES: Final = {"ssl.key.pem": "ssl.keystore.key"}
_JAVA_STORES: Final = {
    "ssl.ca.location": ("truststore", "PEM", "ssl.truststore.location"),
    "ssl.ca.pem": ("truststore", "PEM", "ssl.truststore.certificates"),
    "ssl.truststore.location": ("truststore", "PKCS12", "ssl.truststore.location"),
    "ssl.certificate.location": ("keystore", "PEM", "ssl.keystore.location"),
    "ssl.certificate.pem": ("keystore", "PEM", "ssl.keystore.certificate.chain"),
    "ssl.keystore.location": ("keystore", "PKCS12", "ssl.keystore.location"),
}
_JAVA_WEB: Final = {"https.ca.location": "ssl.truststore.location", "https.ca.pem": "ssl.truststore.certificates"}
_IN_JAAS: Final = (
    "sasl.username",
    "sasl.kerberos.principal",
    "sasl.kerberos.keytab",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.extensions",
)


class Spelling(StrEnum):
    """Whose names a file is written in."""

    JAVA = "java"
    LIBRDKAFKA = "librdkafka"


def settings_of(profile: ConnectionProfile) -> dict[str, str]:
    """Every setting under one name, librdkafka's where it has one; `clientsettings.connection` reads it back."""
    given = {
        "bootstrap.servers": profile.bootstrap,
        "security.protocol": profile.security.protocol.value,
        **(_tls(profile.security.tls) if profile.uses_tls else {}),
        **(_sasl(profile.security.sasl) if profile.security.sasl else {}),
        **(_web(profile.security.web) if profile.uses_https else {}),
        **profile.settings,
        "read.only": "true" if profile.read_only else None,
        "zookeeper.connect": profile.zookeeper,
        "zookeeper.ssl.client.enable": "true" if profile.zookeeper_tls else None,
        "zookeeper.sasl.username": profile.zookeeper_user,
    }
    registry = profile.schema_registry
    if registry is not None:
        given["schema.registry.url"] = registry.url
        given["basic.auth.user.info"] = f"{registry.user}:" if registry.user else None
    return {name: value for name, value in given.items() if value is not None}


def export(profile: ConnectionProfile, spelling: Spelling = Spelling.JAVA) -> str:
    """The file's text."""
    java = spelling is Spelling.JAVA
    lines = [f"# {' '.join(profile.name.split())}, from kafkaview. Its secrets are not in this file."]
    given = settings_of(profile)
    given.pop("basic.auth.user.info", None)
    for name, value in _java(profile, given) if java else given.items():
        lines += _lines(name, value, java=java)
    places = _JAVA_SECRETS if java else _LIBRDKAFKA_SECRETS
    lines += [f"# The {WORDS[field]} belongs here: {places[field]}" for field in used(profile)]
    return "\n".join(lines) + "\n"


def _lines(name: str, value: str, *, java: bool) -> Iterator[str]:
    line = property_line(name, value, ascii_only=java)
    if java and name == "ssl.key.location":
        yield "# Java reads certificate and key from one PEM file: join them, and name it as ssl.keystore.location."
    if not java and name == "ssl.truststore.location":
        command = f"openssl pkcs12 -in {shlex.quote(value)} -nokeys -out ca.pem"
        yield f"# librdkafka reads PEM alone: {command}, then ssl.ca.location=ca.pem"
        line = f"# {line}"
    if not java and name in _OURS:  # an unknown name stops a client of librdkafka
        line = f"# {line}"
    yield line


def _tls(tls: Tls) -> dict[str, str | None]:
    own = tls.certificate or Certificate()
    key = _KEY.search(own.pem or "")
    return {
        "ssl.ca.location": tls.ca_file,
        "ssl.ca.pem": tls.ca_pem,
        "ssl.truststore.location": tls.truststore_file,
        "ssl.certificate.location": own.certificate_file,
        "ssl.key.location": own.key_file,
        "ssl.certificate.pem": _KEY.sub("", own.pem) if own.pem else None,
        "ssl.key.pem": key[0] if key else None,
        "ssl.keystore.location": own.pkcs12_file,
        "ssl.endpoint.identification.algorithm": None if tls.verify_hostname else "none",
    }


def _web(web: WebTrust) -> dict[str, str | None]:
    return {"https.ca.location": web.ca_file, "https.ca.pem": web.ca_pem}


def _sasl(sasl: Sasl) -> dict[str, str | None]:
    made: dict[str, str | None] = {"sasl.mechanism": sasl.mechanism.value, "sasl.username": sasl.username}
    if sasl.oauth is not None:
        made |= {
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.token.endpoint.url": sasl.oauth.token_endpoint,
            "sasl.oauthbearer.client.id": sasl.oauth.client_id,
            "sasl.oauthbearer.scope": sasl.oauth.scope,
            "sasl.oauthbearer.extensions": ",".join(f"{key}={value}" for key, value in sasl.oauth.extensions.items())
            or None,
        }
    if sasl.kerberos is not None:
        made |= {
            "sasl.kerberos.service.name": sasl.kerberos.service_name,
            "sasl.kerberos.principal": sasl.kerberos.principal,
            "sasl.kerberos.keytab": sasl.kerberos.keytab,
        }
    return made


def _java(profile: ConnectionProfile, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The same in Java's names."""
    for name, value in given.items():
        if name == "ssl.certificate.location" and "ssl.key.location" in given:
            yield name, value  # two files: no name of Java's is for them
        elif name in _JAVA_STORES:
            store, kind, java_name = _JAVA_STORES[name]
            yield from ((f"ssl.{store}.type", kind), (java_name, value))
        elif name in _JAVA_WEB:
            if profile.schema_registry is not None:
                yield from _java_web(name, value, OF_REGISTRY)
        elif name == "ssl.endpoint.identification.algorithm":
            yield name, ""
        elif name not in _IN_JAAS:
            yield _JAVA_NAMES.get(name, name), value
        if name == "sasl.mechanism" and profile.security.sasl is not None:
            yield "sasl.jaas.config", _jaas(profile.security.sasl, given)


def _java_web(name: str, value: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    yield from ((f"{prefix}ssl.truststore.type", "PEM"), (f"{prefix}{_JAVA_WEB[name]}", value))


def _jaas(sasl: Sasl, given: dict[str, str]) -> str:
    match sasl.mechanism:
        case Mechanism.OAUTHBEARER:
            stores = dict(pair for name in _JAVA_WEB if name in given for pair in _java_web(name, given[name]))
            return jaas.jaas_line(jaas.OAUTHBEARER, {**(_oauth_options(sasl.oauth) if sasl.oauth else {}), **stores})
        case Mechanism.GSSAPI:
            own = sasl.kerberos
            options = {"principal": own.principal, "keyTab": own.keytab} if own else {}
            made = {name: value for name, value in options.items() if value is not None}
            flags = {"useKeyTab": "true", "storeKey": "true"} if "keyTab" in made else {"useTicketCache": "true"}
            return jaas.jaas_line(jaas.KERBEROS, {**flags, **made})
        case mechanism:
            module = jaas.PLAIN if mechanism is Mechanism.PLAIN else jaas.SCRAM
            return jaas.jaas_line(module, {"username": sasl.username or ""})


def _oauth_options(oauth: OAuth) -> dict[str, str]:
    scope = {"scope": oauth.scope} if oauth.scope else {}
    extensions = {f"extension_{key}": value for key, value in oauth.extensions.items()}
    return {"clientId": oauth.client_id, **scope, **extensions}
