"""The surface of a plot on pyqtgraph, which is loaded with this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QWidget

from kafkaview.ui.plots.axes import CountAxis, TimeAxis, style_axis
from kafkaview.ui.plots.lag import Event, Line
from kafkaview.ui.theme import Theme

_FOOT = 22  # the height of the axis below
_WORD_MARGIN = 4  # of pyqtgraph's words, pixels


class Canvas(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """Draws lines over time. The axis goes on at least to `least_top` above its foot."""

    def __init__(self, theme: Theme, least_top: float, parent: QWidget | None = None) -> None:
        axes = {"left": CountAxis("left"), "bottom": TimeAxis("bottom")}
        super().__init__(parent, background=None, axisItems=axes)
        self._theme = theme
        self._least_top = least_top
        self.setAntialiasing(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.setContentsMargins(0, 4, 30, 0)

    def wheelEvent(self, event: Any) -> None:
        """The page scrolls, not the plot."""
        event.ignore()

    def draw(self, lines: Sequence[Line], events: Sequence[Event], *, fill: str | None, from_zero: bool) -> None:
        """Draw these and nothing else."""
        item = self.getPlotItem()
        item.clear()
        self._style(item)
        curves = [self._line(item, line) for line in lines if len(line.points) > 1]
        if fill is not None and curves:
            self._fill(item, curves, fill)
        self._range(item, lines, from_zero=from_zero, words=bool(events))
        for line in lines:
            self._word(item, line)
        for event in events:
            self._event(item, event)

    def _style(self, item: Any) -> None:
        for name in ("left", "bottom"):
            style_axis(item.getAxis(name), self._theme)
        item.getAxis("left").setTickDensity(0.6)
        item.getAxis("left").setWidth(self._theme.px(38))
        item.getAxis("bottom").setHeight(self._theme.px(_FOOT))

    def _line(self, item: Any, line: Line) -> Any:
        times = np.array([at / 1000 for at, _value in line.points])
        values = np.array([np.nan if value is None else value for _at, value in line.points], dtype=float)
        return item.plot(times, values, pen=pg.mkPen(self._theme.color(line.tone), width=2), connect="finite")

    def _fill(self, item: Any, curves: list[Any], token: str) -> None:
        ground = self._theme.color(token)
        ground.setAlpha(28)
        upper = curves[0]
        times, values = upper.getData()
        base = curves[1] if len(curves) > 1 else pg.PlotDataItem(times, np.zeros_like(values))
        if np.isfinite(values).all() and np.isfinite(base.getData()[1]).all():
            item.addItem(pg.FillBetweenItem(upper, base, brush=ground))

    def _range(self, item: Any, lines: Sequence[Line], *, from_zero: bool, words: bool) -> None:
        values = [value for line in lines for _at, value in line.points if value is not None]
        times = [at / 1000 for line in lines for at, _value in line.points]
        known = bool(values) and max(times) > min(times)
        for name in ("left", "bottom"):
            item.getAxis(name).setStyle(showValues=known)
        if not known:
            return
        low = 0.0 if from_zero else min(values)
        top = max(*values, low + self._least_top)
        room = max((top - low) * max(0.25, self._head() if words else 0.0), 1.0)
        item.setXRange(min(times), max(times), padding=0)
        item.setYRange(low if from_zero else low - room / 4, top + room, padding=0)
        self._rule(item)

    def _head(self) -> float:
        """What the word of an event takes above the lines, as a share of what they take."""
        word = QFontMetrics(self._theme.font(11, 600)).height() + 2 * _WORD_MARGIN
        return float(word / max(word, self.height() - self._theme.px(_FOOT) - word))

    def _rule(self, item: Any) -> None:
        """Hairlines at the ticks of the left axis, behind everything."""
        low, high = item.viewRange()[1]
        levels = item.getAxis("left").tickValues(low, high, max(60, self.height()))
        for value in levels[0][1] if levels else ():
            line = pg.InfiniteLine(value, angle=0, pen=pg.mkPen(self._theme.color("line"), width=1))
            line.setZValue(-10)
            item.addItem(line, ignoreBounds=True)

    def _word(self, item: Any, line: Line) -> None:
        known = [(at, value) for at, value in line.points if value is not None]
        if not known or not line.word:
            return
        text = pg.TextItem(line.word, color=self._theme.color(line.tone), anchor=(1, 1))
        text.setFont(self._theme.font(11, 600))
        text.setPos(known[-1][0] / 1000, known[-1][1])
        item.addItem(text, ignoreBounds=True)

    def _event(self, item: Any, event: Event) -> None:
        colour = self._theme.color(event.tone)
        pen = pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine)
        item.addItem(pg.InfiniteLine(event.at_ms / 1000, angle=90, pen=pen), ignoreBounds=True)
        text = pg.TextItem(event.word, color=colour, anchor=(0 if self._left_half(item, event) else 1, 0))
        text.setFont(self._theme.font(11, 600))
        text.setPos(event.at_ms / 1000, item.viewRange()[1][1])
        item.addItem(text, ignoreBounds=True)

    def _left_half(self, item: Any, event: Event) -> bool:
        low, high = item.viewRange()[0]
        return bool(event.at_ms / 1000 < (low + high) / 2)
