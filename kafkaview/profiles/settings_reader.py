"""Client settings while a connection is made of them: values by name, the JAAS entry, and the secrets found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kafkaview.profiles.jaas import LoginEntry, parse_jaas
from kafkaview.profiles.security import SecretField


@dataclass
class SettingsReader:
    """The settings of one client, in Java's or librdkafka's spelling."""

    settings: Mapping[str, str]
    secrets: dict[SecretField, str] = field(default_factory=dict, repr=False)

    def one(self, *names: str) -> str | None:
        """Returns the value of the first of these names that has one."""
        return next((self.settings[name] for name in names if self.settings.get(name)), None)

    def flag(self, name: str, *, default: bool) -> bool:
        """Returns a value that is true or false. Raises ValueError."""
        text = self.settings.get(name, str(default)).strip().lower()
        if text not in ("true", "false"):
            raise ValueError(f"{name} is '{text}'; it is true or false.")
        return text == "true"

    def keep(self, secret: SecretField, value: str | None) -> None:
        """Keeps a secret that stands in the settings."""
        if value:
            self.secrets[secret] = value

    @cached_property
    def jaas_entry(self) -> LoginEntry | None:
        """The login entry of `sasl.jaas.config`. Raises ValueError."""
        text = self.one("sasl.jaas.config")
        return parse_jaas(text) if text else None

    @property
    def jaas_options(self) -> Mapping[str, str]:
        """The options of the login entry."""
        return self.jaas_entry.options if self.jaas_entry else {}
