"""The messages between a window and its engine. Every message belongs to one call, by its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafkaview.cluster.errors import ClusterError


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the window: a method of a service and its arguments. They may hold a secret, so they
    are never printed.
    """

    number: int
    method: str
    arguments: tuple[Any, ...] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cancel:
    """The window cancels a call."""

    number: int


@dataclass(frozen=True, slots=True)
class More:
    """The window has taken an item of a stream and is ready for the next."""

    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The engine's answer: the only one of a call, or the end of a stream."""

    number: int
    value: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a stream."""

    number: int
    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the engine raised instead of an answer."""

    number: int
    error: Exception


class EngineLost(ClusterError):
    """The engine of the window has ended by itself, or could not be started."""

    kind = "engine"


class EngineFault(ClusterError):
    """An unexpected error in the engine; its own words, without the place in the source."""

    kind = "internal"
