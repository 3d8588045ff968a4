"""Every SASL mechanism that kafkaview speaks, in the order of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kafkaview.profiles.mechanisms.gssapi import GssapiMechanism
from kafkaview.profiles.mechanisms.oauthbearer import OauthBearerMechanism
from kafkaview.profiles.mechanisms.plain import PlainMechanism
from kafkaview.profiles.mechanisms.sasl_mechanism import SaslMechanism
from kafkaview.profiles.mechanisms.scram import ScramLoginMechanism
from kafkaview.profiles.security import Mechanism

_ALL: Final[tuple[SaslMechanism, ...]] = (
    PlainMechanism(),
    ScramLoginMechanism(Mechanism.SCRAM_SHA_256),
    ScramLoginMechanism(Mechanism.SCRAM_SHA_512),
    OauthBearerMechanism(),
    GssapiMechanism(),
)
MECHANISMS: Final[Mapping[Mechanism, SaslMechanism]] = {login.name: login for login in _ALL}
