"""Bytes as text. Bytes that are not UTF-8 are shown in hex; null and empty are named."""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from kafkaview.words import visible

_MOST: Final = 64 * 1024
_DECODER: Final = getincrementaldecoder("utf-8")
_LINES: Final = "\n\t"


def text_of(data: bytes | None, most: int = _MOST) -> str:
    """Returns the bytes as UTF-8, `most` of them; one that is not UTF-8 is what `visible` shows as a byte."""
    if data is None:
        return "null"
    if not data:
        return "(empty, 0 bytes)"
    return _DECODER("surrogateescape").decode(data[:most], final=len(data) <= most)


def readable(data: bytes | None) -> str:
    """Returns the bytes as text of several lines; a byte that is not UTF-8 in hex, after a backslash and an x."""
    return visible(text_of(data), keep=_LINES)


class CodeText(QPlainTextEdit):
    """A read-only field of mono text to read and to copy from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "code")
        self.setProperty("mono", "true")
        self.setProperty("size", "12")
        self.setReadOnly(True)
