"""A saved connection as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkaview.profiles import fields
from kafkaview.profiles.assembly import value_at
from kafkaview.profiles.connection_field import ConnectionField
from kafkaview.profiles.profile import ConnectionProfile


def profile_document(profile: ConnectionProfile) -> dict[str, Any]:
    """Returns the JSON of one connection, without secrets."""
    document: dict[str, Any] = {row.json_name: _json(profile, row) for row in fields.FIELDS if row.json_name}
    return {**document, "user": profile.security.login}


def _json(profile: ConnectionProfile, row: ConnectionField) -> Any:
    if row.name == "verify_hostname" and not profile.security.protocol.tls:
        return None
    value = value_at(profile, row.path)
    return dict(value) if isinstance(value, Mapping) else value
