"""A JSON text with another value: only what differs is written anew. All else keeps its bytes: how a number or a string
is spelled, the order of names, those that occur twice, and white space.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from json.encoder import encode_basestring
from typing import Final

from kafkaview.triage.mending.exact_json import JsonDocument, freeze, number_text, same
from kafkaview.triage.mending.json_parts import JsonPart, past_blank, read_parts

_SPACED: Final = re.compile(r'"\s*:[ \t]')
_MOST_ALIGNED: Final = 1_000_000  # pairs of items that are compared: beyond it items are taken by their places

Piece = tuple[JsonPart | None, str]  # a member or item of the new text, and the one of the old text that it was


class NoJsonValue(ValueError):
    """A value has no place in JSON. The text says which."""


def rewrite(document: JsonDocument, value: object) -> str:
    """Returns the text with another value. Raises NoJsonValue."""
    text = document.text
    start, end = past_blank(text, 0), len(text.rstrip(" \t\n\r"))
    new = _Rewriting(document).value(start, end, document.value, value)
    return text[:start] + new + text[end:]


def write_json(value: object) -> str:
    """Returns the text of a value. Raises NoJsonValue."""
    return _Rewriting(JsonDocument("", None, {})).write(value)


class _Rewriting:
    """One text that gets another value."""

    def __init__(self, document: JsonDocument) -> None:
        self._document = document
        self._text = document.text
        self._containers: dict[Hashable, str] | None = None
        self._space = " " if _SPACED.search(self._text) is not None else ""

    def value(self, start: int, end: int, old: object, new: object) -> str:
        """Returns the text of a value that stands between two places and becomes another."""
        if same(old, new):
            return self._text[start:end]
        if isinstance(old, dict) and isinstance(new, dict):
            return self._object(start, old, new)
        if isinstance(old, list) and isinstance(new, list):
            return self._array(start, old, new)
        return self.write(new)

    def write(self, new: object) -> str:
        """Returns the text of a value that has no place in the old text; one that is the same elsewhere there keeps how
        it is written.
        """
        if isinstance(new, str):
            return _string(new)
        if new is None or isinstance(new, bool):
            return "null" if new is None else "true" if new else "false"
        if isinstance(new, int):
            return str(new)
        if isinstance(new, float):
            if not math.isfinite(new):
                raise NoJsonValue(f"{new} is no number of JSON")
            return self._document.spellings.get(repr(new), repr(new))
        if isinstance(new, (dict, list)):
            return self._known(new) or self._laid_out(new)
        digits = number_text(new)
        if digits is None:
            raise NoJsonValue(f"a value of the type {type(new).__name__} has no place in JSON")
        return digits

    def _laid_out(self, new: dict[object, object] | list[object]) -> str:
        comma = f",{self._space}"
        if isinstance(new, list):
            return f"[{comma.join(map(self.write, new))}]"
        return f"{{{comma.join(self._member(name, value, f':{self._space}') for name, value in new.items())}}}"

    def _member(self, name: object, value: object, colon: str) -> str:
        if not isinstance(name, str):
            raise NoJsonValue(f"a name in JSON is text, {name!r} is not")
        return f"{_string(name)}{colon}{self.write(value)}"

    def _known(self, new: dict[object, object] | list[object]) -> str | None:
        """Returns the text of an object or array that stands somewhere in the old text."""
        if not new or not self._text:
            return None
        if self._containers is None:
            self._containers = {}
            self._collect(past_blank(self._text, 0), len(self._text.rstrip(" \t\n\r")), self._document.value)
        return self._containers.get(freeze(new))

    def _collect(self, start: int, end: int, value: object) -> None:
        assert self._containers is not None
        if not isinstance(value, (dict, list)):
            return
        self._containers.setdefault(freeze(value), self._text[start:end])
        parts = read_parts(self._text, start)
        if isinstance(value, list):
            for part, item in zip(parts, value, strict=True):
                self._collect(part.start, part.end, item)
            return
        for name, part in {part.name: part for part in parts}.items():  # the last one of a name
            self._collect(part.start, part.end, value[name])

    def _object(self, start: int, old: dict[str, object], new: dict[str, object]) -> str:
        parts = read_parts(self._text, start)
        last = {part.name: place for place, part in enumerate(parts)}
        pieces: list[Piece] = []
        for place, part in enumerate(parts):
            if part.name is None or part.name not in new:
                continue
            before, after = old[part.name], new[part.name]
            # An earlier one of a name that occurs twice has the old value for parsers that take the first.
            if place == last[part.name]:
                pieces.append((part, part.label + self.value(part.start, part.end, before, after)))
            elif same(before, after):
                pieces.append((part, part.label + self._text[part.start : part.end]))
        colon = parts[-1].colon if parts else f":{self._space}"
        pieces += [(None, self._member(name, value, colon)) for name, value in new.items() if name not in old]
        return f"{{{self._join(parts, pieces)}}}"

    def _array(self, start: int, old: list[object], new: list[object]) -> str:
        parts = read_parts(self._text, start)
        pieces: list[Piece] = []
        for place, item in _align(old, new):
            part = None if place is None else parts[place]
            if part is None or place is None:
                pieces.append((None, self.write(item)))
            else:
                pieces.append((part, self.value(part.start, part.end, old[place], item)))
        return f"[{self._join(parts, pieces)}]"

    def _join(self, parts: Sequence[JsonPart], pieces: Sequence[Piece]) -> str:
        """Returns the inside of an object or array. The first and the last piece have the white space of those that
        stood there, and one that is new has that of its neighbours.
        """
        if not pieces or not parts:
            return f",{self._space}".join(body for _, body in pieces)
        first, last = parts[0], parts[-1]
        between = (last.blank, first.behind) if len(parts) > 1 else (first.blank or self._space, "")
        texts = []
        for place, (part, body) in enumerate(pieces):
            blank = between[0] if part is None or part is first else part.blank
            behind = between[1] if part is None or part is last else part.behind
            blank = first.blank if place == 0 else blank
            behind = last.behind if place == len(pieces) - 1 else behind
            texts.append(blank + body + behind)
        return ",".join(texts)


def _align(old: Sequence[object], new: Sequence[object]) -> Iterator[tuple[int | None, object]]:
    """Yields the new items, each with the place of the old one that it was; None of one that is new."""
    if len(old) * len(new) > _MOST_ALIGNED:
        yield from ((place if place < len(old) else None, item) for place, item in enumerate(new))
        return
    matcher = SequenceMatcher(None, [freeze(item) for item in old], [freeze(item) for item in new], autojunk=False)
    for _, start, end, first, beyond in matcher.get_opcodes():
        for step, item in enumerate(new[first:beyond]):
            yield start + step if start + step < end else None, item


def _string(text: str) -> str:
    """Returns a JSON string; half of a surrogate pair, which UTF-8 does not have, as an escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return encode_basestring(text)
