"""Upright bars: how many there are in each of some steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import short

_LEFT, _FOOT, _TOP, _RIGHT = 44, 18, 8, 8  # pixels for the counts, the captions, and half a caption
_GAP: Final = 0.2  # of a step
_WIDEST: Final = 40  # pixels of a bar
_BETWEEN: Final = 14  # pixels between two captions
_LEAST: Final = 1.5  # pixels of a bar that is not empty


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: the caption below it, how many there are, and the words of its tip."""

    caption: str
    count: int
    tip: str


class Bars(QWidget):
    """Paints bars with the largest count at the left and as many captions as there is room for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.bars: tuple[Bar, ...] = ()
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[Bar], sentence: str) -> None:
        """Shows bars; the sentence is what a screen reader says of them."""
        self.bars = tuple(bars)
        self.setAccessibleName(sentence)
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(180), self._theme.px(70))

    def event(self, event: QEvent) -> bool:
        """Qt's: the tip of the bar under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = self._place_at(event.pos().x())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), escape_tip(self.bars[place].tip), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(11))
        room = self._room()
        painter.setPen(self._theme.color("line"))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        most = max((bar.count for bar in self.bars), default=0)
        if most:
            self._paint_bars(painter, room, most)
            self._paint_captions(painter, room)
            painter.setPen(self._theme.color("text_3"))
            beside = QRectF(0, room.top() - _TOP, room.left() - 6, 2 * _TOP)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, short(most))
        painter.end()

    def _paint_bars(self, painter: QPainter, room: QRectF, most: int) -> None:
        step = room.width() / len(self.bars)
        width = min(step * (1 - _GAP), self._theme.px(_WIDEST))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        for place, bar in enumerate(self.bars):
            if bar.count:
                height = max(_LEAST, room.height() * bar.count / most)
                left = room.left() + step * (place + 0.5) - width / 2
                painter.drawRect(QRectF(left, room.bottom() - height, width, height))

    def _paint_captions(self, painter: QPainter, room: QRectF) -> None:
        """Writes the captions of every so many bars that they do not touch each other."""
        painter.setPen(self._theme.color("text_3"))
        widths = [painter.fontMetrics().horizontalAdvance(bar.caption) for bar in self.bars]
        step = room.width() / len(self.bars)
        every = max(1, math.ceil((max(widths) + self._theme.px(_BETWEEN)) / step))
        for place in range(0, len(self.bars), every):
            middle = room.left() + step * (place + 0.5)
            left = max(0.0, middle - widths[place] / 2)
            if place and left + widths[place] > self.width():
                break
            below = QRectF(left, room.bottom() + 2, widths[place] + 1, self._theme.px(_FOOT))
            painter.drawText(below, Qt.AlignmentFlag.AlignTop, self.bars[place].caption)

    def _room(self) -> QRectF:
        px = self._theme.px
        return QRectF(self.rect()).adjusted(px(_LEFT), px(_TOP), -px(_RIGHT), -px(_FOOT))

    def _place_at(self, across: int) -> int | None:
        room = self._room()
        if not self.bars or not room.left() <= across < room.right():
            return None
        return int((across - room.left()) * len(self.bars) / room.width())
