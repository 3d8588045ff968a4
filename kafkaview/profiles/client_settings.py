"""A client's settings, in Java's or librdkafka's spelling, made into a connection and its secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from kafkaview.profiles.https_trust import web_trust
from kafkaview.profiles.jaas import LoginEntry, parse_jaas
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.security import (
    Certificate,
    Kerberos,
    Mechanism,
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
    Tls,
    WebTrust,
)
from kafkaview.profiles.setting_names import BOOTSTRAP, FURTHER
from kafkaview.profiles.stores import StoreKind, holds_bare_key, how_to_convert, sealed, store_kind

_MODULES: Final = {
    "PlainLoginModule": (Mechanism.PLAIN,),
    "ScramLoginModule": (Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512),
    "OAuthBearerLoginModule": (Mechanism.OAUTHBEARER,),
    "Krb5LoginModule": (Mechanism.GSSAPI,),
}
_EXTENSION: Final = "extension_"
_NO_HOST: Final = re.compile(r"[\s/;]")  # a protocol before it, or several in one


def connection(given: Mapping[str, str], name: str = "") -> tuple[ConnectionProfile, Secrets]:
    """The connection that settings describe, and the secrets that stood in them. Bad input raises ValueError with a
    sentence that holds none of them.
    """
    return _Reading(given).connection(name)


def servers(text: str) -> str:
    """Bootstrap servers, each checked to be HOST:PORT."""
    found = [server.strip() for server in text.split(",") if server.strip()]
    if not found:
        raise ValueError("No broker is named: give bootstrap.servers as HOST:PORT.")
    for server in found:
        host, _, port = server.rpartition(":")
        if not host or _NO_HOST.search(host) or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"{server!r} is not HOST:PORT.")
    return ",".join(found)


@dataclass(slots=True)
class _Reading:
    given: Mapping[str, str]
    secrets: dict[SecretField, str] = field(default_factory=dict, repr=False)

    def connection(self, name: str) -> tuple[ConnectionProfile, Secrets]:
        bootstrap = servers(self._one(*BOOTSTRAP) or "")
        self._keep(SecretField.ZOOKEEPER_PASSWORD, self._one("zookeeper.sasl.password"))
        profile = ConnectionProfile(
            name=name or bootstrap,
            bootstrap=bootstrap,
            read_only=self._flag("read.only", default=False),
            settings={key: value for key, value in self.given.items() if key in FURTHER},
            zookeeper=self._one("zookeeper.connect"),
            zookeeper_tls=self._zookeeper_tls(),
            zookeeper_user=self._one("zookeeper.sasl.username"),
            schema_registry=self._registry(),
            security=self._security(),
        )
        if profile.uses_https:
            profile = replace(profile, security=replace(profile.security, web=self._web(profile)))
        return profile, Secrets(self.secrets)

    def _one(self, *names: str) -> str | None:
        return next((self.given[name] for name in names if self.given.get(name)), None)

    def _flag(self, key: str, *, default: bool) -> bool:
        text = self.given.get(key, str(default)).strip().lower()
        if text not in ("true", "false"):
            raise ValueError(f"{key} is {text!r}; it is true or false.")
        return text == "true"

    def _keep(self, field_name: SecretField, value: str | None) -> None:
        if value:
            self.secrets[field_name] = value

    def _security(self) -> Security:
        told = self.given.get("security.protocol", "PLAINTEXT").upper()
        if told not in list(Protocol):
            raise ValueError(f"security.protocol is {told}; it is one of {', '.join(Protocol)}.")
        protocol = Protocol(told)
        return Security(
            protocol,
            self._tls() if protocol.tls or self._zookeeper_tls() else Tls(),
            self._sasl() if protocol.sasl else None,
        )

    # --- TLS

    def _zookeeper_tls(self) -> bool:
        return self._flag("zookeeper.ssl.client.enable", default=False)

    def _tls(self) -> Tls:
        if not self._flag("enable.ssl.certificate.verification", default=True):
            raise ValueError(
                "enable.ssl.certificate.verification is false; kafkaview always checks the broker's certificate: "
                "name the one to trust as ssl.ca.location."
            )
        algorithm = self.given.get("ssl.endpoint.identification.algorithm", "https").lower() or "none"
        if algorithm not in ("https", "none"):
            raise ValueError(f"ssl.endpoint.identification.algorithm is {algorithm}; it is https, or empty.")
        ca_file, truststore = self._one("ssl.ca.location"), None
        location = self._one("ssl.truststore.location")
        if location and not ca_file:
            kind, path = self._store(location, "truststore")
            ca_file, truststore = (path, None) if kind is StoreKind.PEM else (None, path)
            if truststore:
                self._keep(SecretField.TRUSTSTORE_PASSWORD, self._one("ssl.truststore.password"))
        return Tls(
            ca_file=_absolute(ca_file) if ca_file and ca_file != "probe" else None,
            ca_pem=self._one("ssl.ca.pem", "ssl.truststore.certificates"),
            truststore_file=truststore,
            certificate=self._certificate(),
            verify_hostname=algorithm == "https",
        )

    def _web(self, profile: ConnectionProfile) -> WebTrust:
        sasl = profile.security.sasl
        entry = self._entry() if sasl and sasl.oauth else None
        return web_trust(self.given, entry.options if entry else {}, brokers=not profile.uses_tls)

    def _certificate(self) -> Certificate | None:
        passphrase = self._one("ssl.key.password")
        pasted = self._one("ssl.certificate.pem", "ssl.keystore.certificate.chain")
        if pasted:
            return self._pasted(pasted, passphrase)
        file = self._one("ssl.certificate.location")
        if file:
            self._keep(SecretField.KEY_PASSPHRASE, passphrase)
            key = self._one("ssl.key.location")
            return Certificate(certificate_file=_absolute(file), key_file=_absolute(key) if key else None)
        location = self._one("ssl.keystore.location")
        if not location:
            return None
        kind, path = self._store(location, "keystore")
        if kind is StoreKind.PEM:
            self._keep(SecretField.KEY_PASSPHRASE, passphrase)
            return Certificate(certificate_file=path)
        self._keep(SecretField.KEYSTORE_PASSWORD, self._one("ssl.keystore.password") or passphrase)
        return Certificate(pkcs12_file=path)

    def _pasted(self, chain: str, passphrase: str | None) -> Certificate:
        """A pasted key without a passphrase gets one, so that it may be kept."""
        key = self._one("ssl.key.pem", "ssl.keystore.key") or ""
        if holds_bare_key(chain):
            raise ValueError("A private key stands among the pasted certificates; it belongs into ssl.keystore.key.")
        if holds_bare_key(key):
            key, passphrase = sealed(key)
        self._keep(SecretField.KEY_PASSPHRASE, passphrase)
        return Certificate(pem="\n".join(part.strip() for part in (chain, key) if part) + "\n")

    def _store(self, location: str, name: str) -> tuple[StoreKind, str]:
        path = Path(location).expanduser().absolute()
        kind = store_kind(path, self.given.get(f"ssl.{name}.type", ""))
        if kind is StoreKind.JKS:
            raise ValueError(f"The {name} {location} is a JKS store. Make a PKCS12 store of it: {how_to_convert(path)}")
        return kind, str(path)

    # --- SASL

    def _sasl(self) -> Sasl:
        entry = self._entry()
        mechanism = self._mechanism(entry)
        options = entry.options if entry else {}
        match mechanism:
            case Mechanism.OAUTHBEARER:
                return Sasl(mechanism, oauth=self._oauth(options))
            case Mechanism.GSSAPI:
                return Sasl(mechanism, kerberos=self._kerberos(options))
            case _:
                user = self._one("sasl.username") or options.get("username")
                if not user:
                    raise ValueError(f"{mechanism} needs a user name: sasl.username, or username in sasl.jaas.config.")
                self._keep(SecretField.SASL_PASSWORD, self._one("sasl.password") or options.get("password"))
                return Sasl(mechanism, user)

    def _entry(self) -> LoginEntry | None:
        text = self._one("sasl.jaas.config")
        return parse_jaas(text) if text else None

    def _mechanism(self, entry: LoginEntry | None) -> Mechanism:
        possible: tuple[Mechanism, ...] = tuple(Mechanism)
        if entry is not None:
            possible = _MODULES.get(entry.name, ())
            if not possible:
                raise ValueError(f"sasl.jaas.config names {entry.name}; it is one of {', '.join(_MODULES)}.")
        told = (self._one("sasl.mechanism", "sasl.mechanisms") or "").upper()
        if not told and len(possible) == 1:
            return possible[0]
        if told not in list(Mechanism):
            raise ValueError(f"sasl.mechanism is {told or 'missing'}; it is one of {', '.join(Mechanism)}.")
        if Mechanism(told) not in possible and entry is not None:
            raise ValueError(f"sasl.mechanism is {told}, sasl.jaas.config is for {' or '.join(possible)}.")
        return Mechanism(told)

    def _oauth(self, options: Mapping[str, str]) -> OAuth:
        endpoint = self._one("sasl.oauthbearer.token.endpoint.url")
        client = options.get("clientId") or self._one(
            "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.credentials.client.id"
        )
        if not endpoint or not client:
            missing = "sasl.oauthbearer.client.id" if endpoint else "sasl.oauthbearer.token.endpoint.url"
            raise ValueError(f"OAUTHBEARER needs {missing} (OIDC client credentials).")
        secret = self._one("sasl.oauthbearer.client.secret", "sasl.oauthbearer.client.credentials.client.secret")
        self._keep(SecretField.OAUTH_CLIENT_SECRET, options.get("clientSecret") or secret)
        return OAuth(endpoint, client, options.get("scope") or self._one("sasl.oauthbearer.scope"), {
            **self._told_extensions(),
            **{key.removeprefix(_EXTENSION): value for key, value in options.items() if key.startswith(_EXTENSION)},
        })  # fmt: skip

    def _told_extensions(self) -> dict[str, str]:
        pairs = (pair.partition("=") for pair in (self._one("sasl.oauthbearer.extensions") or "").split(",") if pair)
        return {key.strip(): value.strip() for key, _, value in pairs}

    def _kerberos(self, options: Mapping[str, str]) -> Kerberos:
        return Kerberos(
            self._one("sasl.kerberos.service.name") or options.get("serviceName") or "kafka",
            self._one("sasl.kerberos.principal") or options.get("principal"),
            self._one("sasl.kerberos.keytab") or options.get("keyTab"),
        )

    # --- the schema registry

    def _registry(self) -> SchemaRegistry | None:
        url = self._one("schema.registry.url")
        if not url:
            return None
        url, user, password = registry_parts(url)
        info = self._one("schema.registry.basic.auth.user.info", "basic.auth.user.info")
        if info:
            user, _, password = info.partition(":")
        self._keep(SecretField.REGISTRY_PASSWORD, password)
        return SchemaRegistry(url, user or None)


def registry_parts(url: str) -> tuple[str, str, str]:
    """A URL without its `user:password@`, and those two: they may not be kept in it."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), unquote(parts.username or ""), unquote(parts.password or "")


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())
