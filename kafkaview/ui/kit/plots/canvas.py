"""The surface of a plot. This module loads pyqtgraph, which takes half a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QFrame, QGraphicsGridLayout, QToolTip, QWidget

from kafkaview.ui.kit.plots.axes import CountAxis, TimeAxis, style_axis
from kafkaview.ui.kit.plots.lag import Event, Line
from kafkaview.ui.kit.theme import Theme

_FOOT = 22  # the height of the axis below
_WORD = 16  # the height of a word at a line's end, pixels
_WORD_MARGIN = 4  # of pyqtgraph's words, pixels
_EDGES = (1, 5, 31, 1)  # room for half a caption above and at the right


class Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph is not typed
    """Draws lines over time. The left axis reaches at least `least_top` above its lower end.

    It is put together from pyqtgraph's parts: the whole plot of pyqtgraph brings a menu, buttons and a title that are
    never seen, and takes five times as long to make.
    """

    def __init__(
        self, theme: Theme, least_top: float, tip_at: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, background=None)
        self._tip_at = tip_at
        self._theme = theme
        self._least_top = least_top
        self._look: object = None
        self._known = False  # whether there is anything to be read off
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self._left, self._bottom = CountAxis("left"), TimeAxis("bottom")
        self._lay_out()
        self._grounds = _Pool(self._box, lambda: pg.FillBetweenItem(None, None))
        self._curves = _Pool(self._box, pg.PlotCurveItem)
        self._rules = _Pool(self._box, lambda: pg.InfiniteLine(angle=0), depth=-10)
        self._words = _Pool(self._box, lambda: pg.TextItem(anchor=(1, 1)))
        self._event_rules = _Pool(self._box, lambda: pg.InfiniteLine(angle=90))
        self._event_words = _Pool(self._box, pg.TextItem)

    def wheelEvent(self, event: Any) -> None:
        """The page scrolls, not the plot."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: what the lines say under the pointer."""
        at = self._box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        low, high = self._box.viewRange()[0]
        inside = self._known and low <= at.x() <= high
        QToolTip.showText(event.globalPosition().toPoint(), self._tip_at(at.x() * 1000) if inside else "", self)
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's."""
        QToolTip.hideText()
        event.ignore()

    def draw(self, lines: Sequence[Line], events: Sequence[Event], *, fill: str | None, from_zero: bool) -> None:
        """Draws these lines alone. Items of the drawing before are used again, which is four times as quick."""
        self._style()
        drawn = [line for line in lines if len(line.points) > 1]
        curves = list(map(self._line, self._curves.take(len(drawn)), drawn))
        self._fill(curves, fill)
        self._range(lines, from_zero=from_zero, words=bool(events))
        named = [(line, known) for line in lines if line.word and (known := _last_known(line)) is not None]
        named.sort(key=lambda one: one[1][1])  # the lowest first: its word goes below its line if the next is close
        for place, text in enumerate(self._words.take(len(named))):
            line, known = named[place]
            close = place + 1 < len(named) and self._pixels(named[place + 1][1][1] - known[1]) < self._theme.px(_WORD)
            text.setAnchor((1, 0 if close else 1))
            self._word(text, line, known)
        for text, rule, event in zip(
            self._event_words.take(len(events)), self._event_rules.take(len(events)), events, strict=True
        ):
            self._event(text, rule, event)

    def _lay_out(self) -> None:
        self.enableMouse(False)
        self.setAntialiasing(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        self._box.disableAutoRange()
        grid = QGraphicsGridLayout()
        grid.setContentsMargins(*_EDGES)
        grid.setSpacing(0)
        for part, row, column in ((self._left, 0, 0), (self._box, 0, 1), (self._bottom, 1, 1)):
            grid.addItem(part, row, column)
        for axis in (self._left, self._bottom):
            axis.linkToView(self._box)
        plot = pg.GraphicsWidget()
        plot.setLayout(grid)
        self.setCentralItem(plot)

    def _style(self) -> None:
        look = (self._theme.tokens, self._theme.scale)
        if look == self._look:
            return
        self._look = look
        for axis in (self._left, self._bottom):
            style_axis(axis, self._theme)
        self._left.setTickDensity(0.6)
        self._left.setWidth(self._theme.px(38))
        self._bottom.setHeight(self._theme.px(_FOOT))

    def _line(self, curve: Any, line: Line) -> Any:
        times = np.array([at / 1000 for at, _value in line.points])
        values = np.array([np.nan if value is None else value for _at, value in line.points], dtype=float)
        curve.setData(times, values, pen=pg.mkPen(self._theme.color(line.tone), width=2), connect="finite")
        return curve

    def _fill(self, curves: list[Any], token: str | None) -> None:
        whole = bool(curves) and all(np.isfinite(curve.getData()[1]).all() for curve in curves[:2])
        (ground,) = self._grounds.take(1)
        ground.setVisible(token is not None and whole)
        if token is None or not whole:
            return
        times, values = curves[0].getData()
        base = curves[1] if len(curves) > 1 else pg.PlotCurveItem(times, np.zeros_like(values))
        ground.setCurves(curves[0], base)
        ground.setBrush(self._theme.color(token, alpha=28))

    def _range(self, lines: Sequence[Line], *, from_zero: bool, words: bool) -> None:
        values = [value for line in lines for _at, value in line.points if value is not None]
        times = [at / 1000 for line in lines for at, _value in line.points]
        known = self._known = bool(values) and max(times) > min(times)
        for axis in (self._left, self._bottom):
            axis.setStyle(showValues=known)
        if not known:
            self._rules.take(0)
            return
        low = 0.0 if from_zero else min(values)
        top = max(*values, low + self._least_top)
        room = max((top - low) * max(0.25, self._head() if words else 0.0), 1.0)
        foot = low if from_zero else low - room / 4
        self._box.setRange(xRange=(min(times), max(times)), yRange=(foot, top + room), padding=0)
        self._rule()

    def _head(self) -> float:
        """Returns the height of an event's word above the lines, as a share of the lines' height."""
        word = QFontMetrics(self._theme.font(11, 600)).height() + 2 * _WORD_MARGIN
        return float(word / max(word, self.height() - self._theme.px(_FOOT) - word))

    def _rule(self) -> None:
        """Draws hairlines behind everything, at the ticks of the left axis."""
        low, high = self._box.viewRange()[1]
        levels = self._left.tickValues(low, high, max(60, self.height()))
        values = levels[0][1] if levels else ()
        pen = pg.mkPen(self._theme.color("line"), width=1)
        for rule, value in zip(self._rules.take(len(values)), values, strict=True):
            rule.setPen(pen)
            rule.setValue(value)

    def _word(self, text: Any, line: Line, known: tuple[int, float]) -> None:
        text.setText(line.word, color=self._theme.color(line.tone))
        text.setFont(self._theme.font(11, 600))
        text.setPos(known[0] / 1000, known[1])

    def _event(self, text: Any, rule: Any, event: Event) -> None:
        colour = self._theme.color(event.tone)
        rule.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine))
        rule.setValue(event.at_ms / 1000)
        text.setText(event.word, color=colour)
        text.setFont(self._theme.font(11, 600))
        text.setAnchor((0 if self._left_half(event) else 1, 0))
        text.setPos(event.at_ms / 1000, self._box.viewRange()[1][1])

    def _pixels(self, rise: float) -> float:
        """Returns how many pixels apart two values are drawn."""
        low, high = self._box.viewRange()[1]
        return float(rise / (high - low) * self._box.height()) if high > low else 0.0

    def _left_half(self, event: Event) -> bool:
        low, high = self._box.viewRange()[0]
        return bool(event.at_ms / 1000 < (low + high) / 2)


class _Pool:
    """Items of one kind in a plot. They are made when needed and hidden when not."""

    def __init__(self, box: Any, make: Callable[[], Any], depth: int = 0) -> None:
        self._box = box
        self._make = make
        self._depth = depth
        self._items: list[Any] = []

    def take(self, count: int) -> list[Any]:
        """Shows this many items and hides the others."""
        while len(self._items) < count:
            item = self._make()
            item.setZValue(self._depth)
            self._box.addItem(item, ignoreBounds=True)
            self._items.append(item)
        for place, item in enumerate(self._items):
            item.setVisible(place < count)
        return self._items[:count]


def _last_known(line: Line) -> tuple[int, float] | None:
    return next(((at, value) for at, value in reversed(line.points) if value is not None), None)
