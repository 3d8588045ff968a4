"""Which secrets a connection uses, and which of them it cannot do without."""

from __future__ import annotations

from kafkaview.profiles import fields
from kafkaview.profiles.form import values_of, visible_fields
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets


def find_used_secrets(profile: ConnectionProfile) -> tuple[SecretField, ...]:
    """Returns the secrets that mean something in this profile, those that it needs first: a key or store may be
    protected or not, only its file tells.
    """
    visible = visible_fields(values_of(profile))
    rows = [row for row in fields.secret_fields() if row.name in visible]
    return tuple(SecretField(row.name) for row in sorted(rows, key=lambda row: not row.needed))


def find_needed_secrets(profile: ConnectionProfile) -> tuple[SecretField, ...]:
    """Returns the secrets without which the login, the registry or ZooKeeper cannot be used."""
    return tuple(secret for secret in find_used_secrets(profile) if fields.field_named(secret).needed)


def missing_secrets(profile: ConnectionProfile, secrets: Secrets) -> tuple[SecretField, ...]:
    """Returns what is needed and not there."""
    return tuple(secret for secret in find_needed_secrets(profile) if secret not in secrets.fields())


def word_of(secret: SecretField) -> str:
    """Returns what a secret is called in a sentence."""
    return fields.field_named(secret).word
