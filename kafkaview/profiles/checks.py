"""What keeps a connection from being saved: above all a secret where none may stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kafkaview.profiles import fields
from kafkaview.profiles.assembly import value_at
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.setting_names import is_further


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which field (`security.tls.certificate.pem`); the sentence quotes no secret."""

    field: str
    text: str


def problems(profile: ConnectionProfile) -> tuple[Problem, ...]:
    """Returns all that is wrong, the first field first."""
    return tuple(_problems(profile))


def _problems(profile: ConnectionProfile) -> Iterator[Problem]:
    for row in fields.FIELDS:
        value = value_at(profile, row.path) if row.stored and row.secret is None else None
        if isinstance(value, str) and (sentence := row.refusal(value)):
            yield Problem(row.path, sentence)
    for key in profile.settings:
        if not is_further(key):
            yield Problem("settings", f"{key} is no further setting; security has fields of its own.")
    security = profile.security
    if security.protocol.sasl and security.sasl is None:
        yield Problem("security.sasl.mechanism", f"{security.protocol} needs a mechanism.")
