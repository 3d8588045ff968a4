"""Every SASL mechanism that kafkaview speaks, in the order of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kafkaview.profiles.mechanisms.gssapi import GssapiMechanism
from kafkaview.profiles.mechanisms.oauthbearer import OauthBearerMechanism
from kafkaview.profiles.mechanisms.plain import PlainMechanism
from kafkaview.profiles.mechanisms.sasl_mechanism import SaslMechanism
from kafkaview.profiles.mechanisms.scram import ScramLoginMechanism

_ALL: Final[tuple[SaslMechanism, ...]] = (
    PlainMechanism(),
    ScramLoginMechanism("256"),
    ScramLoginMechanism("512"),
    OauthBearerMechanism(),
    GssapiMechanism(),
)
MECHANISMS: Final[Mapping[str, SaslMechanism]] = {login.name: login for login in _ALL}


def mechanism_named(name: str) -> str:
    """Returns the name. Raises ValueError if no mechanism has it."""
    if name not in MECHANISMS:
        raise ValueError(f"{name} is none of {', '.join(MECHANISMS)}")
    return name
