"""Bytes as they are typed: as text, hex or base64. No Qt here."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Final

_HEX_LINE: Final = 16  # bytes
_BASE64_LINE: Final = 76  # characters
# Characters that a text field changes or cannot hold; U+FEFF and U+FFFE are lost where a text begins with them.
_CUT: Final = "\r\0\u2028\u2029\ufdd0\ufdd1\ufeff\ufffc\ufffe"
# What a text field shows without a pause. Qt lays out a line anew at each key, and every line when it is shown.
_LONGEST_LINE: Final = 65_536  # characters
_MOST_LINES: Final = 16_384
_LONGEST: Final = 1_048_576  # characters


class Notation(StrEnum):
    """How bytes are written in a field."""

    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"


def write_bytes(data: bytes, notation: Notation) -> str | None:
    """Returns bytes as they are shown in a field; None where they are no text that comes back from it as it was."""
    if notation is Notation.HEX:
        return "\n".join(data[at : at + _HEX_LINE].hex(" ") for at in range(0, len(data), _HEX_LINE))
    if notation is Notation.BASE64:
        text = base64.b64encode(data).decode()
        return "\n".join(text[at : at + _BASE64_LINE] for at in range(0, len(text), _BASE64_LINE))
    return None if text_problem(data) else data.decode()


def text_problem(data: bytes) -> str:
    """Returns why bytes cannot be edited as text; empty if they can."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if any(one in text for one in _CUT):
        return "These bytes are no text that could be edited without changing them"
    return "It is too long to be edited as text" if is_too_long(text) else ""


def is_too_long(text: str) -> bool:
    """Returns whether a text would hold up the window in a field."""
    lines = text.split("\n")
    return len(text) > _LONGEST or len(lines) > _MOST_LINES or max(map(len, lines)) > _LONGEST_LINE


def read_bytes(text: str, notation: Notation) -> bytes:
    """Returns the bytes of a field. Raises ValueError with the reason."""
    if notation is Notation.TEXT:
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise ValueError("The text holds half of a surrogate pair") from None
    try:
        if notation is Notation.HEX:
            return bytes.fromhex("".join(text.split()))
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(f"This is no {'hex' if notation is Notation.HEX else 'base64'}") from None


def best_notation(data: bytes) -> Notation:
    """Returns the notation in which bytes are shown first: text if they are text that can be edited as such."""
    return Notation.HEX if write_bytes(data, Notation.TEXT) is None else Notation.TEXT
