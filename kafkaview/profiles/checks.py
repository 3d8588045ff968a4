"""What keeps a connection from being saved: above all a secret where none may stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kafkaview.profiles.client_settings import registry_parts, servers
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Security
from kafkaview.profiles.setting_names import FURTHER
from kafkaview.profiles.stores import holds_bare_key


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which field (`security.tls.certificate.pem`); the sentence quotes no secret."""

    field: str
    text: str


def problems(profile: ConnectionProfile) -> tuple[Problem, ...]:
    """All that is wrong, the first field first."""
    return tuple(_problems(profile))


def _problems(profile: ConnectionProfile) -> Iterator[Problem]:
    if not profile.name.strip() or not profile.name.isprintable():
        yield Problem("name", "A connection needs a name, of one line.")
    try:
        servers(profile.bootstrap)
    except ValueError as wrong:
        yield Problem("bootstrap", str(wrong))
    for key in profile.settings:
        if key not in FURTHER:
            yield Problem("settings", f"{key} is no further setting; security has fields of its own.")
    if profile.schema_registry and _has_login(profile.schema_registry.url):
        yield Problem("schema_registry.url", "A password stands in the URL; it belongs into the keyring.")
    yield from _security_problems(profile.security)


def _security_problems(security: Security) -> Iterator[Problem]:
    certificate, sasl = security.tls.certificate, security.sasl
    if certificate and certificate.pem and holds_bare_key(certificate.pem):
        yield Problem("security.tls.certificate.pem", "The pasted private key is not encrypted.")
    if holds_bare_key(security.tls.ca_pem or ""):
        yield Problem("security.tls.ca_pem", "A private key stands among the certificates to trust.")
    if holds_bare_key(security.web.ca_pem or ""):
        yield Problem("security.web.ca_pem", "A private key stands among the certificates to trust.")
    if security.protocol.sasl and sasl is None:
        yield Problem("security.sasl.mechanism", f"{security.protocol} needs a mechanism.")
    if sasl and sasl.oauth and _has_login(sasl.oauth.token_endpoint):
        yield Problem(
            "security.sasl.oauth.token_endpoint", "A password stands in the URL; it belongs into the keyring."
        )


def _has_login(url: str) -> bool:
    try:
        _, _, password = registry_parts(url)
    except ValueError:
        return "@" in url
    return bool(password)
