"""PLAIN: user and password as they are, so over TLS only."""

from __future__ import annotations

from kafkaview.profiles.mechanisms.password import PasswordMechanism
from kafkaview.profiles.mechanisms.sasl_exchange import Exchange, LoginMaterial, LoginRefused
from kafkaview.profiles.security import Sasl


class PlainMechanism(PasswordMechanism):
    """PLAIN (RFC 4616)."""

    name = "PLAIN"
    title = "PLAIN"
    java_module = "org.apache.kafka.common.security.plain.PlainLoginModule"

    def exchange(self, sasl: Sasl, material: LoginMaterial) -> Exchange:
        """One message. A refusal does not say whether user or password is wrong."""
        answer = yield f"\0{sasl.username or ''}\0{material.password}".encode()
        if answer.refusal:
            raise LoginRefused("bad_credentials", answer.refusal)
