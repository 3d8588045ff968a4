"""A connection: where the cluster is, and the client settings that reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Environment(StrEnum):
    """How much harm a write can do; colours the whole window and sets how a write is confirmed."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class ConnectionProfile:
    """One cluster as the user reaches it.

    `settings` are librdkafka's property names without `bootstrap.servers`; they may hold secrets and are therefore
    kept out of the repr. ZooKeeper and the schema registry are not the clients' business and stand beside them.
    """

    name: str
    bootstrap: str
    environment: Environment = Environment.DEVELOPMENT
    read_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    zookeeper: str | None = None
    schema_registry: str | None = None
