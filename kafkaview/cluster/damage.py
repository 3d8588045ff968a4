"""Errors for an answer of a broker that cannot be read. Only the damaged part of an answer is lost."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from kafkaview.cluster.errors import UnreadableAnswer

# What parsing raises: UnicodeDecodeError and JSONDecodeError are ValueErrors.
DAMAGE: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    struct.error,
)
NOT_READABLE: Final = "(not readable)"

T = TypeVar("T")


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raises UnreadableAnswer where the block meets damage; `what` names the reading ("reading the metadata")."""
    try:
        yield
    except DAMAGE as damage:
        raise unreadable(what, damage) from damage


def unreadable(what: str, damage: BaseException) -> UnreadableAnswer:
    """Returns the error for an answer that cannot be read, with the cause."""
    words = str(damage) or type(damage).__name__
    return UnreadableAnswer(
        f"{what}: the answer cannot be read ({words})", "Whoever stands between may alter it, or the broker is faulty."
    )


def left_out(doing: str) -> UnreadableAnswer:
    """Returns the error for something that was requested and is missing in the answer."""
    return UnreadableAnswer(f"{doing}: the broker leaves it out of its answer")


def text_of(text: str | None) -> str:
    """Returns a required text of an answer, or a placeholder where it is missing."""
    return NOT_READABLE if text is None else text


def listing(rows: Iterable[T] | None, doing: str) -> Iterable[T]:
    """Returns the list of an answer. Raises UnreadableAnswer where it is missing: a missing list is
    not an empty one.
    """
    if rows is None:
        raise UnreadableAnswer(f"{doing}: the list is missing from the answer")
    return rows


def rows_of(rows: Iterable[T] | None) -> Iterable[T]:
    """Returns the nested rows of a row, none where the array is missing. Kafka always sends the array."""
    return () if rows is None else rows
