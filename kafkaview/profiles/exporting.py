"""A connection as a client.properties file for other clients: everything but the secrets, each with its place named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from kafkaview.command_words import shell_word
from kafkaview.profiles import fields
from kafkaview.profiles.assembly import value_at
from kafkaview.profiles.connection_field import ConnectionField
from kafkaview.profiles.https_trust import OF_REGISTRY
from kafkaview.profiles.jaas import jaas_line
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties_file import property_line
from kafkaview.profiles.required_secrets import find_used_secrets
from kafkaview.profiles.security import Sasl

_KEY: Final = re.compile(r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.*?-----END (?P=kind)-----\n?", re.DOTALL)
_STORES: Final = {
    "ca_file": ("truststore", "PEM"),
    "ca_pem": ("truststore", "PEM"),
    "truststore_file": ("truststore", "PKCS12"),
    "certificate_file": ("keystore", "PEM"),
    "certificate_pem": ("keystore", "PEM"),
    "pkcs12_file": ("keystore", "PKCS12"),
}
_WEB: Final = ("web_ca_file", "web_ca_pem")


class Spelling(StrEnum):
    """Whose names a file is written in."""

    JAVA = "java"
    LIBRDKAFKA = "librdkafka"


def settings_of(profile: ConnectionProfile) -> dict[str, str]:
    """Returns every setting once, by librdkafka's name where it has one; `client_settings.connection` reads it back."""
    made: dict[str, str] = {}
    for row in _exported_fields(profile):
        made |= _settings(row, value_at(profile, row.path))
    registry = profile.schema_registry
    if registry is not None and registry.user:
        made["basic.auth.user.info"] = f"{registry.user}:"
    return made


def export(profile: ConnectionProfile, spelling: Spelling = Spelling.JAVA) -> str:
    """Returns the file's text."""
    java = spelling is Spelling.JAVA
    lines = [f"# {' '.join(profile.name.split())}, from kafkaview. Its secrets are not in this file."]
    for row in _exported_fields(profile):
        settings = _settings(row, value_at(profile, row.path))
        for name, value in _java(profile, row, settings) if java else settings.items():
            lines += _lines(row, name, value, java=java)
    for secret in find_used_secrets(profile):
        row = fields.field_named(secret)
        lines.append(f"# The {row.word} belongs here: {row.java_place if java else row.names[0]}")
    return "\n".join(lines) + "\n"


def _exported_fields(profile: ConnectionProfile) -> list[ConnectionField]:
    """Returns the rows that are client settings and mean something in this profile, our own last."""
    idle = (() if profile.uses_tls else ("security.tls.",)) + (() if profile.uses_https else ("security.web.",))
    rows = (row for row in fields.FIELDS if row.stored and row.secret is None and (row.names or row.path == "settings"))
    return sorted((row for row in rows if not row.path.startswith(("settings.", *idle))), key=lambda row: row.ours)


def _settings(row: ConnectionField, value: Any) -> dict[str, str]:
    """Returns the settings of one field; a pasted certificate and its key are two."""
    if value is None or value == {} or row.is_default(value):
        return {}
    if row.name == "certificate_pem":
        key = _KEY.search(value)
        return {row.names[0]: _KEY.sub("", value), **({"ssl.key.pem": key[0]} if key else {})}
    if row.path == "settings":
        return dict(value)
    if row.name == "mechanism":
        return {row.names[0]: value, **MECHANISMS[value].constants()}
    if isinstance(value, bool):
        return {row.names[0]: row.exported_flag}
    if isinstance(value, Mapping):
        return {row.names[0]: ",".join(f"{key}={text}" for key, text in value.items())}
    return {row.names[0]: str(value)}


def _lines(row: ConnectionField, name: str, value: str, *, java: bool) -> Iterator[str]:
    line = property_line(name, value, ascii_only=java)
    if java and row.name == "key_file":
        yield "# Java reads certificate and key from one PEM file: join them, and name it as ssl.keystore.location."
    if not java and row.name == "truststore_file":
        command = f"openssl pkcs12 -in {shell_word(value)} -nokeys -out ca.pem"
        yield f"# librdkafka reads PEM alone: {command}, then ssl.ca.location=ca.pem"
        line = f"# {line}"
    if not java and row.ours:  # an unknown name stops a client of librdkafka
        line = f"# {line}"
    yield line


def _java(profile: ConnectionProfile, row: ConnectionField, settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Returns the settings of one field in Java's names."""
    certificate, sasl = profile.security.tls.certificate, profile.security.sasl
    for name, value in settings.items():
        if row.name == "certificate_file" and certificate is not None and certificate.key_file:
            yield name, value  # two files: no name of Java's is for them
        elif name == "ssl.key.pem":
            yield "ssl.keystore.key", value
        elif row.name in _STORES:
            store, kind = _STORES[row.name]
            yield from ((f"ssl.{store}.type", kind), (row.java_name or name, value))
        elif row.name in _WEB and profile.schema_registry is not None:
            yield from _java_web(row, value, OF_REGISTRY)
        elif row.name == "mechanism" and sasl is not None and name in row.names:
            yield from ((name, value), ("sasl.jaas.config", _jaas(profile, sasl)))
        elif row.name == "verify_hostname":
            yield name, ""
        elif not row.in_jaas and row.name not in ("mechanism", *_WEB):
            yield name, value


def _java_web(row: ConnectionField, value: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    yield from ((f"{prefix}ssl.truststore.type", "PEM"), (f"{prefix}{row.java_name}", value))


def _jaas(profile: ConnectionProfile, sasl: Sasl) -> str:
    login = MECHANISMS[sasl.mechanism]
    stores: dict[str, str] = {}
    if login.takes_token:  # its endpoint's certificate is trusted by stores within the entry
        for row in map(fields.field_named, _WEB):
            value = value_at(profile, row.path)
            stores |= dict(_java_web(row, value)) if value is not None and profile.uses_https else {}
    return jaas_line(login.java_module, {**login.jaas_options(sasl), **stores})
