"""Where the values of a JSON text lie in its bytes: parsers return the values, hex views need the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a value, counted from 0."""

    position: int
    length: int


def open_at_end(data: bytes) -> str:
    """Returns what a JSON text breaks off in the middle of: `string`, `object`, `array` or `value`."""
    depth: list[bytes] = []
    end = 0
    for match in _TOKEN.finditer(data):
        if b'"' in data[end : match.start()]:
            return "string"
        token, end = match.group(), match.end()
        if token in (b"{", b"["):
            depth.append(token)
        elif token in (b"}", b"]") and depth:
            depth.pop()
    if b'"' in data[end:]:
        return "string"
    if not depth:
        return "value"
    return "object" if depth[-1] == b"{" else "array"


def locate(data: bytes, path: Sequence[str | int]) -> Span | None:
    """Returns the bytes of the value at `path` (field names and array places) in a valid JSON text. Of a repeated field
    the last counts, as for parsers. None if nothing lies there, or deeper than can be followed.
    """
    try:
        return _Walker(data).value(list(path))
    except RecursionError:
        return None


class _Walker:
    """Reads a valid JSON text token by token, keeping where each value starts and ends."""

    def __init__(self, data: bytes) -> None:
        self._tokens: Iterator[re.Match[bytes]] = _TOKEN.finditer(data)

    def value(self, path: list[str | int] | None) -> Span | None:
        """Passes over one value; returns the span of what lies at `path` below it (None: nothing is searched for)."""
        return self._value_from(next(self._tokens), path)[0]

    def _value_from(self, first: re.Match[bytes], path: list[str | int] | None) -> tuple[Span | None, int]:
        token = first.group()
        found, end = None, first.end()
        if token == b"{":
            found, end = self._object(path)
        elif token == b"[":
            found, end = self._array(path)
        if path == []:
            found = Span(first.start(), end - first.start())
        return found, end

    def _object(self, path: list[str | int] | None) -> tuple[Span | None, int]:
        found: Span | None = None
        for token in self._tokens:
            if token.group() == b"}":
                return found, token.end()
            if token.group() == b",":
                continue
            name = orjson.loads(token.group())
            next(self._tokens)  # the colon
            below = path[1:] if path and path[0] == name else None
            span, _ = self._value_from(next(self._tokens), below)
            found = span if below is not None else found
        return found, 0

    def _array(self, path: list[str | int] | None) -> tuple[Span | None, int]:
        found: Span | None = None
        place = 0
        for token in self._tokens:
            if token.group() == b"]":
                return found, token.end()
            if token.group() == b",":
                place += 1
                continue
            below = path[1:] if path and path[0] == place else None
            span, _ = self._value_from(token, below)
            found = span or found
        return found, 0
