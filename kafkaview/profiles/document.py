"""A connection as it stands in the file of saved connections: plain tables, without what has its default.

`VERSION` counts the forms of that file. A release that changes it adds what turns the form before into its own to
`MIGRATIONS`, so that every file ever written opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final

from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import Certificate, Kerberos, Mechanism, OAuth, Protocol, Sasl, Security, Tls, WebTrust

VERSION: Final = 1
Document = dict[str, Any]
# From a version to what makes the next of it, in place of the whole file's tables.
MIGRATIONS: Final[dict[int, Callable[[Document], Document]]] = {}


class WrittenByLaterRelease(Exception):
    """Sound, but not to be understood here, and so not to be written."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}")
        self.version = version


def migrated(file: Document, *, to: int = VERSION) -> Document:
    """The file's tables in today's form. Raises ValueError where no version stands, WrittenByLaterRelease where one
    does that this release does not know.
    """
    version = file.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("it has no version")
    if version > to:
        raise WrittenByLaterRelease(version)
    while version < to:
        file = MIGRATIONS[version](file)
        version += 1
        file = {**file, "version": version}
    return file


def document_of(profile: ConnectionProfile) -> Document:
    """One connection's table."""
    security, registry = profile.security, profile.schema_registry
    return _filled(
        {
            "id": profile.id,
            "name": profile.name,
            "bootstrap": profile.bootstrap,
            "environment": profile.environment,
            "colour": profile.colour,
            "read_only": profile.read_only or None,
            "zookeeper": profile.zookeeper,
            "zookeeper_tls": profile.zookeeper_tls or None,
            "zookeeper_user": profile.zookeeper_user,
            "settings": dict(profile.settings),
            "schema_registry": _filled({"url": registry.url, "user": registry.user}) if registry else None,
            "security": _filled(
                {
                    "protocol": security.protocol,
                    "tls": _tls_document(security.tls),
                    "web": _fields(security.web),
                    "sasl": _sasl_document(security.sasl) if security.sasl else None,
                }
            ),
        }
    )


def profile_of(table: Mapping[str, Any]) -> ConnectionProfile:
    """The connection of one table. Raises ValueError or TypeError where it is none."""
    given = _Table(table)
    registry = given.table("schema_registry")
    return ConnectionProfile(
        id=given.text("id"),
        name=given.text("name"),
        bootstrap=given.text("bootstrap"),
        environment=Environment(given.text("environment", Environment.DEVELOPMENT)),
        colour=given.maybe("colour"),
        read_only=given.flag("read_only", default=False),
        zookeeper=given.maybe("zookeeper"),
        zookeeper_tls=given.flag("zookeeper_tls", default=False),
        zookeeper_user=given.maybe("zookeeper_user"),
        settings=given.texts("settings"),
        schema_registry=SchemaRegistry(registry.text("url"), registry.maybe("user")) if registry else None,
        security=_security(given.table("security")),
        saved=True,
    )


def _tls_document(tls: Tls) -> Document:
    certificate = tls.certificate
    return _filled(
        {
            "ca_file": tls.ca_file,
            "ca_pem": tls.ca_pem,
            "truststore_file": tls.truststore_file,
            "verify_hostname": None if tls.verify_hostname else False,
            "certificate": _fields(certificate) if certificate else None,
        }
    )


def _sasl_document(sasl: Sasl) -> Document:
    return _filled(
        {
            "mechanism": sasl.mechanism,
            "username": sasl.username,
            "oauth": _fields(sasl.oauth) if sasl.oauth else None,
            "kerberos": _fields(sasl.kerberos) if sasl.kerberos else None,
        }
    )


def _fields(value: Certificate | WebTrust | OAuth | Kerberos) -> Document:
    return _filled({field.name: getattr(value, field.name) for field in fields(value)})


def _filled(table: Document) -> Document:
    """Without what is not set; words of an enumeration as text."""
    return {
        name: value.value if isinstance(value, Enum) else value
        for name, value in table.items()
        if value is not None and value != {}
    }


def _security(table: _Table | None) -> Security:
    if table is None:
        return Security()
    protocol = Protocol(table.text("protocol", Protocol.PLAINTEXT))
    tls, sasl, web = table.table("tls"), table.table("sasl"), table.table("web")
    if protocol.sasl and sasl is None:
        raise ValueError("a login without its mechanism")
    return Security(
        protocol,
        _tls(tls) if tls else Tls(),
        _sasl(sasl) if sasl and protocol.sasl else None,
        WebTrust(web.maybe("ca_file"), web.maybe("ca_pem")) if web else WebTrust(),
    )


def _tls(table: _Table) -> Tls:
    own = table.table("certificate")
    return Tls(
        table.maybe("ca_file"),
        table.maybe("ca_pem"),
        table.maybe("truststore_file"),
        Certificate(*(own.maybe(field.name) for field in fields(Certificate))) if own else None,
        table.flag("verify_hostname", default=True),
    )


def _sasl(table: _Table) -> Sasl:
    oauth, kerberos = table.table("oauth"), table.table("kerberos")
    return Sasl(
        Mechanism(table.text("mechanism")),
        table.maybe("username"),
        OAuth(oauth.text("token_endpoint"), oauth.text("client_id"), oauth.maybe("scope"), oauth.texts("extensions"))
        if oauth
        else None,
        Kerberos(kerberos.text("service_name", "kafka"), kerberos.maybe("principal"), kerberos.maybe("keytab"))
        if kerberos
        else None,
    )


class _Table:
    """One table, each value asked for by its kind."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} is missing or no text")
        return value

    def maybe(self, name: str) -> str | None:
        return self.text(name) if name in self._values else None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise TypeError(f"{name} is neither true nor false")
        return value

    def table(self, name: str) -> _Table | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            raise TypeError(f"{name} is no table")
        return None if value is None else _Table(value)

    def texts(self, name: str) -> dict[str, str]:
        table = self._values.get(name, {})
        if not isinstance(table, dict):
            raise TypeError(f"{name} is no table")
        return {key: _text(key, value) for key, value in table.items()}


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value
