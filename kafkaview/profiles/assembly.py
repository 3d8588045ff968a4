"""A profile taken apart into the values of its fields' paths, and put together of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kafkaview.profiles.journal_rules import JournalRules
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.security import Certificate, Kerberos, OAuth, Sasl, Security, Tls, WebTrust

_PARTS: Final[Mapping[str, Any]] = {
    "schema_registry": SchemaRegistry,
    "security": Security,
    "security.tls": Tls,
    "security.tls.certificate": Certificate,
    "security.web": WebTrust,
    "security.sasl": Sasl,
    "security.sasl.oauth": OAuth,
    "security.sasl.kerberos": Kerberos,
    "journal": JournalRules,
}


def value_at(profile: ConnectionProfile, path: str) -> Any:
    """Returns the value of a path, enumerations and mappings as they are; None where a part of the way is missing."""
    value: Any = profile
    part, _, rest = path.partition(".")
    while part:
        value = getattr(value, part)
        if isinstance(value, Mapping):
            return value.get(rest) if rest else value
        if value is None:
            return None
        part, _, rest = rest.partition(".")
    return value


def assemble(values: Mapping[str, Any]) -> ConnectionProfile:
    """Makes a profile of the values of its paths. Raises TypeError where a part lacks a value that it must have."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        branch, key = _branch(tree, path)
        branch[key] = {**value, **branch.get(key, {})} if isinstance(value, Mapping) else value
    profile: ConnectionProfile = _profile_part("", tree)
    return profile


def _branch(tree: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """Returns the table of a path and its key there; the key of a mapping (`settings.client.id`) may hold dots."""
    way, rest = "", path
    while "." in rest:
        part, _, rest = rest.partition(".")
        tree = tree.setdefault(part, {})
        way = f"{way}.{part}".lstrip(".")
        if way not in _PARTS:
            break
    return tree, rest


def _profile_part(path: str, tree: Mapping[str, Any]) -> Any:
    """Makes one part; what is a part already stays."""
    values = {}
    for key, value in tree.items():
        way = f"{path}.{key}".lstrip(".")
        values[key] = _profile_part(way, value) if way in _PARTS and isinstance(value, dict) else value
    return _PARTS.get(path, ConnectionProfile)(**values)
