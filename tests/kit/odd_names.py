"""Names that others may choose: all that a group or a header can be called, and all that Python's text can hold."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from kafkaview.words import visible_alone

_BLANKS: Final = (" ", "  ", "\u00a0", "\u3000", "\t", "\n", "\r\n", "\u2028")
_CONTROLS: Final = (
    "\0",
    "\x1b[2J",
    "\x1b]0;x\x07",
    "\x9b31m",
    "\x7f",
    "\x08",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
)
_SHELL: Final = (
    "-",
    "--",
    "--yes",
    "$HOME",
    "`x`",
    "$(x)",
    "'",
    '"',
    "\\",
    "*",
    "~",
    "#",
    "!",
    "&",
    "|",
    ";",
    ">",
    "%s",
    "%n",
)
_OURS: Final = (
    "g:1=2,3",
    "User:",
    "*",
    "=",
    ":",
    ",",
    "/",
    "{}",
    "[]",
    "[bold]x[/bold]",
    "(empty name)",
    "none",
    "null",
)
_MARKUP: Final = ("<h1>x</h1>", '<img src="file:///etc/passwd">', "&lt;", "&#27;", "a < b", "<b", "|", "**x**")
_ESCAPES: Final = (
    "\\x1b",
    "\\u202e",
    "\\x5c",
    "\\n",
    "\\\\",
    "\\xff",
    "\\U000e0001",
    "DOMAIN\\user",
    "DOMAIN\\x1bob",
    "\\ud83d",
)
_LETTERS: Final = (
    "orders",
    "gr\u00fc\u00dfe",
    "\u65e5\u672c",
    "\U0001f600",
    "e\u0301",
    "\u0301",
    "\u3164",
    "\ufe0f",
    "\U000e0101",
    "",
)
_HALVES: Final = ("\udcff", "\udc80", "\ud800", "\udfff", "\ud83d", "\udcc3\udca9")
_PARTS: Final = (_BLANKS, _CONTROLS, _SHELL, _OURS, _MARKUP, _ESCAPES, _LETTERS, _HALVES)


def odd_names(count: int, seed: int = 7) -> Iterator[str]:
    """Each part by itself, then names made of several, and some of characters of any kind."""
    chance = random.Random(seed)  # a test's
    alone = [part for parts in _PARTS for part in parts]
    yield from alone[:count]
    for _ in range(count - len(alone)):
        kind = chance.random()
        if kind < 0.6:
            yield _joined(chance.choice(chance.choice(_PARTS)) for _ in range(chance.randrange(1, 6)))
        elif kind < 0.99:
            yield _joined(chr(_code(chance)) for _ in range(chance.randrange(1, 13)))
        else:
            yield chance.choice(alone) * chance.randrange(1, 400)


def _joined(parts: Iterable[str]) -> str:
    """The parts in a row; two halves that meet are the character that they are in JSON and in every other program."""
    return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _code(chance: random.Random) -> int:
    return chance.choice((chance.randrange(128), chance.randrange(0x3000), chance.randrange(sys.maxunicode)))


_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(00(?:0[0-9a-f]|10)[0-9a-f]{4}))")


def name_behind(shown: str) -> str:
    """Returns the name that is shown so: what a reader makes of it who knows what an escape stands for."""
    return _ESCAPE.sub(_character, shown)


def _character(found: re.Match[str]) -> str:
    code = int(next(filter(None, found.groups())), 16)
    one = chr(code + 0xDC00) if found[1] and code >= 0x80 else chr(code)
    return one if one == "\\" or visible_alone(one) == found[0] else found[0]
