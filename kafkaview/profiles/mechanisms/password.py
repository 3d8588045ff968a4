"""What PLAIN and SCRAM have in common: a user and a password."""

from __future__ import annotations

from typing import Any

from kafkaview.profiles.connection_field import ConnectionField, FormSection, secret_field
from kafkaview.profiles.environment import LOGIN_VARIABLE
from kafkaview.profiles.field_checks import needs
from kafkaview.profiles.mechanisms.sasl_mechanism import LoginGap, SaslMechanism
from kafkaview.profiles.security import Sasl, SecretField, Secrets
from kafkaview.profiles.settings_reader import SettingsReader


class PasswordMechanism(SaslMechanism):
    """A login with a user and a password."""

    fields = (
        ConnectionField(
            name="username", path="security.sasl.username", section=FormSection.SECURITY, label="User", parse=str,
            check=needs("This login needs a user"), names=("sasl.username",), in_jaas=True,
        ),
        secret_field(
            SecretField.SASL_PASSWORD, FormSection.SECURITY, "Password", "password", needed=True,
            names=("sasl.password",), variable=LOGIN_VARIABLE,
            java_place='password="..." in sasl.jaas.config, before its semicolon',
        ),
    )  # fmt: skip

    def read(self, settings: SettingsReader) -> Sasl:
        """Reads the login."""
        if settings.jaas_options.get("tokenauth", "").lower() == "true":
            raise ValueError(
                'sasl.jaas.config holds a delegation token (tokenauth="true"), which no client library here can send. '
                "Log in with a user's own name and password."
            )
        user = settings.one("sasl.username") or settings.jaas_options.get("username")
        if not user:
            raise ValueError(f"{self.name} needs a user name: sasl.username, or username in sasl.jaas.config.")
        settings.keep(SecretField.SASL_PASSWORD, settings.one("sasl.password") or settings.jaas_options.get("password"))
        return Sasl(self.name, user)

    def jaas_options(self, sasl: Sasl) -> dict[str, str]:
        """Returns the options of the JAAS entry."""
        return {"username": sasl.username or ""}

    def gap(self, sasl: Sasl, secrets: Secrets) -> LoginGap | None:
        """Returns what is missing."""
        if not sasl.username:
            return LoginGap("security.sasl.username", f"{self.name} needs a user name.", "Give the user name.")
        if not secrets.get(SecretField.SASL_PASSWORD):
            words = f"The password of {sasl.username} is not known here."
            return LoginGap(SecretField.SASL_PASSWORD, words, "Give the password.", secret=True)
        return None

    def credentials(self, sasl: Sasl, secrets: Secrets) -> tuple[str, str] | None:
        """Returns user and password."""
        password = secrets.get(SecretField.SASL_PASSWORD)
        return (sasl.username, password) if sasl.username and password else None

    def principal(self, sasl: Sasl) -> str | None:
        """Returns the user."""
        return sasl.username

    def librdkafka(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns librdkafka's settings."""
        return {"sasl.username": sasl.username, "sasl.password": secrets.get(SecretField.SASL_PASSWORD)}

    def kafka_python(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns kafka-python's settings."""
        user, password = sasl.username or "", secrets.get(SecretField.SASL_PASSWORD)
        return {"sasl_plain_username": self.user_for_kafka_python(user), "sasl_plain_password": password}

    def user_for_kafka_python(self, user: str) -> str:
        """Returns the user as kafka-python wants it."""
        return user
