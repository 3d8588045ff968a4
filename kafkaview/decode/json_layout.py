"""A JSON text laid out to be read, token by token: no number, name or escape is changed by being shown."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_OPENING: Final = {"}": "{", "]": "["}
_DEEPEST: Final = 64  # levels that are indented: below that a document of 1,000 levels would be mostly blanks


def lay_out(text: str) -> str:
    """Returns a valid JSON text with each member and item on a line of its own."""
    parts: list[str] = []
    depth = 0
    before = ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in _OPENING:
            depth -= 1
            if before != _OPENING[piece]:
                parts.append(_line(depth))
            parts.append(piece)
        else:
            if before in _OPENING.values():
                parts.append(_line(depth))
            parts.append(piece)
            if piece in _OPENING.values():
                depth += 1
            elif piece == ",":
                parts.append(_line(depth))
            elif piece == ":":
                parts.append(" ")
        before = piece
    return "".join(parts)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST)
