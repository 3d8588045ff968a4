"""Sieves: values that certainly pass a rule go by without an object of what they hold, and a decoder looks at the rest.

A sieve may keep back a value that passes. It never lets through a value that the decoder refuses. This module imports
no decoder, because a process that scans seldom needs one.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import length_hint
from typing import Final, cast

Sieve = Callable[[Sequence[bytes]], set[int]]  # the places of the values that may not pass
_Errors = tuple[type[Exception], ...]

# orjson takes 1,024 containers inside each other; what is read here goes deeper on some releases of Python.
_DEEP: Final = 1_000
_LONG_NAME: Final = 50_000  # bytes: Jackson takes no longer name of a member
_DEEP_IN_PYTHON: Final = 800  # its json stops where 1,000 calls are inside each other, those of the program included
# A number is refused where no double holds it. Without a power of three digits it needs more than 200 digits then.
_DIGITS: Final = b"0" * 200
_POWER: Final = b"0e000"
_SHAPES: Final = bytes(48 if byte in b"0123456789+" else 101 if byte in b"eE" else 32 for byte in range(256))
_POWER_ENDS: Final = re.compile(rb"[0-9][eE]\+?[0-9]{3,}(?=[\s,\]}]|\Z)")


def keep_all(values: Sequence[bytes | None]) -> set[int]:
    """Keeps every value back but null: the sieve of a rule that has none of its own."""
    return {place for place, value in enumerate(values) if value is not None}


def keep_back(sieve: Sieve, values: Sequence[bytes | None]) -> set[int]:
    """Returns the places of the values that may not pass. Null passes."""
    try:
        return sieve(cast("Sequence[bytes]", values))
    except TypeError:  # some are null, which is seldom: looking for them first would cost more
        places = [place for place, value in enumerate(values) if value is not None]
    kept = sieve([value for value in values if value is not None])
    return {places[place] for place in kept}


def make_text_sieve(_argument: str = "") -> Sieve:
    """Returns the sieve of UTF-8."""
    return _keep_no_text


def make_size_sieve(limit: str) -> Sieve:
    """Returns the sieve of a size, in bytes."""
    return lambda values: _keep_long(values, int(limit))


def make_json_sieve(reader: str = "") -> Sieve:
    """Returns the sieve of JSON: grammar by msgspec, which skips over a document without making it. What every library
    takes passes; what one refuses beside RFC 8259 is kept back as well.
    """
    import msgspec

    skip = msgspec.json.Decoder(msgspec.Raw).decode
    errors = (msgspec.DecodeError, RecursionError)

    def keep_no_json(values: Sequence[bytes]) -> set[int]:
        kept = keep_unreadable(skip, values, errors)
        joined = b"\n".join(values)
        deep = _keep_deep(values, _DEEP_IN_PYTHON if reader == "python" else _DEEP)
        kept |= _keep_no_text(values, joined) | deep | _keep_large_numbers(values, joined)
        return kept | _keep_long(values, _LONG_NAME) if reader == "jackson" else kept

    return keep_no_json


def keep_unreadable(read: Callable[[bytes], object], values: Sequence[bytes], errors: _Errors) -> set[int]:
    """Returns the places of the values that raise when read; no line of Python runs for the others."""
    rest = iter(values)
    places: set[int] = set()
    while length_hint(rest):
        try:
            deque(map(read, rest), maxlen=0)
        except errors:
            places.add(len(values) - length_hint(rest) - 1)
    return places


def _keep_no_text(values: Sequence[bytes], joined: bytes | None = None) -> set[int]:
    """Returns the places of values that are not UTF-8.

    The values are decoded as one, because a line feed between two of them neither ends nor begins a character.
    """
    try:
        (b"\n".join(values) if joined is None else joined).decode()
    except UnicodeDecodeError:
        return keep_unreadable(bytes.decode, values, (UnicodeDecodeError,))
    return set()


def _keep_long(values: Sequence[bytes], most: int) -> set[int]:
    if max(map(len, values), default=0) <= most:
        return set()
    return {place for place, value in enumerate(values) if len(value) > most}


def _keep_deep(values: Sequence[bytes], most: int) -> set[int]:
    """A container has an opening and a closing byte, so that a short value has not many."""
    return {place for place in _keep_long(values, 2 * most) if _count_containers(values[place]) > most}


def _count_containers(value: bytes) -> int:
    return value.count(b"[") + value.count(b"{")


def _keep_large_numbers(values: Sequence[bytes], joined: bytes) -> set[int]:
    """Returns the places of numbers that may be beyond a double, found by their shape in all values at once."""
    shapes = joined.translate(_SHAPES)
    if shapes.rfind(_POWER) < 0 and _DIGITS not in shapes:  # from the end it is found in two thirds of the time
        return set()
    ends = list(accumulate(len(value) + 1 for value in values))
    powers = _find_places(shapes, _POWER, ends, lambda at: _POWER_ENDS.match(joined, at) is not None)
    return {*powers, *_find_places(shapes, _DIGITS, ends, lambda _at: True)}


def _find_places(data: bytes, needle: bytes, ends: Sequence[int], fits: Callable[[int], bool]) -> Iterator[int]:
    """Yields the places of the values that hold a needle where it fits; `ends` are where the values end in the data."""
    at = data.find(needle)
    while at >= 0:
        following = at + 1
        if fits(at):
            place = bisect(ends, at)
            yield place
            following = ends[place]
        at = data.find(needle, following)
