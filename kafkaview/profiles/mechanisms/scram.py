"""SCRAM-SHA-256 and SCRAM-SHA-512: the password is proven and never sent."""

from __future__ import annotations

from kafkaview.profiles.mechanisms.password import PasswordMechanism
from kafkaview.profiles.security import Mechanism


class ScramLoginMechanism(PasswordMechanism):
    """A login by SCRAM (RFC 7677), with the hash that the mechanism is named after."""

    java_module = "org.apache.kafka.common.security.scram.ScramLoginModule"

    def __init__(self, name: Mechanism) -> None:
        self.name = name
        self.title = name.value

    def user_for_kafka_python(self, user: str) -> str:
        """Returns the user with `=` and `,` escaped."""
        return user.replace("=", "=3D").replace(",", "=2C")  # RFC 5802; the library sends names as they are
