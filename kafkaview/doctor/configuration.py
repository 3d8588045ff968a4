"""The first step: checks that the profile is complete, before a socket is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kafkaview.cluster.kafka.bearer_tokens import TokenSource
from kafkaview.cluster.tls.files import Material, UnusableMaterial, read_material, read_web_trust
from kafkaview.doctor.address import ServerAddress, servers_in
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Sasl, SecretField, Secrets, Security


@dataclass(frozen=True, slots=True)
class Setup:
    """A profile that is ready for the doctor: its files are read, its login is complete."""

    profile: ConnectionProfile
    secrets: Secrets
    servers: tuple[ServerAddress, ...]
    zookeepers: tuple[ServerAddress, ...]
    material: Material | None
    sasl: Sasl | None
    tokens: TokenSource | None = None
    zookeeper_material: Material | None = None
    unreadable: tuple[str, ...] = ()  # certificates of its bundles that were left out, by their place


def load_setup(profile: ConnectionProfile, secrets: Secrets) -> Setup:
    """Checks the profile and reads its files; blocks on them. Raises FailedStep with the field's name."""
    security = profile.security
    _check_settings(profile)
    servers = servers_in(profile.bootstrap)
    zookeepers = servers_in(profile.zookeeper.partition("/")[0], field="zookeeper") if profile.zookeeper else ()
    material, unreadable = _read_files(profile, secrets)
    if profile.zookeeper_user and not secrets.get(SecretField.ZOOKEEPER_PASSWORD):
        raise _report_missing(f"The password of {profile.zookeeper_user} at ZooKeeper", SecretField.ZOOKEEPER_PASSWORD)
    sasl = security.sasl if security.protocol.sasl else None
    if security.protocol.sasl and sasl is None:
        raise _bad(f"{security.protocol} needs a login, and none is given.", "security.sasl")
    tokens = _check_login(sasl, security, secrets) if sasl else None
    registry = profile.schema_registry
    if registry is not None:
        _check_url(registry.url, "The registry's address", "schema_registry.url")
        if registry.user and not secrets.get(SecretField.REGISTRY_PASSWORD):
            raise _report_missing(f"The password of the registry's user {registry.user}", SecretField.REGISTRY_PASSWORD)
    of_brokers = material if security.protocol.tls else None
    of_zookeeper = material if profile.zookeeper_tls else None
    return Setup(profile, secrets, servers, zookeepers, of_brokers, sasl, tokens, of_zookeeper, unreadable)


def _check_settings(profile: ConnectionProfile) -> None:
    if not profile.settings:
        return
    from kafkaview.cluster.kafka.setting_trial import refused_settings  # loads a client library

    refused = refused_settings(profile.settings)
    if refused:
        raise _bad(". ".join(refused.values()) + ".", "settings")


def _read_files(profile: ConnectionProfile, secrets: Secrets) -> tuple[Material | None, tuple[str, ...]]:
    """Returns the TLS material for the brokers, and the certificates that were left out of a bundle."""
    if not (profile.uses_tls or profile.uses_https):
        return None, ()
    tls = profile.security.tls
    try:
        of_web = read_web_trust(profile.security.web).unreadable if profile.uses_https else ()
        # Web services are trusted by the brokers' CAs too, and are shown no certificate of ours.
        material = read_material(tls if profile.uses_tls else replace(tls, certificate=None), secrets)
        return material, material.unreadable + of_web
    except UnusableMaterial as flawed:
        cause = Cause(flawed.flaw.value)
        raise FailedStep(DiagnosisLayer.CONFIG, cause, flawed.message, flawed.hint, flawed.field) from None


def _check_login(sasl: Sasl, security: Security, secrets: Secrets) -> TokenSource | None:
    login = MECHANISMS[sasl.mechanism]
    if login.takes_ticket:
        from kafkaview.cluster.kafka.kerberos import gssapi_available  # loads a client library

        reason = gssapi_available()
        if reason is not None:
            raise FailedStep(DiagnosisLayer.CONFIG, Cause.MECHANISM_UNAVAILABLE, reason)
    if sasl.oauth is not None and login.takes_token:
        _check_url(sasl.oauth.token_endpoint, "The token endpoint", "security.sasl.oauth.token_endpoint")
    gap = login.gap(sasl, secrets)
    if gap is not None:
        cause = Cause.SECRET_MISSING if gap.secret else Cause.BAD_SETTING
        raise FailedStep(DiagnosisLayer.CONFIG, cause, gap.message, field=gap.path)
    return TokenSource(sasl.oauth, security, secrets) if sasl.oauth is not None and login.takes_token else None


def _check_url(url: str, named: str, field: str) -> None:
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https") or not rest:
        raise _bad(f"{named} is '{url}', which is no http or https address.", field)


def _bad(detail: str, field: str) -> FailedStep:
    return FailedStep(DiagnosisLayer.CONFIG, Cause.BAD_SETTING, detail, field=field)


def _report_missing(what: str, field: SecretField) -> FailedStep:
    return FailedStep(DiagnosisLayer.CONFIG, Cause.SECRET_MISSING, f"{what} is not known here.", field=field.value)
