"""What an answer may hold that cannot be read. Whatever it is, it costs only the part that holds it."""

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
    """Raises UnreadableAnswer where the block meets damage; `what` is being read ("reading the metadata")."""
    try:
        yield
    except DAMAGE as damage:
        raise unreadable(what, damage) from damage


def unreadable(what: str, damage: BaseException) -> UnreadableAnswer:
    """Returns the error of an answer, with what stopped its reader."""
    words = str(damage) or type(damage).__name__
    return UnreadableAnswer(
        f"{what}: the answer cannot be read ({words})", "Whoever stands between may alter it, or the broker is faulty."
    )


def left_out(doing: str) -> UnreadableAnswer:
    """Returns the error of something that was asked for and is not in the answer."""
    return UnreadableAnswer(f"{doing}: the broker leaves it out of its answer")


def text_of(text: str | None) -> str:
    """Returns a text that Kafka never leaves out, and a word in its place where it is missing."""
    return NOT_READABLE if text is None else text


def listing(rows: Iterable[T] | None, doing: str) -> Iterable[T]:
    """Returns what an answer lists. Raises UnreadableAnswer where the list is missing: that is not an empty one."""
    if rows is None:
        raise UnreadableAnswer(f"{doing}: the list is missing from the answer")
    return rows


def rows_of(rows: Iterable[T] | None) -> Iterable[T]:
    """Returns the rows within a row; none where the array is missing, which Kafka never leaves out."""
    return () if rows is None else rows
