"""Java's .properties format, which librdkafka's configuration files are a plain case of.

javaproperties was tried in its place: it keeps the blanks at a value's end, which Kafka drops, takes half a character
for one, and its error names no key but quotes the escape, which may be part of a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BLANK: Final = " \t\f"
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_SEPARATOR: Final = re.compile(r"(?<!\\)(?:\\\\)*([=:]|[ \t\f]+[=:]?)[ \t\f]*")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_WRITTEN: Final = {"\\": "\\\\", **{char: f"\\{name}" for name, char in _CONTROLS.items()}}
_WRITTEN_IN_KEYS: Final = _WRITTEN | {char: f"\\{char}" for char in " =:#!"}


def parse_properties(text: str) -> dict[str, str]:
    """Returns keys and values; a later line of the same key wins. Raises ValueError as `property_pairs`."""
    return dict(property_pairs(text))


def property_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yields the key and value of each line. Blanks at a value's end do not count, as in Kafka's own reading, unless
    they are escaped. Raises ValueError at a broken escape, without quoting the value: read as something else, it would
    make another password.
    """
    for line in _logical_lines(text):
        separator = _SEPARATOR.search(line)
        key, value = (line, "") if separator is None else (line[: separator.start(1)], line[separator.end() :])
        name = _unescape(key, "a key")
        yield name, _unescape(_without_trailing_blanks(value), name)


def property_line(key: str, value: str, *, ascii_only: bool = True) -> str:
    """Returns one line, to be read back as it was. Java reads ISO-8859-1: `ascii_only` escapes all other characters."""
    name = "".join(_WRITTEN_IN_KEYS.get(char, char) for char in key)
    inner = value.strip(" ")
    start = value.find(inner)
    before, after = (blanks.replace(" ", "\\ ") for blanks in (value[:start], value[start + len(inner) :]))
    line = f"{name}={before}{''.join(_WRITTEN.get(char, char) for char in inner)}{after}"
    return "".join(map(_ascii, line)) if ascii_only else line


def _ascii(char: str) -> str:
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined with the next."""
    held = ""
    for line in _LINE_END.split(text):
        part = line.lstrip(_BLANK)
        if not held and (not part or part[0] in "#!"):
            continue
        continues = (len(part) - len(part.rstrip("\\"))) % 2 == 1
        held += part[:-1] if continues else part
        if not continues:
            yield held
            held = ""
    if held:
        yield held


def _without_trailing_blanks(text: str) -> str:
    kept = text.rstrip(_BLANK)
    escapes_one = (len(kept) - len(kept.rstrip("\\"))) % 2
    return text[: len(kept) + escapes_one]


def _unescape(text: str, named: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code == "u":
            raise ValueError(f"An escape in {named} is broken: \\u takes four hexadecimal digits.")
        return chr(int(code[1:], 16)) if len(code) > 1 else _CONTROLS.get(code, code)

    plain = _ESCAPE.sub(one, text)
    try:
        return plain.encode("utf-16", "surrogatepass").decode("utf-16")  # joins the halves of a pair
    except UnicodeDecodeError:
        raise ValueError(f"An escape in {named} is half a character: \\uD800 to \\uDFFF come in pairs.") from None
