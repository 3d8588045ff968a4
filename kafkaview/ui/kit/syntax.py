"""Colours for text that is JSON, or nearly: keys, strings, numbers, punctuation."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from kafkaview.ui.kit.theme import Theme

_PARTS: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\b\d[\d.eE+-]*|\b(?:true|false|null)\b)|(?P<punctuation>[{}\[\],:])"
)
_LONGEST: Final = 4_000  # characters of a line: a longer one is laid out too slowly with many colours


class JsonColours(QSyntaxHighlighter):
    """Colours the text of a document, and colours it anew when the theme changes."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        self.on = True
        self._shapes: dict[str, QTextCharFormat] = {}
        theme.changed.connect(self._repaint)

    def highlightBlock(self, text: str) -> None:
        """Qt's: colours one line."""
        if not self.on or len(text) > _LONGEST:
            return
        for found in _PARTS.finditer(text):
            self.setFormat(found.start(), found.end() - found.start(), self._shape(found.lastgroup or ""))

    def _shape(self, part: str) -> QTextCharFormat:
        shape = self._shapes.get(part)
        if shape is None:
            shape = self._shapes[part] = QTextCharFormat()
            shape.setForeground(self._theme.color(f"syntax_{part}"))
        return shape

    def _repaint(self) -> None:
        self._shapes.clear()
        self.rehighlight()
