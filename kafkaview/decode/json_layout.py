"""A JSON text laid out to be read, token by token: no number, name or escape is changed by being shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_OPENING: Final = {"}": "{", "]": "["}
_DEEPEST: Final = 64  # levels that are indented: below that a document of 1,000 levels would be mostly blanks


def lay_out(text: str) -> str:
    """Returns a valid JSON text with each member and item on a line of its own."""
    return "".join(_pieces(text))


def lay_out_part(text: str, first: int, length: int) -> str:
    """Returns characters of the laid out text, without laying out what follows them. The text may break off."""
    parts: list[str] = []
    at = 0
    for piece in _pieces(text):
        if at >= first + length:
            break
        if at + len(piece) > first:
            parts.append(piece[max(0, first - at) : first + length - at])
        at += len(piece)
    return "".join(parts)


def _pieces(text: str) -> Iterator[str]:
    depth = 0
    before = ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in _OPENING:
            depth -= 1
            if before != _OPENING[piece]:
                yield _line(depth)
            yield piece
        else:
            if before in _OPENING.values():
                yield _line(depth)
            yield piece
            if piece in _OPENING.values():
                depth += 1
            elif piece == ",":
                yield _line(depth)
            elif piece == ":":
                yield " "
        before = piece


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)
