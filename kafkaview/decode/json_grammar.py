"""The grammar of JSON, with what a library takes beyond RFC 8259 or refuses within it. Works on bytes, so that a
refusal names the very byte.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

_BLANK: Final = re.compile(rb"[ \t\n\r]*")
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(rb"true|false|null")
_ESCAPE: Final = rb"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})"
# No possessive quantifier below: before 3.11.5 Python takes with them what does not match. And no endless one around a
# group: Python remembers each repeat of it, 60 bytes for a character.
# The inside of a string, or a part of it: any bytes but control characters; or sequences that only begin and go on as
# those of UTF-8 do, so that overlong ones and what lies beyond U+10FFFF are in, and halves of surrogate pairs out.
ANY_BYTES: Final = re.compile(rb"(?:[^\"\\\x00-\x1f]+|" + _ESCAPE + rb"){0,4096}")
LOOSE_UTF8: Final = re.compile(
    rb"(?:[\x20\x21\x23-\x5b\x5d-\x7f]+|[\xc0-\xdf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|"
    rb"[\xe0-\xec\xee\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|" + _ESCAPE + rb"){0,4096}"
)
# No escape of half of a surrogate pair.
_WHOLE: Final = re.compile(
    rb"(?:[^\\]|\\[^u]|\\u(?![dD][89a-fA-F])....|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)*", re.DOTALL
)
_DIGITS: Final = re.compile(rb"[0-9]")
_CLOSING: Final = {b"[": b"]", b"{": b"}"}


@dataclass(frozen=True, slots=True)
class JsonTaste:
    """What a library takes: the inside of strings, how many levels, how many digits of a number and bytes of a name
    (None: any number), whether a number must fit a double, and whether a name may not escape half of a surrogate pair.
    """

    inside: re.Pattern[bytes]
    levels: int | None = None
    digits: int | None = None
    name_bytes: int | None = None
    finite: bool = False
    whole_names: bool = False


class JsonEnd(NamedTuple):
    """The byte behind a document, and whether that is a bare number or a bare word."""

    at: int
    is_number: bool
    is_word: bool


@dataclass(frozen=True, slots=True)
class JsonRefusal(Exception):
    """Why a document is refused: the first byte that is wrong (None where it is not one), and how many are."""

    position: int | None
    why: str
    length: int = 1


class _JsonPlace(Enum):
    """What may stand next."""

    VALUE = auto()
    FIRST_ITEM = auto()  # a value, or the end of an array
    NAME = auto()
    FIRST_NAME = auto()  # a name, or the end of an object
    AFTER = auto()  # a comma, or the end of what is open


def skip_blanks(data: bytes, at: int = 0) -> int:
    """Returns the first byte from a place on that is no white space of JSON."""
    found = _BLANK.match(data, at)
    assert found is not None
    return found.end()


def read_document(data: bytes, taste: JsonTaste, start: int = 0) -> JsonEnd:
    """Returns where the document ends that begins at a byte, white space before it. Raises JsonRefusal."""
    return _DocumentReading(data, taste, skip_blanks(data, start)).read()


class _DocumentReading:
    """Reads one document, without calls inside each other: a library may take any number of levels."""

    def __init__(self, data: bytes, taste: JsonTaste, at: int) -> None:
        self._data = data
        self._taste = taste
        self._at = at
        self._opened: list[bytes] = []
        self._state = _JsonPlace.VALUE

    def read(self) -> JsonEnd:
        """Returns where it ends."""
        first = self._data[self._at : self._at + 1]
        while byte := self._data[self._at : self._at + 1]:
            value_ends = self._go_on(byte) if self._state is _JsonPlace.AFTER else self._begin(byte)
            if value_ends and not self._opened:
                return JsonEnd(self._at, first in b"-0123456789", first in b"tfn")
            if value_ends:
                self._state = _JsonPlace.AFTER
            self._at = skip_blanks(self._data, self._at)
        raise JsonRefusal(max(0, len(self._data) - 1), _cut_off(self._opened))

    def _go_on(self, byte: bytes) -> bool:
        """Reads what stands behind an item; returns whether that ends what is open."""
        if byte == b",":
            self._state = _JsonPlace.NAME if self._opened[-1] == b"{" else _JsonPlace.VALUE
        elif byte != _CLOSING[self._opened.pop()]:
            raise JsonRefusal(self._at, "a comma or the end of what is open belongs there")
        self._at += 1
        return byte != b","

    def _begin(self, byte: bytes) -> bool:
        """Reads a name, a scalar, or one end of an array or object; returns whether a value has ended."""
        is_name = self._state in (_JsonPlace.NAME, _JsonPlace.FIRST_NAME)
        if byte == b'"':
            first, self._at = self._at, _read_string(self._data, self._at, self._taste)
            if is_name:
                _check_name(self._data, first, self._at, self._taste)
                self._at, self._state = _read_colon(self._data, self._at), _JsonPlace.VALUE
            return not is_name
        if self._state in (_JsonPlace.FIRST_ITEM, _JsonPlace.FIRST_NAME) and byte == _CLOSING[self._opened[-1]]:
            self._opened.pop()
            self._at += 1
            return True
        if is_name:
            raise JsonRefusal(self._at, "a name in double quotes belongs there")
        if byte in _CLOSING:
            self._open(byte)
            return False
        self._at = _read_scalar(self._data, self._at, self._taste)
        return True

    def _open(self, byte: bytes) -> None:
        self._opened.append(byte)
        if self._taste.levels is not None and len(self._opened) > self._taste.levels:
            raise JsonRefusal(self._at, f"it is nested deeper than {self._taste.levels:,} levels")
        self._state = _JsonPlace.FIRST_NAME if byte == b"{" else _JsonPlace.FIRST_ITEM
        self._at += 1


def _read_string(data: bytes, at: int, taste: JsonTaste) -> int:
    end = _skip(taste.inside, data, at + 1)
    if data[end : end + 1] == b'"':
        return end + 1
    if end >= len(data):
        raise JsonRefusal(len(data) - 1, "the document ends inside a string")
    if data[end] < 0x20:
        raise JsonRefusal(end, f"a control character ({data[end]:02X}) stands in a string")
    if data[end : end + 1] == b"\\":
        raise JsonRefusal(end, "a backslash begins no escape of JSON")
    raise JsonRefusal(end, f"{data[end]:02X} begins no character of UTF-8")


def _skip(inside: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Returns where the inside of a string ends, read in parts."""
    while True:
        part = inside.match(data, at)
        assert part is not None
        if part.end() == at:
            return at
        at = part.end()


