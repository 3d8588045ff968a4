"""The surface of a plot. It is painted here, as bars and sparklines are: a library of plots took half a second of the
start and a twelfth of the memory, for two axes and some lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.plots.axes import round_ticks, time_captions
from kafkaview.ui.kit.plots.line import Event, Line
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import short

_LEFT, _FOOT = 39, 23  # pixels for the captions of the axes
_TOP, _RIGHT = 5, 31  # room for half a caption
_BESIDE, _BELOW = 8, 5  # pixels between an axis and its captions
_WORD_MARGIN: Final = 4  # pixels around a word at a line
_MOST_TICKS, _TICK_ROOM = 5, 26  # pixels from one caption to the next
_TINT: Final = 28  # of 255: how opaque the ground between two lines is


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where times (Unix ms) and values lie in the room of the lines."""

    room: QRectF
    first_ms: int
    last_ms: int
    foot: float
    top: float

    def at(self, at_ms: int, value: float) -> QPointF:
        """Returns the pixel of a point."""
        return QPointF(self.across(at_ms), self.up(value))

    def across(self, at_ms: int) -> float:
        return self.room.left() + self.room.width() * (at_ms - self.first_ms) / (self.last_ms - self.first_ms)

    def up(self, value: float) -> float:
        return self.room.bottom() - self.room.height() * (value - self.foot) / (self.top - self.foot)

    def time(self, across: float) -> float | None:
        """Returns the time under a pixel; None beside the lines."""
        share = (across - self.room.left()) / self.room.width()
        return self.first_ms + share * (self.last_ms - self.first_ms) if 0 <= share <= 1 else None


