"""A connection: where the cluster is, how we log in, and how careful we are there. Holds no secret."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kafkaview.command_words import option_words
from kafkaview.profiles.journal_rules import JournalRules
from kafkaview.profiles.security import Security


class Environment(StrEnum):
    """How much harm a write can do; colours the whole window and sets how a write is confirmed."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class SchemaRegistry:
    """Where the schemas are; a user with a password (in the keyring) or none."""

    url: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionProfile:
    """One cluster as the user reaches it; may be written to a file, since every secret stays in the keyring.

    `environment` is None where nobody has said which it is: then no window claims one.
    `id` names it there, so that renaming keeps them; a profile that is not saved has one too. `settings` are further
    settings of librdkafka by its names (`client.dns.lookup`, ...), none of them about security. `colour` is `#RRGGBB`
    or None for the environment's. `saved` says that it is in the list of profiles, so that `--profile NAME` finds it;
    `named_by` is what named it on a command line.
    `zookeeper_tls` encrypts the way to ZooKeeper with the TLS of `security`, `zookeeper_user` logs in there by SASL
    DIGEST-MD5. `dead_letter_queue` is the name of the queues where records are sent to, with `{topic}` for the name of
    their own topic; None for that of `kafkaview/triage/reroute/queue_names.py`.
    """

    name: str
    bootstrap: str
    environment: Environment | None = None
    read_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    zookeeper: str | None = None
    zookeeper_tls: bool = field(default=False, kw_only=True)
    zookeeper_user: str | None = field(default=None, kw_only=True)
    schema_registry: SchemaRegistry | None = None
    security: Security = field(default_factory=Security)
    journal: JournalRules = field(default_factory=JournalRules, kw_only=True)
    dead_letter_queue: str | None = field(default=None, kw_only=True)
    colour: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    saved: bool = field(default=False, compare=False)
    named_by: tuple[str, ...] = field(default=(), compare=False)

    @property
    def title(self) -> str:
        """Its name, and its environment if it says one."""
        return self.name if self.environment is None else f"{self.name} ({self.environment.value})"

    @property
    def uses_tls(self) -> bool:
        """Whether what `security` says of TLS means anything."""
        return self.security.protocol.tls or self.zookeeper_tls

    @property
    def uses_https(self) -> bool:
        """Whether a web service beside the brokers is asked over TLS: the token endpoint, or the schema registry."""
        sasl = self.security.sasl if self.security.protocol.sasl else None
        endpoint = sasl.oauth.token_endpoint if sasl and sasl.oauth else ""
        registry = self.schema_registry.url if self.schema_registry else ""
        return any(url.lower().startswith("https://") for url in (endpoint, registry))

    @property
    def kept_under(self) -> str:
        """The name under which what a user chooses for its topics is kept: a saved connection, or an address."""
        return self.id if self.saved else self.bootstrap

    @property
    def options(self) -> tuple[str, ...]:
        """The words that name this cluster on a `kafkaview` line. They hold no secret: `--config` brings those."""
        return self.named_by or (
            option_words("--profile", self.name) if self.saved else ("--bootstrap", self.bootstrap)
        )
