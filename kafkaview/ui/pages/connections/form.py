"""A profile as its form shows it: one flat value for each field, and which of them are shown. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import (
    Certificate,
    Kerberos,
    Mechanism,
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Security,
    Tls,
    WebTrust,
)

PASSWORDS = (Mechanism.PLAIN, Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512)


class Trust(StrEnum):
    """Where the certificate authorities come from."""

    SYSTEM = "system"
    CA_FILE = "ca_file"
    CA_PEM = "ca_pem"
    TRUSTSTORE = "truststore_file"


class WebCas(StrEnum):
    """Where those come from that web services (https) are trusted by, beside the brokers'."""

    SYSTEM = "system"
    CA_FILE = "web_ca_file"
    CA_PEM = "web_ca_pem"


class Proof(StrEnum):
    """What we show of ourselves (mTLS)."""

    NONE = "none"
    FILES = "files"
    PEM = "pem"
    KEYSTORE = "keystore"


@dataclass(frozen=True, slots=True)
class FormValues:
    """What stands in the form. A field that is not shown keeps its value, so that going back loses nothing."""

    name: str = ""
    environment: Environment = Environment.DEVELOPMENT
    colour: str = ""
    read_only: bool = False
    bootstrap: str = ""
    protocol: Protocol = Protocol.PLAINTEXT
    trust: Trust = Trust.SYSTEM
    ca_file: str = ""
    ca_pem: str = ""
    truststore_file: str = ""
    verify_hostname: bool = True
    proof: Proof = Proof.NONE
    certificate_file: str = ""
    key_file: str = ""
    certificate_pem: str = ""
    pkcs12_file: str = ""
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str = ""
    token_endpoint: str = ""
    client_id: str = ""
    scope: str = ""
    extensions: str = ""
    service_name: str = "kafka"
    principal: str = ""
    keytab: str = ""
    web_trust: WebCas = WebCas.SYSTEM
    web_ca_file: str = ""
    web_ca_pem: str = ""
    registry_url: str = ""
    registry_user: str = ""
    zookeeper: str = ""
    zookeeper_tls: bool = False
    zookeeper_user: str = ""
    settings: str = ""

    @property
    def uses_tls(self) -> bool:
        """Whether anything is encrypted: the way to the brokers, or to ZooKeeper."""
        return self.protocol.tls or (self.zookeeper_tls and bool(self.zookeeper.strip()))

    @property
    def uses_https(self) -> bool:
        """Whether the token endpoint or the registry is asked over TLS."""
        login = self.protocol.sasl and self.mechanism is Mechanism.OAUTHBEARER
        urls = (self.registry_url, self.token_endpoint if login else "")
        return any(url.strip().lower().startswith("https://") for url in urls)

    @staticmethod
    def of(given: Mapping[str, str | bool]) -> FormValues:
        """From what the controls hold; what has no control keeps its default."""
        empty = FormValues()
        return replace(empty, **{name: type(getattr(empty, name))(value) for name, value in given.items()})


def values_of(profile: ConnectionProfile) -> FormValues:
    """The form of a profile."""
    security, tls = profile.security, profile.security.tls
    certificate = tls.certificate or Certificate()
    registry = profile.schema_registry
    values = FormValues(
        name=profile.name,
        environment=profile.environment,
        colour=profile.colour or "",
        read_only=profile.read_only,
        bootstrap=profile.bootstrap,
        protocol=security.protocol,
        trust=_trust(tls),
        ca_file=tls.ca_file or "",
        ca_pem=tls.ca_pem or "",
        truststore_file=tls.truststore_file or "",
        verify_hostname=tls.verify_hostname,
        proof=_proof(tls.certificate),
        certificate_file=certificate.certificate_file or "",
        key_file=certificate.key_file or "",
        certificate_pem=certificate.pem or "",
        pkcs12_file=certificate.pkcs12_file or "",
        web_trust=_web_trust(security.web),
        web_ca_file=security.web.ca_file or "",
        web_ca_pem=security.web.ca_pem or "",
        registry_url=registry.url if registry else "",
        registry_user=(registry.user if registry else "") or "",
        zookeeper=profile.zookeeper or "",
        zookeeper_tls=profile.zookeeper_tls,
        zookeeper_user=profile.zookeeper_user or "",
        settings=lines_of(profile.settings),
    )
    return values if security.sasl is None else _with_login(values, security.sasl)


