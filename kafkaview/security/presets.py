"""Sets of ACLs for what people ask for: an application that reads, one that writes, kafkaview itself.

A name that ends in `*` is a prefix, `*` alone is every name. Each set holds the rights that the requests need and no
other: READ and WRITE bring DESCRIBE with them (StandardAuthorizerData.java).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.security import (
    ANY_HOST,
    ANY_NAME,
    CLUSTER_NAME,
    Acl,
    Operation,
    PatternType,
    Permission,
    ResourceType,
)
from kafkaview.command_words import option_words

TOPIC: Final = "topic"
GROUP: Final = "group"
TRANSACTIONAL_ID: Final = "transactional-id"
DEAD_LETTERS: Final = "dead-letters"
OWN_TRANSACTIONS: Final = "kafkaview-*"  # what kafkaview's own transactional ids begin with

Values = Mapping[str, str]
_Right = tuple[ResourceType, str, Operation]


@dataclass(frozen=True, slots=True)
class Preset:
    """One set. `needs` are the names that it takes, for the command line's options and the window's fields."""

    name: str
    title: str
    needs: tuple[str, ...]
    rights: Callable[[Values], tuple[_Right, ...]]

    def acls(self, principal: str, values: Values, host: str = ANY_HOST) -> tuple[Acl, ...]:
        """Returns the ACLs for one principal. `values` holds a name for each of `needs`, or several topics with commas:
        those cannot hold one, as any other name can.
        """
        return tuple(
            Acl(kind, *pattern_of(name), principal, host, operation, Permission.ALLOW)
            for kind, value, operation in self.rights(values)
            for name in (_topics_of(value) if kind is ResourceType.TOPIC else (value,))
        )

    def options(self, principal: str, values: Values, host: str = ANY_HOST) -> tuple[str, ...]:
        """Returns the options of `acls create` for this set."""
        names = (word for need in self.needs for word in option_words(f"--{need}", values[need]))
        where = option_words("--host", host) if host != ANY_HOST else ()
        return ("--preset", self.name, *option_words("--principal", principal), *names, *where)


def _topics_of(value: str) -> list[str]:
    return [name for part in value.split(",") if (name := part.strip())]


def pattern_of(name: str) -> tuple[str, PatternType]:
    """Returns the pattern of a text: `orders*` is the prefix `orders`; `*` and `orders` are literal."""
    if name != ANY_NAME and name.endswith("*"):
        return name[:-1], PatternType.PREFIXED
    return name, PatternType.LITERAL


def _consumer(values: Values) -> tuple[_Right, ...]:
    return (
        (ResourceType.TOPIC, values[TOPIC], Operation.READ),
        (ResourceType.GROUP, values[GROUP], Operation.READ),
    )


def _producer(values: Values) -> tuple[_Right, ...]:
    return ((ResourceType.TOPIC, values[TOPIC], Operation.WRITE),)


def _transactional_producer(values: Values) -> tuple[_Right, ...]:
    return (*_producer(values), (ResourceType.TRANSACTIONAL_ID, values[TRANSACTIONAL_ID], Operation.WRITE))


def _read_only(_values: Values) -> tuple[_Right, ...]:
    return (
        (ResourceType.TOPIC, ANY_NAME, Operation.READ),
        (ResourceType.TOPIC, ANY_NAME, Operation.DESCRIBE_CONFIGS),
        (ResourceType.GROUP, ANY_NAME, Operation.DESCRIBE),
        (ResourceType.TRANSACTIONAL_ID, ANY_NAME, Operation.DESCRIBE),
        (ResourceType.DELEGATION_TOKEN, ANY_NAME, Operation.DESCRIBE),
        (ResourceType.CLUSTER, CLUSTER_NAME, Operation.DESCRIBE),
        (ResourceType.CLUSTER, CLUSTER_NAME, Operation.DESCRIBE_CONFIGS),
    )


def _triage(values: Values) -> tuple[_Right, ...]:
    return (
        *_read_only(values),
        (ResourceType.GROUP, ANY_NAME, Operation.READ),
        (ResourceType.TOPIC, values[DEAD_LETTERS], Operation.WRITE),
        (ResourceType.TOPIC, values[DEAD_LETTERS], Operation.CREATE),
        (ResourceType.TRANSACTIONAL_ID, OWN_TRANSACTIONS, Operation.WRITE),
    )


PRESETS: Final = (
    Preset("consumer", "Consumer", (TOPIC, GROUP), _consumer),
    Preset("producer", "Producer", (TOPIC,), _producer),
    Preset("transactional-producer", "Transactional producer", (TOPIC, TRANSACTIONAL_ID), _transactional_producer),
    Preset("kafkaview-read-only", "kafkaview, read-only", (), _read_only),
    Preset("kafkaview-triage", "kafkaview, triage", (DEAD_LETTERS,), _triage),
)