class Canvas(QWidget):
    """Paints lines over time. The left axis reaches at least `least_top` above its lower end."""

    def __init__(
        self, theme: Theme, least_top: float, tip_at: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._least_top = least_top
        self._tip_at = tip_at
        self._lines: Sequence[Line] = ()
        self._events: Sequence[Event] = ()
        self._fill: str | None = None
        self._from_zero = False
        self.setMouseTracking(True)

    def draw(self, lines: Sequence[Line], events: Sequence[Event], *, fill: str | None, from_zero: bool) -> None:
        """Draws these lines alone."""
        self._lines, self._events, self._fill, self._from_zero = lines, events, fill, from_zero
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: what the lines say under the pointer."""
        scale = self._scale()
        at = scale.time(event.position().x()) if scale is not None else None
        text = "" if at is None else escape_tip(self._tip_at(at))
        QToolTip.showText(event.globalPosition().toPoint(), text, self)
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's."""
        QToolTip.hideText()
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        scale = self._scale()
        if scale is None:  # there is nothing to be read off
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, scale)
        drawn = [line for line in self._lines if len(line.points) > 1]
        self._paint_ground(painter, scale, drawn)
        for line in drawn:
            painter.setPen(QPen(self._theme.color(line.tone), 2))
            for run in _runs(line):
                painter.drawPolyline(QPolygonF([scale.at(*point) for point in run]))
        painter.setFont(self._theme.font(11, 600))
        for line, place in self.place_words(scale):
            painter.setPen(self._theme.color(line.tone))
            painter.drawText(place, 0, line.word)
        for event in self._events:
            self._paint_event(painter, scale, event)
        painter.end()

    def place_words(self, scale: _Scale) -> list[tuple[Line, QRectF]]:
        """Returns the lines with a word, the lowest first, and where each word goes: above the end of its line, or
        below it where the next word would be in its way.
        """
        named = [(line, known) for line in self._lines if line.word and (known := _last_known(line)) is not None]
        named.sort(key=lambda one: one[1][1])
        ends = [scale.at(*known) for _line, known in named]
        metrics = self._metrics()
        height, placed = metrics.height(), []
        for number, (line, _known) in enumerate(named):
            close = number + 1 < len(named) and ends[number].y() - ends[number + 1].y() < height + _WORD_MARGIN
            width = metrics.horizontalAdvance(line.word)
            top = ends[number].y() + (_WORD_MARGIN if close else -_WORD_MARGIN - height)
            placed.append((line, QRectF(ends[number].x() - _WORD_MARGIN - width, top, width + 1, height)))
        return placed

    def _scale(self) -> _Scale | None:
        """Returns where the lines lie; None if there are not two times with a known value."""
        values = [value for line in self._lines for _at, value in line.points if value is not None]
        times = [at for line in self._lines for at, _value in line.points]
        px = self._theme.px
        room = QRectF(self.rect()).adjusted(px(_LEFT), _TOP, -_RIGHT, -px(_FOOT))
        if not values or max(times) <= min(times) or room.height() <= 0 or room.width() <= 0:
            return None
        low = 0.0 if self._from_zero else min(values)
        top = max(*values, low + self._least_top)
        head = max((top - low) * max(0.25, self._head(room.height()) if self._events else 0.0), 1.0)
        return _Scale(room, min(times), max(times), low if self._from_zero else low - head / 4, top + head)

    def _head(self, height: float) -> float:
        """Returns the height of an event's word above the lines, as a share of the lines' height."""
        word = self._metrics().height() + 2 * _WORD_MARGIN
        return word / max(word, height - word)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self._theme.font(11, 600))

    def _paint_axes(self, painter: QPainter, scale: _Scale) -> None:
        """Paints a hairline and its caption at each tick of the left axis, and times below."""
        room, px = scale.room, self._theme.px
        painter.setFont(self._theme.font(11))
        most = max(2, min(_MOST_TICKS, int(room.height() / _TICK_ROOM)))
        rule, caption = QPen(self._theme.color("line"), 0), self._theme.color("text_3")
        height = painter.fontMetrics().height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in round_ticks(scale.foot, scale.top, most)[1]:
            at = scale.up(value)
            painter.setPen(rule)
            painter.drawLine(QLineF(room.left(), at, room.right(), at))
            painter.setPen(caption)
            beside = QRectF(0, at - height / 2, room.left() - px(_BESIDE), height)
            painter.drawText(beside, right, short(value))
        self._paint_times(painter, scale)

    def _paint_times(self, painter: QPainter, scale: _Scale) -> None:
        """Paints when the lines begin and end, and the time between where there is room."""
        room, metrics = scale.room, painter.fontMetrics()
        first, middle, last = (
            (text, metrics.horizontalAdvance(text)) for text in time_captions(scale.first_ms, scale.last_ms)
        )
        begin = max(0.0, room.left() - first[1] / 2)
        end = min(room.right() + last[1] / 2, float(self.width())) - last[1]
        between = room.center().x() - middle[1] / 2
        gap = self._theme.px(_BESIDE)
        placed = [(first[0], begin)]
        if begin + first[1] + gap <= end:
            placed.append((last[0], end))
        if begin + first[1] + gap <= between and between + middle[1] + gap <= end:
            placed.append((middle[0], between))
        for text, left in placed:
            painter.drawText(QPointF(left, room.bottom() + self._theme.px(_BELOW) + metrics.ascent()), text)

    def _paint_ground(self, painter: QPainter, scale: _Scale, drawn: Sequence[Line]) -> None:
        """Tints the gap between the first two lines, or the ground below a single one, where all of it is known."""
        if self._fill is None or not drawn:
            return
        runs = [list(_runs(line)) for line in drawn[:2]]
        if any(len(run) != 1 or len(run[0]) != len(line.points) for run, line in zip(runs, drawn, strict=False)):
            return
        upper = runs[0][0]
        lower = runs[1][0] if len(runs) > 1 else [(upper[0][0], 0.0), (upper[-1][0], 0.0)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._fill, alpha=_TINT))
        painter.drawPolygon(QPolygonF([scale.at(*point) for point in (*upper, *reversed(lower))]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_event(self, painter: QPainter, scale: _Scale, event: Event) -> None:
        """Paints a dashed upright and its word beside it, at the side that has more room."""
        room, across = scale.room, scale.across(event.at_ms)
        painter.setPen(QPen(self._theme.color(event.tone), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(across, room.top(), across, room.bottom()))
        width = painter.fontMetrics().horizontalAdvance(event.word)
        left = across + _WORD_MARGIN if across < room.center().x() else across - _WORD_MARGIN - width
        painter.drawText(QRectF(left, room.top() + _WORD_MARGIN, width + 1, room.height()), 0, event.word)


def _runs(line: Line) -> Iterator[list[tuple[int, float]]]:
    """Yields the stretches of known points."""
    run: list[tuple[int, float]] = []
    for at_ms, value in line.points:
        if value is not None:
            run.append((at_ms, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _last_known(line: Line) -> tuple[int, float] | None:
    return next(((at, value) for at, value in reversed(line.points) if value is not None), None)
