"""JSON as plain data in which every number is still the one that stands in the text.

A whole number of 64 bits is an int, and one that a double says is a float. Any other is the bytes of `exact_number`:
no text that is UTF-8 has such bytes, so a CEL expression can pass one on and can do nothing else with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

MARK: Final = b"\xff\x00number "
SPOILT_MARK: Final = MARK.decode(errors="replace")  # what a conversion to text makes of it
_EXACT: Final = re.compile(re.escape(MARK) + rb"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_PLAIN: Final = (str, int, bool, type(None))
_LEAST: Final = -(1 << 63)
_MOST: Final = (1 << 63) - 1
_MOST_DIGITS: Final = 20  # of a whole number of 64 bits, with its sign


class NotJson(ValueError):
    """A text is not JSON (RFC 8259)."""


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A JSON text and its value. Of a name that occurs twice the last counts, as for most parsers. `spellings` are the
    texts of the floats that Python would write differently (`0.10`), by how it would.
    """

    text: str
    value: object
    spellings: dict[str, str]


def read_json(text: str) -> JsonDocument:
    """Returns the document of a text. Raises NotJson."""
    spellings: dict[str, str] = {}

    def read_float(digits: str) -> float | bytes:
        number = float(digits)
        shortest = repr(number)
        if shortest == digits:
            return number
        if not says(shortest, digits):
            return exact_number(digits)
        spellings.setdefault(shortest, digits)
        return number

    try:
        value = json.loads(text, parse_float=read_float, parse_int=_read_integer, parse_constant=_refuse)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError as error:
        raise NotJson(str(error)) from None
    return JsonDocument(text, value, spellings)


def check_names(text: str) -> None:
    """Raises NotJson where an object of a valid JSON text has two members of one name."""
    json.loads(text, object_pairs_hook=_refuse_twice, parse_int=len, parse_float=len)


def exact_number(digits: str) -> bytes:
    """Returns a number that neither 64 bits nor a double hold, by its text."""
    return MARK + digits.encode()


def number_text(number: object) -> str | None:
    """Returns the text of an exact number; None of any other value."""
    if type(number) is not bytes:
        return None
    found = _EXACT.fullmatch(number)
    return found[1].decode() if found is not None else None


def says(one: str, other: str) -> bool:
    """Returns whether two texts are the same number."""
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:  # more digits of an exponent than are calculated with
        return False


def same(one: object, other: object) -> bool:
    """Returns whether two values are the same in JSON. 1 and 1.0 are not, nor are 0.0 and -0.0."""
    if type(one) is not type(other):
        return False
    if type(one) in _PLAIN:
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    digits = number_text(one), number_text(other)
    if digits[0] is not None and digits[1] is not None:
        return digits[0] == digits[1] or says(digits[0], digits[1])
    return one == other


def freeze(value: object) -> Hashable:
    """Returns what is equal for two values that are the same, to find one by the other."""
    if isinstance(value, dict):
        return dict, frozenset((name, freeze(below)) for name, below in value.items())
    if isinstance(value, list):
        return list, tuple(map(freeze, value))
    digits = number_text(value)
    if digits is not None:
        try:
            return bytes, Decimal(digits)
        except InvalidOperation:
            return bytes, digits
    return type(value), repr(value)


def _read_integer(digits: str) -> int | bytes:
    if len(digits) <= _MOST_DIGITS:
        number = int(digits)
        if _LEAST <= number <= _MOST:
            return number
    return exact_number(digits)


def _refuse_twice(pairs: Sequence[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise NotJson(f'it names "{next(name for name in names if names.count(name) > 1)}" twice in one object')


def _refuse(word: str) -> object:
    raise NotJson(f"{word} is not JSON")
