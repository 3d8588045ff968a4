"""Colours for text that is JSON, or nearly: keys, strings, numbers, punctuation."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat

from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.theme import Theme

_PARTS: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\b\d[\d.eE+-]*|\b(?:true|false|null)\b)|(?P<punctuation>[{}\[\],:])"
)
_SEEN: Final = 120  # lines: more than a high window shows
_LONGEST: Final = 4_000  # characters of a line: a longer one is laid out too slowly with many colours


class JsonColours(QSyntaxHighlighter):
    """Colours the lines of a text that are seen, and some behind them: all of 64 KiB would take 20 ms. Colours them
    anew when the theme changes.
    """

    def __init__(self, theme: Theme, text: CodeText) -> None:
        super().__init__(text.document())
        self._theme = theme
        self._text = text
        self._first = 0
        self.on = True
        self._shapes: dict[str, QTextCharFormat] = {}
        theme.changed.connect(self._repaint)
        text.verticalScrollBar().valueChanged.connect(lambda _value: self._colour_seen())

    def highlightBlock(self, text: str) -> None:
        """Qt's: colours one line."""
        number = self.currentBlock().blockNumber()
        if not self.on or len(text) > _LONGEST or not self._first <= number < self._first + _SEEN:
            return
        for found in _PARTS.finditer(text):
            self.setFormat(found.start(), found.end() - found.start(), self._shape(found.lastgroup or ""))

    def _colour_seen(self) -> None:
        """Colours the lines that have come into sight."""
        self._first = self._text.first_line
        block = self.document().findBlockByNumber(self._first)
        for _ in range(_SEEN):
            if not block.isValid():
                break
            self.rehighlightBlock(block)
            block = block.next()

    def _shape(self, part: str) -> QTextCharFormat:
        shape = self._shapes.get(part)
        if shape is None:
            shape = self._shapes[part] = QTextCharFormat()
            shape.setForeground(self._theme.color(f"syntax_{part}"))
        return shape

    def _repaint(self) -> None:
        self._shapes.clear()
        self._colour_seen()
