"""A client's settings, in Java's or librdkafka's spelling, made into a connection and its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from kafkaview.profiles import fields
from kafkaview.profiles.addresses import servers, split_login
from kafkaview.profiles.assembly import assemble
from kafkaview.profiles.connection_field import ConnectionField, FieldControl
from kafkaview.profiles.file_paths import absolute_path
from kafkaview.profiles.foreign_settings import refuse_foreign_settings
from kafkaview.profiles.https_trust import web_trust
from kafkaview.profiles.key_stores import StoreKind, holds_bare_key, how_to_convert, seal_key, store_kind
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.security import (
    Certificate,
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
    Tls,
    WebTrust,
)
from kafkaview.profiles.setting_names import is_further
from kafkaview.profiles.settings_reader import SettingsReader

# Fields with a meaning beyond their setting: files that are looked into, and what belongs to a mechanism.
_READ_APART: Final = ("security.", "schema_registry.")


def connection(settings: Mapping[str, str], name: str = "") -> tuple[ConnectionProfile, Secrets]:
    """Returns the connection of these settings, and the secrets among them. Bad input raises ValueError with a sentence
    that holds no secret.
    """
    refuse_foreign_settings(settings)
    return _ConnectionReader(settings).connection(name)


class _ConnectionReader(SettingsReader):
    """Reads each part of a connection."""

    def connection(self, name: str) -> tuple[ConnectionProfile, Secrets]:
        values = {row.path: self._read_value(row) for row in fields.FIELDS if row.names and row.secret is None}
        values["bootstrap"] = servers(values["bootstrap"] or "")
        self.keep(SecretField.ZOOKEEPER_PASSWORD, self.one("zookeeper.sasl.password"))
        values |= {
            "name": name or values["bootstrap"],
            "settings": {key: value for key, value in self.settings.items() if is_further(key)},
            "schema_registry": self._registry(),
            "security": self._security(),
        }
        profile = assemble({path: value for path, value in values.items() if value is not None})
        if profile.uses_https:
            profile = replace(profile, security=replace(profile.security, web=self._web(profile)))
        return profile, Secrets(self.secrets)

    def _read_value(self, row: ConnectionField) -> Any:
        if row.path.startswith(_READ_APART):
            return None
        if row.control is FieldControl.TICK:
            return self.flag(row.names[0], default=bool(row.default))
        text = self.one(*row.names)
        try:
            return row.enum(text) if row.enum is not None and text is not None else text
        except ValueError:
            words = ", ".join(option.value for option in row.options)
            raise ValueError(f"{row.names[0]} is '{text}'; it is one of {words}.") from None

    def _security(self) -> Security:
        named = self.settings.get("security.protocol", "PLAINTEXT").upper()
        if named not in list(Protocol):
            raise ValueError(f"security.protocol is {named}; it is one of {', '.join(Protocol)}.")
        protocol = Protocol(named)
        return Security(
            protocol,
            self._tls() if protocol.tls or self._zookeeper_tls() else Tls(),
            self._sasl() if protocol.sasl else None,
        )

    # --- TLS

    def _zookeeper_tls(self) -> bool:
        return self.flag("zookeeper.ssl.client.enable", default=False)

    def _tls(self) -> Tls:
        if not self.flag("enable.ssl.certificate.verification", default=True):
            raise ValueError(
                "enable.ssl.certificate.verification is false; kafkaview always checks the broker's certificate: "
                "name the one to trust as ssl.ca.location."
            )
        algorithm = self.settings.get("ssl.endpoint.identification.algorithm", "https").lower() or "none"
        if algorithm not in ("https", "none"):
            raise ValueError(f"ssl.endpoint.identification.algorithm is {algorithm}; it is https, or empty.")
        ca_file, truststore = self.one("ssl.ca.location"), None
        location = self.one("ssl.truststore.location")
        if location and not ca_file:
            kind, path = self._store(location, "truststore")
            ca_file, truststore = (path, None) if kind is StoreKind.PEM else (None, path)
            if truststore:
                self.keep(SecretField.TRUSTSTORE_PASSWORD, self.one("ssl.truststore.password"))
        return Tls(
            ca_file=absolute_path(ca_file) if ca_file and ca_file != "probe" else None,
            ca_pem=self.one("ssl.ca.pem", "ssl.truststore.certificates"),
            truststore_file=truststore,
            certificate=self._certificate(),
            verify_hostname=algorithm == "https",
        )

    def _web(self, profile: ConnectionProfile) -> WebTrust:
        sasl = profile.security.sasl
        login = self.jaas_options if sasl and sasl.oauth else {}
        return web_trust(self.settings, login, brokers=not profile.uses_tls)

    def _certificate(self) -> Certificate | None:
        passphrase = self.one("ssl.key.password")
        pasted = self.one("ssl.certificate.pem", "ssl.keystore.certificate.chain")
        if pasted:
            return self._read_pasted(pasted, passphrase)
        file = self.one("ssl.certificate.location")
        if file:
            self.keep(SecretField.KEY_PASSPHRASE, passphrase)
            key = self.one("ssl.key.location")
            return Certificate(certificate_file=absolute_path(file), key_file=absolute_path(key) if key else None)
        location = self.one("ssl.keystore.location")
        if not location:
            return None
        kind, path = self._store(location, "keystore")
        if kind is StoreKind.PEM:
            self.keep(SecretField.KEY_PASSPHRASE, passphrase)
            return Certificate(certificate_file=path)
        self.keep(SecretField.KEYSTORE_PASSWORD, self.one("ssl.keystore.password") or passphrase)
        return Certificate(pkcs12_file=path)

    def _read_pasted(self, chain: str, passphrase: str | None) -> Certificate:
        """Returns a pasted certificate. A key without a passphrase gets one, so that it may be kept."""
        key = self.one("ssl.key.pem", "ssl.keystore.key") or ""
        if holds_bare_key(chain):
            raise ValueError("A private key stands among the pasted certificates; it belongs into ssl.keystore.key.")
        if holds_bare_key(key):
            key, passphrase = seal_key(key)
        self.keep(SecretField.KEY_PASSPHRASE, passphrase)
        return Certificate(pem="\n".join(part.strip() for part in (chain, key) if part) + "\n")

    def _store(self, location: str, name: str) -> tuple[StoreKind, str]:
        path = Path(absolute_path(location))
        kind = store_kind(path, self.settings.get(f"ssl.{name}.type", ""))
        if kind is StoreKind.JKS:
            raise ValueError(f"The {name} {location} is a JKS store. Make a PKCS12 store of it: {how_to_convert(path)}")
        return kind, str(path)

    # --- SASL

    def _sasl(self) -> Sasl:
        return MECHANISMS[self._mechanism()].read(self)

    def _mechanism(self) -> str:
        entry = self.jaas_entry
        modules: dict[str, list[str]] = {}
        for login in MECHANISMS.values():
            modules.setdefault(login.java_module.rpartition(".")[2], []).append(login.name)
        possible = list(MECHANISMS) if entry is None else modules.get(entry.name, [])
        if entry is not None and not possible:
            raise ValueError(f"sasl.jaas.config names {entry.name}; it is one of {', '.join(modules)}.")
        named = (self.one("sasl.mechanism", "sasl.mechanisms") or "").upper()
        if not named and len(possible) == 1:
            return possible[0]
        if named not in MECHANISMS:
            raise ValueError(f"sasl.mechanism is {named or 'missing'}; it is one of {', '.join(MECHANISMS)}.")
        if named not in possible:
            raise ValueError(f"sasl.mechanism is {named}, sasl.jaas.config is for {' or '.join(possible)}.")
        return named

    # --- the schema registry

    def _registry(self) -> SchemaRegistry | None:
        url = self.one("schema.registry.url")
        if not url:
            return None
        url, user, password = split_login(url)
        info = self.one("schema.registry.basic.auth.user.info", "basic.auth.user.info")
        if info:
            user, _, password = info.partition(":")
        self.keep(SecretField.REGISTRY_PASSWORD, password)
        return SchemaRegistry(url, user or None)
