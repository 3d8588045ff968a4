"""`sasl.jaas.config`: Java's one-line login entry, `MODULE required name="value" ...;`, read and written.

The quoting is that of Java's StreamTokenizer, which Kafka reads it with: values stand in single or double quotes, with
backslash escapes of C and octal ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_FLAGS: Final = ("required", "requisite", "sufficient", "optional")
_TOKEN: Final = re.compile(
    r"""\s+ | /\*.*?\*/ | //[^\n]* | (?P<sign>[=;])
    | "(?P<double>(?:[^"\\\n]|\\.)*)" | '(?P<single>(?:[^'\\\n]|\\.)*)' | (?P<word>[^\s=;"']+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\([0-3][0-7]{2}|[0-7]{1,2}|.)", re.DOTALL)
_CONTROLS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WRITTEN: Final = {"\\": "\\\\", '"': '\\"', **{char: f"\\{name}" for name, char in _CONTROLS.items()}}
_BAD: Final = "sasl.jaas.config is not one entry of the form MODULE required name=\"value\" ...; with its ';'."

_SEVERAL: Final = (
    "sasl.jaas.config is not one entry but several: a client takes one login module, and a ';' in a value needs quotes."
)


@dataclass(frozen=True, slots=True)
class LoginEntry:
    """A login module with its options. They may hold a password: not shown."""

    module: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The module without its package: `ScramLoginModule`."""
        return self.module.rpartition(".")[2]

    def __repr__(self) -> str:
        return f"LoginEntry({self.name}, {', '.join(self.options)})"


def parse_jaas(text: str) -> LoginEntry:
    """Returns the login entry of a text. Raises ValueError with a sentence that quotes nothing of it, for a password
    may be part of it.
    """
    tokens = _tokens(text)
    if tokens and tokens[-1] == (";", True):
        tokens.pop()
    if (";", True) in tokens:
        raise ValueError(_SEVERAL)
    words = [value for value, sign in tokens[:2] if not sign]
    if len(words) != 2 or words[1].lower() not in _FLAGS:
        raise ValueError(_BAD)
    options: dict[str, str] = {}
    rest = tokens[2:]
    if len(rest) % 3:
        raise ValueError(_BAD)
    for place in range(0, len(rest), 3):
        (name, name_is_sign), equals, (value, value_is_sign) = rest[place : place + 3]
        if name_is_sign or equals != ("=", True) or value_is_sign:
            raise ValueError(_BAD)
        options[name] = value
    return LoginEntry(words[0], options)


def jaas_line(module: str, options: Mapping[str, str]) -> str:
    """Returns one entry as text, every value quoted."""
    return " ".join([module, "required", *(f"{name}={quote(value)}" for name, value in options.items())]) + ";"


def quote(value: str) -> str:
    """Returns a value in double quotes."""
    return '"' + "".join(_WRITTEN.get(char, char) for char in value) + '"'


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Yields words and values, and the signs between them (True)."""
    found = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(_BAD)
        place = match.end()
        match match.lastgroup:
            case "sign":
                found.append((match["sign"], True))
            case "word":
                found.append((match["word"], False))
            case "double" | "single" as quotes:
                found.append((_ESCAPE.sub(_unescape, match[quotes]), False))
            case _:
                pass  # white space and comments
    return found


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code, 8)) if code[0] in "01234567" else _CONTROLS.get(code, code)
