"""Java's .properties format, which librdkafka's configuration files are a plain case of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SEPARATOR: Final = re.compile(r"(?<!\\)(?:\\\\)*([=:]|\s+[=:]?)\s*")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def parse_properties(text: str) -> dict[str, str]:
    """Keys and values; a later line wins over an earlier one of the same key."""
    found = {}
    for line in _logical_lines(text):
        separator = _SEPARATOR.search(line)
        key, value = (line, "") if separator is None else (line[: separator.start(1)], line[separator.end() :])
        found[_unescaped(key)] = _unescaped(value).strip()
    return found


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined with the next."""
    held = ""
    for line in text.splitlines():
        part = line.lstrip()
        if not held and (not part or part[0] in "#!"):
            continue
        continues = (len(part) - len(part.rstrip("\\"))) % 2 == 1
        held += part[:-1] if continues else part
        if not continues:
            yield held
            held = ""
    if held:
        yield held


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if len(code) > 1 else _CONTROLS.get(code, code)

    return _ESCAPE.sub(one, text)
