"""Axes of a plot: `10k` at the left, `13:48` below."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]

from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, minute, short

_SHORT_S = 600  # under ten minutes, seconds are shown


class CountAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """The axis of record counts and offsets, with three to six ticks."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph's: one level of ticks, so that every one gets its rule."""
        ticks: list[float] = []
        for spacing, values in super().tickValues(low, high, size):
            ticks = sorted({*ticks, *values})
            if len(ticks) >= 3:
                return [(spacing, ticks)]
        return [(high - low, ticks)]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """Pyqtgraph's."""
        return [short(value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """The axis of Unix seconds: HH:MM at the beginning, the middle and the end; with seconds if it is short."""

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        """Pyqtgraph's."""
        inside = (high - low) / 1000  # pyqtgraph drops a tick on the very edge
        return [(high - low, [low + inside, (low + high) / 2, high - inside])]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        """Pyqtgraph's."""
        write = minute if spacing >= _SHORT_S else clock
        return [write(round(value * 1000)) for value in values]


def style_axis(axis: Any, theme: Theme) -> None:
    """Gives an axis small grey captions, no line and no ticks."""
    axis.setStyle(tickLength=0, tickFont=theme.font(11), tickTextOffset=8, hideOverlappingLabels=40)
    axis.setPen(pg.mkPen(None))
    axis.setTextPen(theme.color("text_3"))
