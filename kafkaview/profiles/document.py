"""A connection as it stands in the file of saved connections: plain tables, without what has its default.

`VERSION` counts the forms of that file. A release that changes it adds what turns the form before into its own to
`MIGRATIONS`, so that every file ever written opens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from kafkaview.profiles import fields
from kafkaview.profiles.assembly import assemble, value_at
from kafkaview.profiles.connection_field import ConnectionField, FieldControl
from kafkaview.profiles.profile import ConnectionProfile

VERSION: Final = 1
Document = dict[str, Any]
# From a version to what makes the next of it, in place of the whole file's tables.
MIGRATIONS: Final[dict[int, Callable[[Document], Document]]] = {}


class WrittenByLaterRelease(Exception):
    """The file is sound, but of a form that this release does not know, so it is not written either."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}")
        self.version = version


def migrate(file: Document, *, to: int = VERSION) -> Document:
    """Returns the file's tables in today's form. Raises ValueError where no version stands, WrittenByLaterRelease where
    this release does not know the version.
    """
    version = file.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("it has no version")
    if version > to:
        raise WrittenByLaterRelease(version)
    while version < to:
        file = MIGRATIONS[version](file)
        version += 1
        file = {**file, "version": version}
    return file


def document_of(profile: ConnectionProfile) -> Document:
    """Returns the table of one connection."""
    document: Document = {"id": profile.id}
    for row in _stored_fields():
        value = value_at(profile, row.path)
        if value is None or value == {} or row.is_default(value):
            continue
        *way, key = row.path.split(".")
        table = document
        for part in way:
            table = table.setdefault(part, {})
        table[key] = value.value if isinstance(value, Enum) else value
    return document


def profile_of(table: Mapping[str, Any]) -> ConnectionProfile:
    """Returns the connection of one table. Raises ValueError or TypeError where it is none."""
    values = {"id": _text("id", table.get("id"))}
    for row in _stored_fields():
        value = _value(row, table)
        if value is not None:
            values[row.path] = value
    profile = replace(assemble(values), saved=True)
    security = profile.security
    if security.protocol.sasl and security.sasl is None:
        raise ValueError("a login without its mechanism")
    return profile if security.protocol.sasl else replace(profile, security=replace(security, sasl=None))


def _stored_fields() -> tuple[ConnectionField, ...]:
    """Returns the rows with a place of their own in the file: single client settings are within `settings`."""
    return tuple(row for row in fields.FIELDS if row.stored and row.secret is None and not row.setting)


def _value(row: ConnectionField, table: Mapping[str, Any]) -> Any:
    *way, key = row.path.split(".")
    for part in way:
        table = table.get(part, {})
        if not isinstance(table, dict):
            raise TypeError(f"{part} is no table")
    value = table.get(key)
    if value is None:
        return None
    if row.control is FieldControl.TICK:
        if not isinstance(value, bool):
            raise TypeError(f"{key} is neither true nor false")
        return value
    if row.control is FieldControl.PAIRS:
        if not isinstance(value, dict):
            raise TypeError(f"{key} is no table")
        if not all(isinstance(one, str) for one in value.values()):
            raise TypeError(f"{key} holds what is no text")
        return value
    return row.enum(_text(key, value)) if row.enum else _text(key, value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing or no text")
    return value
