"""A profile as its form shows it: one flat value for each field, which of them are visible, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from kafkaview.profiles import fields
from kafkaview.profiles.assembly import assemble, value_at
from kafkaview.profiles.connection_field import ConnectionField, FieldControl, FieldValue, FormValues, lines_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField


def empty_values() -> FormValues:
    """Returns the form of a new connection."""
    return FormValues({row.name: row.empty_value for row in fields.FIELDS if row.secret is None})


def values_of(profile: ConnectionProfile) -> FormValues:
    """Returns the form of a profile."""
    values = empty_values()
    for row in fields.FIELDS:
        if row.secret is None and row.stored:
            values[row.name] = _form_value(row, value_at(profile, row.path))
    for row in fields.FIELDS:
        if not row.stored:
            filled = [one.value for one in row.options if any(values.get(name) for name in one.fields)]
            values[row.name] = filled[-1] if filled else row.empty_value
    return values


def profile_of(values: FormValues, base: ConnectionProfile) -> ConnectionProfile:
    """Returns the profile that the form describes; it keeps the id of `base`, by which its secrets are found."""
    visible = visible_fields(values)
    rows = (row for row in fields.FIELDS if row.stored and row.secret is None and row.name in visible)
    found = {row.path: _profile_value(row, values[row.name]) for row in rows}
    made = assemble({path: value for path, value in found.items() if value is not None})
    return replace(made, id=base.id, saved=base.saved, named_by=base.named_by)


def visible_fields(values: FormValues) -> frozenset[str]:
    """Returns the fields and secrets that this way in needs; the others are hidden."""
    of_options = {name for row in fields.FIELDS for option in row.options for name in option.fields}
    visible: set[str] = set()
    for row in fields.FIELDS:
        if row.name not in of_options and row.when(values):
            visible.add(row.name)
            visible |= {name for one in row.options if one.value == values.get(row.name) for name in one.fields}
    return frozenset(visible)


def secrets_of(values: FormValues) -> tuple[SecretField, ...]:
    """Returns the secrets that this way in may need."""
    visible = visible_fields(values)
    return tuple(secret for secret in SecretField if secret in visible)


def problems(values: FormValues, taken: Collection[str] = ()) -> dict[str, str]:
    """Returns a sentence for each field that keeps the form from being saved; `taken` are the other profiles' names."""
    visible = visible_fields(values)
    found = {row.name: row.check(str(values.get(row.name))) for row in fields.FIELDS if row.name in visible}
    if values.text("name") in taken:
        found["name"] = f"There is a connection called {values.text('name')} already"
    return {name: sentence for name, sentence in found.items() if sentence}


def _form_value(row: ConnectionField, value: Any) -> FieldValue:
    if value is None:
        return row.empty_value
    if isinstance(value, Mapping):
        own = {one.path.removeprefix(f"{row.path}.") for one in fields.FIELDS}
        return lines_of({key: text for key, text in value.items() if key not in own})
    return value if isinstance(value, bool) else str(value)


def _profile_value(row: ConnectionField, value: FieldValue) -> Any:
    if row.control is FieldControl.TICK:
        return bool(value)
    text = str(value)
    if row.enum is not None:
        return row.enum(text) if text else row.default
    parsed = row.parse(text)
    return row.default if parsed == "" else parsed
