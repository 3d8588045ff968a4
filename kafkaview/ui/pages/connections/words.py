"""The words of the form and the doctor: labels, titles of steps and causes, buttons, summaries. No widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles import fields
from kafkaview.profiles.connection_field import FormValues, pairs
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.words import EscapedText, duration, escape_line

STEPS: Mapping[DiagnosisLayer, str] = {
    DiagnosisLayer.CONFIG: "Configuration",
    DiagnosisLayer.DNS: "Name",
    DiagnosisLayer.TCP: "TCP",
    DiagnosisLayer.TLS: "TLS",
    DiagnosisLayer.SASL: "Login",
    DiagnosisLayer.API: "API versions",
    DiagnosisLayer.METADATA: "Metadata",
    DiagnosisLayer.ADVERTISED: "Advertised listeners",
    DiagnosisLayer.AUTHORIZATION: "Rights",
    DiagnosisLayer.REGISTRY: "Schema Registry",
    DiagnosisLayer.ZOOKEEPER: "ZooKeeper",
}
CAUSES: Mapping[Cause, str] = {
    Cause.BAD_SETTING: "A setting is not understood",
    Cause.CERTIFICATE_FILE: "A certificate file cannot be read",
    Cause.KEY_PASSPHRASE_MISSING: "The key is encrypted, its passphrase is missing",
    Cause.KEY_PASSPHRASE_WRONG: "Wrong passphrase for the key",
    Cause.KEY_DOES_NOT_MATCH: "The key belongs to another certificate",
    Cause.KEYSTORE_PASSWORD_WRONG: "Wrong password for the store",
    Cause.SECRET_MISSING: "A secret is missing",
    Cause.KEYRING_UNAVAILABLE: "The keyring does not open",
    Cause.UNKNOWN_HOST: "Nobody knows this host",
    Cause.CONNECTION_REFUSED: "Nothing listens on this port",
    Cause.NO_ROUTE: "There is no way to this host",
    Cause.FILTERED: "A firewall drops it",
    Cause.CLOSED_AT_ONCE: "The port closes at once",
    Cause.SILENT: "The port accepts and says nothing",
    Cause.NOT_KAFKA: "This is not Kafka",
    Cause.TLS_NEEDED: "This listener wants TLS",
    Cause.TLS_NOT_SPOKEN: "This listener speaks no TLS",
    Cause.TLS_VERSION: "No TLS version in common",
    Cause.TLS_REFUSED: "The broker refuses the TLS handshake",
    Cause.CERTIFICATE_INVALID: "The broker's certificate is not valid",
    Cause.UNKNOWN_CA: "The broker's certificate is from an unknown CA",
    Cause.WRONG_HOSTNAME: "The certificate is for another host",
    Cause.CERTIFICATE_EXPIRED: "The broker's certificate has expired",
    Cause.CERTIFICATE_NOT_YET_VALID: "The broker's certificate is not valid yet",
    Cause.CLIENT_CERTIFICATE_MISSING: "The broker asks for a client certificate",
    Cause.CLIENT_CERTIFICATE_UNKNOWN_CA: "The broker does not know the CA of our certificate",
    Cause.CLIENT_CERTIFICATE_EXPIRED: "Our certificate has expired",
    Cause.CLIENT_CERTIFICATE_REFUSED: "The broker refuses our certificate",
    Cause.SASL_NOT_ENABLED: "This listener takes no login",
    Cause.SASL_NEEDED: "This listener wants a login",
    Cause.MECHANISM_NOT_OFFERED: "The broker does not offer this login",
    Cause.MECHANISM_UNAVAILABLE: "This machine lacks what this login needs",
    Cause.BAD_CREDENTIALS: "Wrong user or password",
    Cause.UNKNOWN_USER: "The broker does not know this user",
    Cause.WRONG_PASSWORD: "Wrong password",
    Cause.LOGIN_REFUSED: "The login was refused",
    Cause.TOKEN_ENDPOINT_UNREACHABLE: "The token endpoint does not answer",
    Cause.TOKEN_REFUSED: "The token endpoint refuses us",
    Cause.TOKEN_INVALID: "The token is no good",
    Cause.CONTROLLER_ADDRESS: "This is a controller, not a broker",
    Cause.API_TOO_OLD: "This broker is too old",
    Cause.METADATA_FAILED: "The broker does not tell its metadata",
    Cause.ADVERTISED_UNREACHABLE: "A broker does not answer at its advertised address",
    Cause.NOT_AUTHORIZED: "Logged in, but a right is missing",
    Cause.REGISTRY_UNREACHABLE: "The registry does not answer",
    Cause.REGISTRY_REFUSED: "The registry refuses us",
    Cause.NOT_A_REGISTRY: "This is not a schema registry",
    Cause.ZOOKEEPER_UNREACHABLE: "ZooKeeper does not answer",
    Cause.ZOOKEEPER_NOT_SERVING: "ZooKeeper answers and does not serve",
}

_NEVER_ENTERED = (Cause.SECRET_MISSING, Cause.KEY_PASSPHRASE_MISSING, Cause.KEYRING_UNAVAILABLE)


def fix(field: str, cause: Cause | None = None) -> str:
    """Returns the title of the button that jumps to a field."""
    if not field:
        return ""
    row = fields.field_named(field)
    if row.secret is not None:
        return "Enter it" if cause in _NEVER_ENTERED else "Enter it again"
    name = row.word or row.label
    return f"Change {name[:1].lower() + name[1:] if not name[:2].isupper() else name}"


def steps_of_test(profile: ConnectionProfile) -> tuple[DiagnosisLayer, ...]:
    """Returns the steps that a test of this profile goes through."""
    left_out = set()
    if not profile.security.protocol.tls:
        left_out.add(DiagnosisLayer.TLS)
    if not profile.security.protocol.sasl:
        left_out.add(DiagnosisLayer.SASL)
    if profile.schema_registry is None:
        left_out.add(DiagnosisLayer.REGISTRY)
    if profile.zookeeper is None:
        left_out.add(DiagnosisLayer.ZOOKEEPER)
    return tuple(step for step in DiagnosisLayer if step not in left_out)


def outcome(diagnosis: Diagnosis, seconds: float) -> str:
    """Returns the summary of a finished test."""
    took = duration(seconds * 1000)
    if diagnosis.cause is None:
        gaps = diagnosis.gaps_line
        return f"The connection works, in {took}. {gaps}".rstrip()
    if diagnosis.cause is Cause.NOT_AUTHORIZED or all(step.ok is not None for step in diagnosis.steps):
        return f"It connects; one thing is missing, after {took}"
    return f"Stopped at the first cause, after {took}"


def for_an_admin(profile: ConnectionProfile, step: DiagnosisStep) -> str:
    """Returns the cause as a text to send to an admin of the cluster. It holds no secret."""
    title = CAUSES[step.cause] if step.cause is not None else STEPS[step.step]
    user = profile.security.sasl.username if profile.security.sasl else None
    login = f"{profile.security.protocol} {profile.security.sasl.mechanism}" if profile.security.sasl else ""
    lines = [
        f"{title} ({step.cause})",
        f"step: {step.step}, target: {step.target}",
        f"bootstrap: {profile.bootstrap}, {login or profile.security.protocol}" + (f", user {user}" if user else ""),
        step.detail,
        step.hint,
    ]
    return "\n".join(line for line in lines if line)


def registry_summary(values: FormValues) -> str:
    """Returns the summary of the folded registry section."""
    url = values.text("registry_url").removeprefix("https://").removeprefix("http://")
    return f"{url}, {'basic login' if values.text('registry_user') else 'no login'}" if url else "none"


def extras_summary(values: FormValues) -> str:
    """Returns the summary of the folded section of ZooKeeper and client settings."""
    filled = [row for row in fields.FIELDS if row.setting and values.text(row.name)]
    count = len(pairs(values.text("settings"))) + len(filled)
    settings = f"{count} setting{'' if count == 1 else 's'}" if count else ""
    return ", ".join(filter(None, (values.text("zookeeper"), settings))) or "none"


def journal_summary(values: FormValues) -> str:
    """Returns the summary of the folded section of what the journal keeps: only what is not the default."""
    rows = (fields.field_named(name) for name in ("journal_payloads", "journal_payload_age", "journal_entry_age"))
    changed = [row for row in rows if values.text(row.name) != row.default]
    titles = {(row.name, one.value): one.title for row in changed for one in row.options}
    words = [f"{row.label.lower()} {titles[row.name, values.text(row.name)].lower()}" for row in changed]
    return ", ".join(words) or "records as they are, for 90 days"


def breakable(text: str) -> EscapedText:
    """Returns the same words with places where long ones may be broken: paths, hosts, fingerprints. Not for copying."""
    broken = _LONG_WORD.sub(lambda found: _PLACE.sub("\\g<0>\N{ZERO WIDTH SPACE}", found[0]), escape_line(text))
    return EscapedText(broken)


_LONG_WORD = re.compile(r"\S{20,}")
_PLACE = re.compile(r"[^\w\s]+|\w{16}")
