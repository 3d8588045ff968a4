"""The connection that a client.properties file describes, and what of the file is not imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from kafkaview.cluster.kafka.setting_trial import refused_settings
from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.foreign_settings import (
    repeated_settings,
    settings_of_others,
    settings_of_unread_stores,
    untaken_settings,
)
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import read_pairs
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.setting_names import SECRET


@dataclass(frozen=True, slots=True)
class ConnectionFile:
    """A file as read. `left_out` has a sentence for each setting that is not imported, without secrets."""

    profile: ConnectionProfile
    secrets: Secrets
    holds_secrets: bool
    left_out: tuple[str, ...]


def read_connection_file(file: Path) -> ConnectionFile:
    """Reads a file and tries its settings on the clients. A store that cannot be read is left out, and named. Raises
    ValueError where the file describes no connection.
    """
    pairs = read_pairs(file)
    settings = dict(pairs)
    unread = settings_of_unread_stores(settings)
    about_them = {key for keys in unread.values() for key in keys}
    settings = {key: value for key, value in settings.items() if key not in about_them}
    profile, secrets = connection(settings, file.stem)
    refused = refused_settings(profile.settings)
    left_out = [*unread, *(f"{reason}." for reason in refused.values())]
    left_out += repeated_settings(pairs) + untaken_settings(settings)
    others = settings_of_others(settings)
    if others:
        left_out.append(f"No settings of a connection here: {', '.join(others)}.")
    taken = {key: value for key, value in profile.settings.items() if key not in refused}
    holds_secrets = not SECRET.isdisjoint(settings) and bool(secrets.fields())
    return ConnectionFile(replace(profile, settings=taken), secrets, holds_secrets, tuple(left_out))
