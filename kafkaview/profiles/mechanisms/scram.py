"""SCRAM-SHA-256 and SCRAM-SHA-512: the password is proven and never sent."""

from __future__ import annotations

from kafkaview.profiles.mechanisms.password import PasswordMechanism
from kafkaview.profiles.mechanisms.sasl_exchange import Exchange, LoginMaterial, LoginRefused
from kafkaview.profiles.mechanisms.scram_proof import NotProven, Scram
from kafkaview.profiles.security import Sasl


class ScramLoginMechanism(PasswordMechanism):
    """A login by SCRAM (RFC 7677), with a SHA-2 of so many bits."""

    java_module = "org.apache.kafka.common.security.scram.ScramLoginModule"

    def __init__(self, bits: str) -> None:
        self.name = self.title = f"SCRAM-SHA-{bits}"
        self._hash = f"sha{bits}"

    def user_for_kafka_python(self, user: str) -> str:
        """Returns the user with `=` and `,` escaped."""
        return user.replace("=", "=3D").replace(",", "=2C")  # RFC 5802; the library sends names as they are

    def exchange(self, sasl: Sasl, material: LoginMaterial) -> Exchange:
        """Two messages. The round that fails shows whether the user is unknown or the password wrong."""
        scram = Scram(self._hash, sasl.username or "", material.password)
        answer = yield scram.first()
        if answer.refusal:
            words = f"{answer.refusal} It knows no {self.name} password of {sasl.username}."
            raise LoginRefused("unknown_user", words)
        try:
            answer = yield scram.final(answer.data)
            if answer.refusal:
                words = f"{answer.refusal} It knows the user {sasl.username}: the password is another."
                raise LoginRefused("wrong_password", words)
            scram.check(answer.data)
        except (NotProven, ValueError, LookupError, TypeError, ArithmeticError) as failure:
            words = f"The broker does not prove that it knows the password ({failure})."
            raise LoginRefused("login_refused", words) from None