def _check_name(data: bytes, first: int, end: int, taste: JsonTaste) -> None:
    """Checks a name with its quotes."""
    if taste.name_bytes is not None and end - first - 2 > taste.name_bytes:
        raise JsonRefusal(first, f"a name has more than {taste.name_bytes:,} bytes", end - first)
    if taste.whole_names and not _WHOLE.fullmatch(data, first, end):
        raise JsonRefusal(first, "a name has half of a surrogate pair", end - first)


def _read_colon(data: bytes, at: int) -> int:
    at = skip_blanks(data, at)
    if at >= len(data):
        raise JsonRefusal(len(data) - 1, "the document ends inside an object")
    if data[at : at + 1] != b":":
        raise JsonRefusal(at, "a colon belongs there")
    return skip_blanks(data, at + 1)


def _read_scalar(data: bytes, at: int, taste: JsonTaste) -> int:
    word = _WORD.match(data, at)
    if word is not None:
        return word.end()
    number = _NUMBER.match(data, at)
    if number is None:
        for lenient in (b"NaN", b"Infinity", b"-Infinity"):
            if data.startswith(lenient, at):
                raise JsonRefusal(at, f"{lenient.decode()} is not JSON", len(lenient))
        raise JsonRefusal(at, "a value belongs there")
    text = number.group()
    if taste.digits is not None and len(text) > taste.digits and len(_DIGITS.findall(text)) > taste.digits:
        raise JsonRefusal(at, f"a number has more than {taste.digits:,} digits", len(text))
    if taste.finite and math.isinf(float(text)):
        raise JsonRefusal(at, "a number is larger than a double holds", len(text))
    return number.end()


def _cut_off(opened: list[bytes]) -> str:
    if not opened:
        return "there is no document"
    return f"the document ends inside an {'object' if opened[-1] == b'{' else 'array'}"
