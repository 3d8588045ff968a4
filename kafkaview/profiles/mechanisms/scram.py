"""SCRAM-SHA-256 and SCRAM-SHA-512: the password is proven and never sent."""

from __future__ import annotations

from kafkaview.profiles.mechanisms.password import PasswordMechanism
from kafkaview.profiles.security import Mechanism


class ScramSha256Mechanism(PasswordMechanism):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = Mechanism.SCRAM_SHA_256
    title = "SCRAM-SHA-256"
    java_module = "org.apache.kafka.common.security.scram.ScramLoginModule"

    def user_for_kafka_python(self, user: str) -> str:
        """Returns the user with `=` and `,` escaped."""
        return user.replace("=", "=3D").replace(",", "=2C")  # RFC 5802; the library sends names as they are


class ScramSha512Mechanism(ScramSha256Mechanism):
    """The same with the longer hash."""

    name = Mechanism.SCRAM_SHA_512
    title = "SCRAM-SHA-512"
