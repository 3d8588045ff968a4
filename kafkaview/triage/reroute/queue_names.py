"""Valid names of dead letter queues, and a replacement for an invalid one. Does no I/O."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain, count
from typing import Final

from kafkaview.profiles.field_checks import TOPIC

_LONGEST: Final = 249  # characters (Topic.java)
_ODD: Final = re.compile(r"[^a-zA-Z0-9._-]")
_OF_WORDS: Final = re.compile(r"[a-zA-Z0-9]")
_SUFFIX: Final = "-dlq"
_INTERNAL: Final = frozenset({"__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"})


def default_name(source: str, pattern: str | None = None) -> str:
    """Returns the default name of a topic's queue, by the pattern of the connection if that has one."""
    return f"{source}{_SUFFIX}" if pattern is None else pattern.replace(TOPIC, source)


def refusal_of_name(name: str, topics: Collection[str]) -> str:
    """Returns why no queue can have this name; empty if the name is valid. `topics` are those that the principal may
    see.
    """
    if name in _INTERNAL:
        return f"{name} is Kafka's own: brokers let no client write to it"
    if not name or name in (".", ".."):
        return f"{name or 'An empty name'} is no name of a topic"
    odd = _ODD.search(name)
    if odd is not None:
        return f"{name} cannot be a topic: '{odd[0]}' is not among the characters that Kafka takes (a-z A-Z 0-9 . _ -)"
    if len(name) > _LONGEST:
        return f"{name} cannot be a topic: Kafka takes names of {_LONGEST} characters, and this has {len(name)}"
    twin = next((topic for topic in topics if topic != name and _likeness(topic) == _likeness(name)), None)
    if name not in topics and twin is not None:
        return f"{name} cannot be made: {twin} is there, and Kafka takes no two names that differ only in . and _"
    return ""


def other_name(name: str, source: str, topics: Collection[str]) -> str:
    """Returns a valid name that is close to a refused one and not taken by a topic."""
    plain = _ODD.sub("-", name)
    if name in _INTERNAL or not _OF_WORDS.search(plain):
        plain = default_name(source)
    suffix = _SUFFIX if plain.endswith(_SUFFIX) else ""
    stem = plain.removesuffix(suffix)
    additions = chain([suffix], (f"{suffix}-{number}" for number in count(2)))
    names = (f"{stem[: _LONGEST - len(addition)]}{addition}" for addition in additions)
    return next(name for name in names if name not in topics and not refusal_of_name(name, topics))


def _likeness(name: str) -> str:
    """Returns the name of a topic in metrics, which must be unique (Topic.hasCollision)."""
    return name.replace(".", "_")
