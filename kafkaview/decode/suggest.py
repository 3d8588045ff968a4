"""The reading of a value that is not UTF-8 in the encodings that producers write by mistake."""

from __future__ import annotations

import unicodedata

from kafkaview.decode.result import Suggestion
from kafkaview.decode.utf8 import Utf8

_AROUND = 24  # characters quoted on each side of the byte at most
_FENCE = set("\"'{}[]<>,:;=\r\n\t")
_SIGNS = ("L", "P", "S", "N", "Z")  # Unicode categories: letters, punctuation, symbols, numbers, spaces
_C1 = range(0x80, 0xA0)  # control characters in ISO-8859-1, signs in Windows-1252
_UTF8 = Utf8()


def suggest(data: bytes) -> Suggestion | None:
    """ISO-8859-1 or Windows-1252, if every byte that is not ASCII reads as a letter or common sign there.

    Not for a value that holds good UTF-8 characters too, or that only ends inside one: those were not written so.
    """
    problem = _UTF8.problem(data)
    if problem is None or problem.position is None or problem.position + problem.length >= len(data):
        return None
    if not data.decode(errors="ignore").isascii():
        return None
    windows = any(byte in _C1 for byte in set(data))  # of 20 MB, too, there are 256 at most
    name, codec = ("Windows-1252", "cp1252") if windows else ("ISO-8859-1", "latin-1")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    if not all(map(_plausible, set(text))):
        return None
    return Suggestion(name, f"reads as “{_word(text, problem.position)}”: likely what the producer wrote")


def _plausible(character: str) -> bool:
    if character.isascii():
        return character.isprintable() or character in "\r\n\t"
    return unicodedata.category(character).startswith(_SIGNS)


def _word(text: str, position: int) -> str:
    start = position
    while start > max(0, position - _AROUND) and text[start - 1] not in _FENCE:
        start -= 1
    end = position + 1
    while end < min(len(text), position + _AROUND) and text[end] not in _FENCE:
        end += 1
    return text[start:end].strip()
