"""One hop of a dead letter: the headers that one writer added, read by exact name. Nothing raises; what a header does
not hold as its name says becomes a problem in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kafkaview.terms import Header

_MOST_DIGITS: Final = 19  # of an int64
_NUMBER: Final = re.compile(rf"-?[0-9]{{1,{_MOST_DIGITS}}}")
_SHOWN: Final = 40  # characters of a wrong value
_CAUSE: Final = re.compile(r"^[ \t]*Caused by: ([\w.$]+)", re.MULTILINE)


class LetterHop:
    """The headers of one hop by name, in the order they were written; a name may repeat where its dialect repeats it.
    `begin` is the place of the first among the record's headers.
    """

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.problems: list[str] = []
        self._values: dict[str, list[bytes | None]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def add(self, header: Header) -> None:
        """Adds a header."""
        self._values.setdefault(header.key, []).append(header.value)

    def values(self, name: str) -> tuple[bytes, ...]:
        """Returns the values of a header that are not null."""
        return tuple(value for value in self._values.get(name, ()) if value is not None)

    def text(self, *names: str) -> str | None:
        """Returns the UTF-8 text of the first of these headers that is there, with surrogates for bytes that are not
        (PEP 383); None where it is null or absent.
        """
        for name in names:
            for value in reversed(self.values(name)):
                return self._decode(name, value)
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """Returns the texts of a header that may repeat."""
        return tuple(self._decode(name, value) for value in self.values(name))

    def decimal(self, name: str, width: int = 8) -> int | None:
        """Returns the number of a header that holds decimal text of a signed integer of `width` bytes."""
        for value in reversed(self.values(name)):
            text = value[: _MOST_DIGITS + 2].decode("latin-1")
            if not _NUMBER.fullmatch(text):
                self._note(name, f"is {_shown(value)}, not a number")
            elif int(text).bit_length() < 8 * width:
                return int(text)
            else:
                self._note(name, f"is {text}, more than an integer of {width} bytes holds")
        return None

    def big_endian(self, width: int, *names: str) -> int | None:
        """Returns the number of a header that holds a signed big-endian integer of `width` bytes."""
        for name in names:
            for value in reversed(self.values(name)):
                if len(value) == width:
                    return int.from_bytes(value, "big", signed=True)
                self._note(name, f"has {len(value)} bytes where an integer of {width} is written")
        return None

    def big_integer(self, name: str) -> int | None:
        """Returns the number of a header that holds Java's BigInteger.toByteArray()."""
        for value in reversed(self.values(name)):
            if 0 < len(value) <= 8:
                return int.from_bytes(value, "big", signed=True)
            self._note(name, f"has {len(value)} bytes where a time of 1 to 8 is written")
        return None

    def non_negative(self, number: int | None, *names: str) -> int | None:
        """Returns a partition or an offset; none of them is negative."""
        if number is not None and number < 0:
            self._note(next((name for name in names if name in self), names[0]), f"is {number}, which is negative")
            return None
        return number

    def _decode(self, name: str, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            self._note(name, f"is not UTF-8 at byte {error.start}")
            return value.decode(errors="surrogateescape")

    def _note(self, name: str, problem: str) -> None:
        self.problems.append(f"{name} {problem}")


def split_hops(headers: Iterable[tuple[int, Header]], repeated: frozenset[str]) -> list[LetterHop]:
    """Divides a dialect's headers, each with its place in the record, into hops: one that repeats a name begins the
    next, unless its dialect repeats that name within a hop.
    """
    hops: list[LetterHop] = []
    for place, header in headers:
        if not hops or (header.key in hops[-1] and header.key not in repeated):
            hops.append(LetterHop(place))
        hops[-1].add(header)
    return hops


def innermost_cause(stack_trace: str | None) -> str | None:
    """Returns the class of the last `Caused by:` of a Java stack trace."""
    found = _CAUSE.findall(stack_trace or "")
    return found[-1] if found else None


def _shown(value: bytes) -> str:
    text = value[:_SHOWN].decode(errors="backslashreplace")
    return f"'{text}{'…' if len(value) > _SHOWN else ''}'"
