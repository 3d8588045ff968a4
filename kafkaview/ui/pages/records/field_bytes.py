"""Bytes as they are typed: as text, hex or base64. No Qt here."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Final

_HEX_LINE: Final = 16  # bytes
_CUT: Final = "\r\0\u2028\u2029\ufdd0\ufdd1\ufffc"  # characters that a text field changes or cannot hold


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
        return base64.b64encode(data).decode()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if any(one in text for one in _CUT) else text


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