def profile_of(values: FormValues, base: ConnectionProfile) -> ConnectionProfile:
    """The profile that the form describes; it keeps the id of `base`, by which its secrets are found."""
    url, user = values.registry_url.strip(), values.registry_user.strip()
    return replace(
        base,
        name=values.name.strip(),
        environment=values.environment,
        colour=values.colour or None,
        read_only=values.read_only,
        bootstrap=",".join(servers(values.bootstrap)),
        security=_security(values),
        schema_registry=SchemaRegistry(url, user or None) if url else None,
        zookeeper=values.zookeeper.strip() or None,
        zookeeper_tls=values.zookeeper_tls and bool(values.zookeeper.strip()),
        zookeeper_user=(values.zookeeper_user.strip() or None) if values.zookeeper.strip() else None,
        settings=pairs(values.settings)[0],
    )


def servers(text: str) -> tuple[str, ...]:
    """The brokers of a comma-separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def pairs(text: str) -> tuple[dict[str, str], str]:
    """`key=value` lines as settings, and the first line that is none of them."""
    found: dict[str, str] = {}
    wrong = ""
    for line in filter(None, (line.strip() for line in text.splitlines())):
        key, equals, value = line.partition("=")
        if equals and key.strip():
            found[key.strip()] = value.strip()
        else:
            wrong = wrong or line
    return found, wrong


def lines_of(settings: Mapping[str, str]) -> str:
    """Settings as `key=value` lines."""
    return "\n".join(f"{key}={value}" for key, value in settings.items())


def shown(values: FormValues) -> frozenset[str]:
    """The fields and secrets that this way in needs; the others are out of sight."""
    names = {"name", "environment", "colour", "read_only", "bootstrap", "protocol"}
    names |= {"registry_url", "zookeeper", "settings"}
    if values.uses_tls:
        names |= {"trust", "verify_hostname", "proof", *_OF_TRUST[values.trust], *_OF_PROOF[values.proof]}
    if values.protocol.sasl:
        names |= {"mechanism", *_OF_MECHANISM[values.mechanism]}
    if values.uses_https:
        names |= {"web_trust", *_OF_WEB[values.web_trust]}
    if values.registry_url.strip():
        names.add("registry_user")
        if values.registry_user.strip():
            names.add(SecretField.REGISTRY_PASSWORD)
    if values.zookeeper.strip():
        names |= {"zookeeper_tls", "zookeeper_user"}
        if values.zookeeper_user.strip():
            names.add(SecretField.ZOOKEEPER_PASSWORD)
    return frozenset(names)


def secrets_of(values: FormValues) -> tuple[SecretField, ...]:
    """The secrets that this way in may need."""
    return tuple(secret for secret in SecretField if secret in shown(values))


def _trust(tls: Tls) -> Trust:
    if tls.truststore_file:
        return Trust.TRUSTSTORE
    if tls.ca_pem:
        return Trust.CA_PEM
    return Trust.CA_FILE if tls.ca_file else Trust.SYSTEM


def _web_trust(web: WebTrust) -> WebCas:
    if web.ca_pem:
        return WebCas.CA_PEM
    return WebCas.CA_FILE if web.ca_file else WebCas.SYSTEM


def _proof(certificate: Certificate | None) -> Proof:
    if certificate is None:
        return Proof.NONE
    if certificate.pkcs12_file:
        return Proof.KEYSTORE
    return Proof.PEM if certificate.pem else Proof.FILES


def _with_login(values: FormValues, sasl: Sasl) -> FormValues:
    oauth, kerberos = sasl.oauth, sasl.kerberos or Kerberos()
    return replace(
        values,
        mechanism=sasl.mechanism,
        username=sasl.username or "",
        token_endpoint=oauth.token_endpoint if oauth else "",
        client_id=oauth.client_id if oauth else "",
        scope=(oauth.scope if oauth else "") or "",
        extensions=lines_of(oauth.extensions) if oauth else "",
        service_name=kerberos.service_name,
        principal=kerberos.principal or "",
        keytab=kerberos.keytab or "",
    )


def _security(values: FormValues) -> Security:
    tls = _tls(values) if values.uses_tls else Tls()
    web = _web(values) if values.uses_https else WebTrust()
    return Security(values.protocol, tls, _sasl(values) if values.protocol.sasl else None, web)


def _web(values: FormValues) -> WebTrust:
    return WebTrust(
        values.web_ca_file.strip() if values.web_trust is WebCas.CA_FILE else None,
        values.web_ca_pem.strip() if values.web_trust is WebCas.CA_PEM else None,
    )


def _tls(values: FormValues) -> Tls:
    return Tls(
        ca_file=values.ca_file.strip() if values.trust is Trust.CA_FILE else None,
        ca_pem=values.ca_pem.strip() if values.trust is Trust.CA_PEM else None,
        truststore_file=values.truststore_file.strip() if values.trust is Trust.TRUSTSTORE else None,
        certificate=_certificate(values),
        verify_hostname=values.verify_hostname,
    )


def _certificate(values: FormValues) -> Certificate | None:
    if values.proof is Proof.FILES:
        return Certificate(values.certificate_file.strip(), values.key_file.strip() or None)
    if values.proof is Proof.PEM:
        return Certificate(pem=values.certificate_pem.strip())
    return Certificate(pkcs12_file=values.pkcs12_file.strip()) if values.proof is Proof.KEYSTORE else None


def _sasl(values: FormValues) -> Sasl:
    if values.mechanism is Mechanism.OAUTHBEARER:
        oauth = OAuth(
            values.token_endpoint.strip(),
            values.client_id.strip(),
            values.scope.strip() or None,
            pairs(values.extensions)[0],
        )
        return Sasl(values.mechanism, oauth=oauth)
    if values.mechanism is Mechanism.GSSAPI:
        kerberos = Kerberos(
            values.service_name.strip() or "kafka", values.principal.strip() or None, values.keytab.strip() or None
        )
        return Sasl(values.mechanism, kerberos=kerberos)
    return Sasl(values.mechanism, username=values.username)


_OF_TRUST: Mapping[Trust, tuple[str, ...]] = {
    Trust.SYSTEM: (),
    Trust.CA_FILE: ("ca_file",),
    Trust.CA_PEM: ("ca_pem",),
    Trust.TRUSTSTORE: ("truststore_file", SecretField.TRUSTSTORE_PASSWORD),
}
_OF_WEB: Mapping[WebCas, tuple[str, ...]] = {
    WebCas.SYSTEM: (),
    WebCas.CA_FILE: ("web_ca_file",),
    WebCas.CA_PEM: ("web_ca_pem",),
}
_OF_PROOF: Mapping[Proof, tuple[str, ...]] = {
    Proof.NONE: (),
    Proof.FILES: ("certificate_file", "key_file", SecretField.KEY_PASSPHRASE),
    Proof.PEM: ("certificate_pem", SecretField.KEY_PASSPHRASE),
    Proof.KEYSTORE: ("pkcs12_file", SecretField.KEYSTORE_PASSWORD),
}
_OF_MECHANISM: Mapping[Mechanism, tuple[str, ...]] = {
    **dict.fromkeys(PASSWORDS, ("username", SecretField.SASL_PASSWORD)),
    Mechanism.OAUTHBEARER: ("token_endpoint", "client_id", SecretField.OAUTH_CLIENT_SECRET, "scope", "extensions"),
    Mechanism.GSSAPI: ("service_name", "principal", "keytab"),
}
