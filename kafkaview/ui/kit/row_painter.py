"""The painter of the rows of every list at the left: background, hairline, a line of words."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kafkaview.ui.kit.theme import Theme
from kafkaview.words import visible_alone

_LEAST_NOTE = 24  # pixels; less than that says nothing


class RowWords(NamedTuple):
    """Some words, the token of their colour, their font, and what is said where there is no room for them."""

    text: str
    token: str
    font: QFont
    short: str = ""

    @property
    def shortened(self) -> RowWords:
        """The same in short."""
        return self._replace(text=self.short or self.text)

    @property
    def width(self) -> int:
        """How many pixels they take."""
        return QFontMetrics(self.font).horizontalAdvance(visible_alone(self.text))


class RowPainter(QStyledItemDelegate):
    """Paints with the theme's tokens; a list's own delegate decides what stands where."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Paints a hovered or selected row; a selected one has a bar at its left, for colour does not speak alone."""
        rect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(rect, self._theme.color("select" if selected else "hover" if hovered else "surface"))
        self._hairline(painter, rect)
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), self._theme.color("accent"))

    def _hairline(self, painter: QPainter, rect: QRect) -> None:
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("line"))

    def _pair(self, painter: QPainter, rect: QRect, name: RowWords, note: RowWords) -> int:
        """Writes a name, and a note at the right of it that gets the room which the name leaves, each in short where
        both do not fit; returns how much of it the note took.
        """
        gap = self._theme.px(8)
        if name.width + gap + note.width > rect.width():
            note = note.shortened
        if name.width + gap + note.width > rect.width():
            name = name.shortened
        wanted = name.width + gap
        room = rect.adjusted(min(wanted, rect.width()), 0, 0, 0)
        width = 0
        if room.width() >= self._theme.px(_LEAST_NOTE):
            width = self._words(painter, room, note.text, note.token, note.font, right=True) + gap
        self._words(painter, rect.adjusted(0, 0, -width, 0), name.text, name.token, name.font)
        return width

    def _words(self, painter: QPainter, rect: QRect, text: str, token: str, font: QFont, *, right: bool = False) -> int:
        """Writes one line, cut to the rectangle; returns how wide it is."""
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(visible_alone(text), Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(self._theme.color(token))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)
