"""A connection from a client.properties file, in Java's or librdkafka's spelling, and from single settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kafkaview.profiles import fields
from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.environment import LOGIN_VARIABLE
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties_file import property_pairs
from kafkaview.profiles.required_secrets import find_used_secrets
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.setting_names import SECRET, is_known, replace_settings


def profile_from(
    bootstrap: str | None, config_file: Path | None, overrides: Mapping[str, str], env: Mapping[str, str]
) -> tuple[ConnectionProfile, Secrets]:
    """The connection that a command line names, and its secrets as far as file and environment hold them. Bad input
    raises ValueError with a sentence.
    """
    check_overrides(overrides)
    settings = replace_settings(read_settings(config_file) if config_file else {}, overrides)
    if bootstrap:
        settings = replace_settings(settings, {"bootstrap.servers": bootstrap})
    profile, secrets = connection(settings, config_file.stem if config_file else "")
    named_by = (
        *(("--config", str(config_file)) if config_file else ()),
        *(("--bootstrap", bootstrap) if bootstrap else ()),
        *override_options(overrides),
    )
    return replace(profile, named_by=named_by), with_environment(profile, secrets, env)


def override_options(overrides: Mapping[str, str]) -> tuple[str, ...]:
    """Single settings as the words of a command line. No secret is among them: `check_overrides`."""
    return tuple(word for key, value in overrides.items() for word in ("-X", f"{key}={value}"))


def with_environment(profile: ConnectionProfile, secrets: Secrets, env: Mapping[str, str]) -> Secrets:
    """Returns the secrets with those of the environment over them."""
    uses = find_used_secrets(profile)
    for row in fields.secret_fields():
        value = env.get(row.variable)
        if value and row.secret in uses:
            secrets = secrets.with_secret(row.secret, value)
    return secrets


def check_overrides(overrides: Mapping[str, str]) -> None:
    """Refuse secrets on a command line, which every user of the machine may read, and names that mean nothing."""
    for key, value in overrides.items():
        if key in SECRET or (key == "schema.registry.url" and "@" in value):
            raise ValueError(
                f"{key} is a secret and not taken from an argument: put it into the file, or into {LOGIN_VARIABLE}."
            )
        if not is_known(key):
            raise ValueError(f"{key} is no setting of a connection.")


def read_settings(config_file: Path) -> dict[str, str]:
    """A file's settings. Raises ValueError where it cannot be read."""
    return dict(read_pairs(config_file))


def read_pairs(config_file: Path) -> list[tuple[str, str]]:
    """A file's settings in its order; the last of one name counts. Raises ValueError where it cannot be read."""
    try:
        data = config_file.read_bytes()
    except OSError as failure:
        raise ValueError(f"{config_file} cannot be read: {failure.strerror}.") from failure
    if b"\0" in data:
        raise ValueError(f"{config_file} is no properties file: it holds zero bytes, as binary files and UTF-16 do.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # as Java reads these files
    return list(property_pairs(text))
