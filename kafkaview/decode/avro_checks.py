"""Checks whether bytes are certainly a value of an Avro schema, without making what they hold.

A check returns the place behind a value. It does not look at the end of the bytes: whoever calls it sees that it came
out just there, and so never went beyond. What it is not sure of it refuses, and the reader of avro.py decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Check = Callable[[bytes, int], int]

LONGEST: Final = 8_000  # bytes: with more of them the reader counts its steps
_DEEPEST: Final = 50  # levels of a schema
_SURE_BYTES: Final = 9  # of a number that surely has at most 64 bits
_LAST_OF_INT: Final = 16  # what the fifth byte of 32 bits is below
_INT_BYTES: Final = 5


class Doubt(Exception):
    """These bytes may be no value of the schema."""


class Uncheckable(Exception):
    """A schema whose values are always left to the reader: it contains itself, or values of no bytes."""


DOUBTS: Final = (Doubt, IndexError, UnicodeDecodeError)


class CheckMaker:
    """Makes the checks of a schema's types, each named one once."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._made: dict[str, tuple[Check, int] | None] = {}  # None while one is being made

    def make(self, schema: Any) -> Check:
        """Returns the check of a parsed schema. Raises Uncheckable."""
        return self._make(schema)[0]

    def _make(self, schema: Any) -> tuple[Check, int]:
        """Returns a check and how many levels it has."""
        if isinstance(schema, str):
            return (_PRIMITIVES[schema], 0) if schema in _PRIMITIVES else self._named(schema)
        if isinstance(schema, list):
            return _within(_union, [self._make(branch) for branch in schema])
        kind = schema["type"]
        if kind in ("record", "error", "enum", "fixed"):
            return self._named(schema["name"])
        if kind == "array":
            item = self._make(schema["items"])
            if item[0] is _null:
                raise Uncheckable
            return _within(_items, [item])
        if kind == "map":
            return _within(_items, [_within(_record, [(_string, 0), self._make(schema["values"])])])
        return self._make(kind)  # of a logical type its own type counts

    def _named(self, name: str) -> tuple[Check, int]:
        if name not in self._made:
            self._made[name] = None
            self._made[name] = self._define(self._names[name])
        made = self._made[name]
        if made is None:  # it contains itself
            raise Uncheckable
        return made

    def _define(self, schema: Mapping[str, Any]) -> tuple[Check, int]:
        kind = schema["type"]
        if kind == "enum":
            return _index(len(schema["symbols"])), 0
        if kind == "fixed":
            if not schema["size"]:
                raise Uncheckable
            return _skip(schema["size"]), 0
        if kind not in ("record", "error"):
            return self._make(kind)
        fields = [self._make(one["type"]) for one in schema["fields"]]
        if all(check is _null for check, _ in fields):
            raise Uncheckable
        return _within(_record, fields)


def _within(make: Callable[[Sequence[Check]], Check], parts: Sequence[tuple[Check, int]]) -> tuple[Check, int]:
    """Returns the check of a type that contains others, one level higher than they are."""
    level = 1 + max((level for _, level in parts), default=0)
    if level > _DEEPEST:
        raise Uncheckable
    return make([check for check, _ in parts]), level


def _null(_data: bytes, at: int) -> int:
    return at


def _boolean(data: bytes, at: int) -> int:
    if data[at] > 1:
        raise Doubt
    return at + 1


def _long(data: bytes, at: int) -> int:
    start = at
    while data[at] > 0x7F:
        at += 1
    if at - start >= _SURE_BYTES:
        raise Doubt
    return at + 1


def _int(data: bytes, at: int) -> int:
    start = at
    while data[at] > 0x7F:
        at += 1
    size = at + 1 - start
    if size > _INT_BYTES or (size == _INT_BYTES and data[at] >= _LAST_OF_INT):
        raise Doubt
    return at + 1


def _read(data: bytes, at: int) -> tuple[int, int]:
    """Returns the next number, which must not be negative, and the place behind it."""
    byte = data[at]
    at += 1
    number = byte & 0x7F
    shift = 7
    while byte > 0x7F:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
    if number & 1 or shift > 7 * _SURE_BYTES:
        raise Doubt
    return number >> 1, at


def _bytes(data: bytes, at: int) -> int:
    size, at = _read(data, at)
    return at + size


def _string(data: bytes, at: int) -> int:
    byte = data[at]
    if byte & 0x81:  # longer than 63 bytes, or negative
        size, at = _read(data, at)
    else:
        size, at = byte >> 1, at + 1
    text = data[at : at + size]
    if not text.isascii():
        text.decode()
    return at + size


def _skip(size: int) -> Check:
    return lambda _data, at: at + size


def _index(count: int) -> Check:
    def check(data: bytes, at: int) -> int:
        index, at = _read(data, at)
        if index >= count:
            raise Doubt
        return at

    return check


def _record(fields: Sequence[Check]) -> Check:
    if len(fields) == 1:
        return fields[0]

    def check(data: bytes, at: int) -> int:
        for field in fields:
            at = field(data, at)
        return at

    return check


def _union(branches: Sequence[Check]) -> Check:
    def check(data: bytes, at: int) -> int:
        index, at = _read(data, at)
        return branches[index](data, at)

    return check


def _items(items: Sequence[Check]) -> Check:
    (item,) = items

    def check(data: bytes, at: int) -> int:
        while True:
            count, at = _read(data, at)
            if not count:
                return at
            if count > len(data) - at:  # each has a byte at least
                raise Doubt
            for _ in range(count):
                at = item(data, at)

    return check


_PRIMITIVES: Final[Mapping[str, Check]] = {
    "null": _null,
    "boolean": _boolean,
    "int": _int,
    "long": _long,
    "float": _skip(4),
    "double": _skip(8),
    "bytes": _bytes,
    "string": _string,
}
