"""Bytes as text. Bytes that are not UTF-8 are shown in hex; null and empty are named."""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import Final

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from kafkaview.words import visible

_MOST: Final = 64 * 1024
_DECODER: Final = getincrementaldecoder("utf-8")
_LINES: Final = "\n\t"
_LONG_LINE: Final = 4_000  # characters: Qt breaks a line between words in a time that grows with its square


def text_of(data: bytes | None, most: int = _MOST) -> str:
    """Returns the bytes as UTF-8, `most` of them; one that is not UTF-8 is what `visible` shows as a byte."""
    if data is None:
        return "null"
    if not data:
        return "(empty, 0 bytes)"
    return _DECODER("surrogateescape").decode(data[:most], final=len(data) <= most)


def readable(data: bytes | None, most: int = _MOST) -> str:
    """Returns the bytes, `most` of them, as text of several lines; a byte that is not UTF-8 in hex, after a backslash
    and an x.
    """
    return visible(text_of(data, most), keep=_LINES)


class CodeText(QPlainTextEdit):
    """A read-only field of mono text to read and to copy from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "code")
        self.setProperty("mono", "true")
        self.setProperty("size", "12")
        self.setReadOnly(True)

    def show_code(self, text: str) -> None:
        """Shows a text. Where a line is long, lines are broken anywhere."""
        self._break(text)
        self.setPlainText(text)

    def add_code(self, text: str) -> None:
        """Adds to the text; what is seen of it and what is selected stays."""
        self._break(text)
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertText(text)

    @property
    def code(self) -> str:
        """The text as it is: Qt's own `toPlainText` makes a blank of U+00A0."""
        return _plain(self.document().toRawText())

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802  # Qt's name
        """Qt's, with U+00A0 as it is."""
        data = super().createMimeDataFromSelection()
        data.text()  # Qt's object fills itself when it is first read, and would write over the text
        data.setText(_plain(self.textCursor().selectedText()))
        return data

    @property
    def first_line(self) -> int:
        """The number of the first line that is seen, from 0."""
        return self.firstVisibleBlock().blockNumber()

    def _break(self, text: str) -> None:
        mode = QTextOption.WrapMode
        long = any(len(line) > _LONG_LINE for line in text.splitlines())
        self.setWordWrapMode(mode.WrapAnywhere if long else mode.WrapAtWordBoundaryOrAnywhere)


def _plain(raw: str) -> str:
    """Returns a text with breaks of lines for the two characters that Qt holds for them."""
    return raw.replace("\u2028", "\n").replace("\u2029", "\n")
