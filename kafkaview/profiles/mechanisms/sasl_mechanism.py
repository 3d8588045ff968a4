"""What every SASL mechanism says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kafkaview.profiles.connection_field import ConnectionField
from kafkaview.profiles.mechanisms.sasl_exchange import Exchange, LoginMaterial
from kafkaview.profiles.security import Sasl, Secrets
from kafkaview.profiles.settings_reader import SettingsReader


@dataclass(frozen=True, slots=True)
class LoginGap:
    """What a login lacks: the place in the profile or the secret, the sentence, and what to do."""

    path: str
    message: str
    hint: str
    secret: bool = False


class SaslMechanism(ABC):
    """One SASL mechanism of Kafka."""

    name: str  # `sasl.mechanism`
    title: str
    fields: ClassVar[tuple[ConnectionField, ...]]
    java_module: ClassVar[str]  # the login module of sasl.jaas.config
    takes_token: ClassVar[bool] = False  # fetched from an OIDC endpoint
    takes_ticket: ClassVar[bool] = False  # needs the platform's Kerberos library

    @abstractmethod
    def read(self, settings: SettingsReader) -> Sasl:
        """Reads the login of client settings and keeps its secrets. Raises ValueError with a sentence."""

    @abstractmethod
    def jaas_options(self, sasl: Sasl) -> dict[str, str]:
        """Returns the options of the JAAS entry, without the secret."""

    @abstractmethod
    def gap(self, sasl: Sasl, secrets: Secrets) -> LoginGap | None:
        """Returns what is missing for a login; None where nothing is."""

    @abstractmethod
    def exchange(self, sasl: Sasl, material: LoginMaterial) -> Exchange:
        """Yields the messages of a login, for the doctor."""

    def constants(self) -> Mapping[str, str]:
        """Returns settings that this mechanism has whatever its fields hold."""
        return {}

    def credentials(self, sasl: Sasl, secrets: Secrets) -> tuple[str, str] | None:
        """Returns user and password; None where the mechanism has none, or one is missing."""
        del sasl, secrets
        return None

    def principal(self, sasl: Sasl) -> str | None:
        """Returns the user that the broker sees; None where the broker maps a token or ticket to one."""
        del sasl
        return None

    def librdkafka(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns librdkafka's settings of a whole login, beside the mechanism's name."""
        del sasl, secrets
        return {}

    def kafka_python(self, sasl: Sasl, secrets: Secrets) -> dict[str, Any]:
        """Returns kafka-python's settings of a whole login, beside the mechanism's name."""
        del sasl, secrets
        return {}
