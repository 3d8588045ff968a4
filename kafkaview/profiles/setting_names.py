"""The names of a client's settings that are read here, in Java's and librdkafka's spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kafkaview.profiles import fields
from kafkaview.profiles.further_settings import FURTHER

# Settings whose values are secrets, or hold some.
SECRET: Final = frozenset(
    {
        *(name for row in fields.secret_fields() for name in row.names),
        *("sasl.jaas.config", "ssl.key.pem", "ssl.keystore.key"),
    }
)
# What is read beside the settings of single fields.
_BESIDE: Final = frozenset(
    {
        "enable.ssl.certificate.verification",
        "sasl.oauthbearer.method",
        "schema.registry.ssl.truststore.type",
        "ssl.keystore.type",
        "ssl.truststore.type",
    }
)


def is_known(name: str) -> bool:
    """Whether a setting means something to a connection."""
    return name in SECRET | FURTHER | _BESIDE or any(name in row.names for row in fields.FIELDS)


def is_further(name: str) -> bool:
    """Whether a setting goes to librdkafka as it is."""
    return name in FURTHER or any(name == row.setting for row in fields.FIELDS)


def replace_settings(settings: Mapping[str, str], later: Mapping[str, str]) -> dict[str, str]:
    """Returns the settings with later ones over them, whichever spelling either is in."""
    dropped = {name for names in _alternatives() if not later.keys().isdisjoint(names) for name in names}
    return {**{name: value for name, value in settings.items() if name not in dropped}, **later}


def _alternatives() -> Iterator[set[str]]:
    """Yields the settings that mean the same field, or the fields of which a profile has one."""
    names = {row.name: row.names for row in fields.FIELDS if row.secret is None}
    yield from map(set, names.values())
    for row in fields.FIELDS:
        if not row.stored:
            yield {name for option in row.options for first in option.fields[:1] for name in names[first]}
