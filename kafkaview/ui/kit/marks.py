"""The six marks of state. Each has a shape and a word, so that colour never speaks alone."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kafkaview.ui.kit.theme import Theme, Tokens
from kafkaview.words import visible


class Mark(StrEnum):
    """A state and its mark; the value is the word that a screen reader says."""

    OK = "healthy"
    WARN = "needs a look"
    BAD = "stopped"
    UNKNOWN = "unknown"
    IDLE = "idle"
    WORKING = "working"

    @classmethod
    def of_tone(cls, tone: str) -> Mark:
        """Returns the mark of a word that the core uses: ok, warn, bad, unknown, idle."""
        return cls[tone.upper()]

    @property
    def text_token(self) -> str:
        """The colour token of text in this state."""
        return _TEXT[self]

    @property
    def fill_token(self) -> str:
        """The colour token of a background in this state."""
        return _FILL[self]


_TEXT = {
    Mark.OK: "ok_text",
    Mark.WARN: "warn_text",
    Mark.BAD: "bad_text",
    Mark.UNKNOWN: "unknown_text",
    Mark.IDLE: "unknown_text",
    Mark.WORKING: "accent",
}
_FILL = {
    Mark.OK: "ok_fill",
    Mark.WARN: "warn_fill",
    Mark.BAD: "bad_fill",
    Mark.UNKNOWN: "unknown_fill",
    Mark.IDLE: "unknown_fill",
    Mark.WORKING: "accent_soft",
}


def paint_mark(painter: QPainter, rect: QRect | QRectF, mark: Mark, tokens: Tokens) -> None:
    """Paints a mark in the middle of a rectangle, as large as its smaller side allows (16 pixels is usual)."""
    area = QRectF(rect)
    side = math.floor(min(area.width(), area.height()))
    corner = area.center() - QPointF(side / 2, side / 2)
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(corner.toPoint(), _picture(mark, side, ratio, tokens))


@lru_cache(maxsize=256)
def _picture(mark: Mark, side: int, ratio: float, tokens: Tokens) -> QPixmap:
    """Returns a painted mark from the cache: a table has forty marks, each of several strokes."""
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2, side / 2)
    painter.scale(side / 16, side / 16)  # all shapes are drawn in a square of 16 around the origin
    _PAINT[mark](painter, tokens)
    painter.end()
    return picture


def _ok(painter: QPainter, tokens: Tokens) -> None:
    _solid(painter, tokens.ok_solid)
    painter.drawEllipse(QPointF(0, 0), 6.5, 6.5)
    _line(painter, tokens.on_solid, 1.6)
    painter.drawPolyline(QPolygonF([QPointF(-2.8, 0.2), QPointF(-0.8, 2.2), QPointF(2.9, -1.9)]))


def _warn(painter: QPainter, tokens: Tokens) -> None:
    painter.setBrush(QColor(tokens.warn_solid))
    painter.setPen(_pen(tokens.warn_solid, 2))  # a round join makes the corners soft
    painter.drawPolygon(QPolygonF([QPointF(0, -5.6), QPointF(6.2, 5.2), QPointF(-6.2, 5.2)]))
    _line(painter, tokens.on_solid, 1.6)
    painter.drawLine(QPointF(0, -2.2), QPointF(0, 1.4))
    painter.drawPoint(QPointF(0, 4))


def _bad(painter: QPainter, tokens: Tokens) -> None:
    painter.setBrush(QColor(tokens.bad_solid))
    painter.setPen(_pen(tokens.bad_solid, 1.6))
    painter.drawPolygon(QPolygonF([QPointF(0, -7), QPointF(7, 0), QPointF(0, 7), QPointF(-7, 0)]))
    _line(painter, tokens.on_solid, 1.8)
    painter.drawLine(QPointF(-2.1, -2.1), QPointF(2.1, 2.1))
    painter.drawLine(QPointF(-2.1, 2.1), QPointF(2.1, -2.1))


def _draw_unknown(painter: QPainter, tokens: Tokens) -> None:
    pen = _pen(tokens.unknown_text, 1.4)
    pen.setDashPattern([2.1, 1.55])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), 6.2, 6.2)
    _line(painter, tokens.unknown_text, 1.4)
    question = QPainterPath(QPointF(-1.7, -1.5))
    question.cubicTo(QPointF(-1.7, -3.9), QPointF(1.9, -3.9), QPointF(1.8, -1.5))
    question.cubicTo(QPointF(1.8, 0), QPointF(0, 0), QPointF(0, 1.2))
    painter.drawPath(question)
    painter.drawPoint(QPointF(0, 3.1))


def _draw_idle(painter: QPainter, tokens: Tokens) -> None:
    painter.setPen(_pen(tokens.line_strong, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), 5.6, 5.6)


def _draw_working(painter: QPainter, tokens: Tokens) -> None:
    painter.setPen(_pen(tokens.line, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ring = QRectF(-5.6, -5.6, 11.2, 11.2)
    painter.drawEllipse(ring)
    painter.setPen(_pen(tokens.accent, 2))
    painter.drawArc(ring, 0, 270 * 16)


_PAINT = {
    Mark.OK: _ok,
    Mark.WARN: _warn,
    Mark.BAD: _bad,
    Mark.UNKNOWN: _draw_unknown,
    Mark.IDLE: _draw_idle,
    Mark.WORKING: _draw_working,
}


def _solid(painter: QPainter, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))


def _line(painter: QPainter, colour: str, width: float) -> None:
    painter.setPen(_pen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _pen(colour: str, width: float) -> QPen:
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


class MarkLabel(QWidget):
    """A widget with one mark. Its accessible name is the state's word, or other words if they are given."""

    def __init__(self, theme: Theme, mark: Mark, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self.set_mark(mark)
        theme.changed.connect(self._rescale)
        self._rescale()

    def set_mark(self, mark: Mark, word: str = "") -> None:
        """Shows another state."""
        self._mark = mark
        self.setAccessibleName(word or mark.value)
        self.update()

    @property
    def mark(self) -> Mark:
        """The state that is shown."""
        return self._mark

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(self._size), self._theme.px(self._size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        paint_mark(painter, self.rect(), self._mark, self._theme.tokens)
        painter.end()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()


class Chip(QWidget):
    """A state as a mark and a word or two on a rounded background ("Poison record")."""

    def __init__(self, theme: Theme, mark: Mark, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mark = MarkLabel(theme, mark, 14)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setProperty("px", "12")
        self._text.setProperty("weight", "600")
        self._said = mark
        self._old = False
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 9, 2)
        row.setSpacing(5)
        row.addWidget(self._mark)
        row.addWidget(self._text)
        self.set_state(mark, text)
        theme.changed.connect(self.update)

    def call_old(self, *, old: bool) -> None:
        """Says whether the state is what was last known: then it has not the mark of health."""
        if old != self._old:
            self._old = old
            self.set_state(self._said, self.accessibleName())

    def set_state(self, mark: Mark, text: str) -> None:
        """Shows another state."""
        self._said = mark
        mark = Mark.IDLE if self._old and mark is Mark.OK else mark
        self._mark.set_mark(mark)
        self._text.setText(visible(text))
        self._text.setProperty("tone", mark.text_token)
        self._text.style().unpolish(self._text)
        self._text.style().polish(self._text)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _solid(painter, self._theme.tokens[self._mark.mark.fill_token])
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.end()
