"""The members of an object and the items of an array as they stand in a valid JSON text."""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import Final, NamedTuple

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_VALUES: Final = JSONDecoder(parse_int=len, parse_float=len)  # where they end is asked: numbers may have any length


class JsonPart(NamedTuple):
    """A member or an item. `blank` is the white space before it, `behind` that up to the comma or the end; `name` what
    its name says, None of an item; `label` the text from its name up to its value, of which `colon` follows the name.
    Its value lies from `start` to `end` (not included).
    """

    blank: str
    name: str | None
    label: str
    colon: str
    start: int
    end: int
    behind: str


def read_parts(text: str, start: int) -> list[JsonPart]:
    """Returns the parts of the object or array that begins at `start`, in the order of the text."""
    is_object = text[start] == "{"
    parts: list[JsonPart] = []
    at = start + 1
    if text[past_blank(text, at)] in "}]":
        return parts
    while True:
        first = named = value = past_blank(text, at)
        name = None
        if is_object:
            name, named = _VALUES.raw_decode(text, first)
            value = past_blank(text, past_blank(text, named) + 1)
        _, end = _VALUES.raw_decode(text, value)
        following = past_blank(text, end)
        parts.append(
            JsonPart(text[at:first], name, text[first:value], text[named:value], value, end, text[end:following])
        )
        if text[following] != ",":
            return parts
        at = following + 1


def past_blank(text: str, at: int) -> int:
    """Returns the next place at which no white space stands."""
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()
