"""PLAIN: user and password as they are, so over TLS only."""

from __future__ import annotations

from kafkaview.profiles.mechanisms.password import PasswordMechanism
from kafkaview.profiles.security import Mechanism


class PlainMechanism(PasswordMechanism):
    """PLAIN (RFC 4616)."""

    name = Mechanism.PLAIN
    title = "PLAIN"
    java_module = "org.apache.kafka.common.security.plain.PlainLoginModule"
