"""Axes of a plot: `10k` at the left, `13:48` below."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg  # type: ignore[import-untyped]

from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, minute, short

_MOST_TICKS, _TICK_ROOM = 5, 26  # pixels from one caption to the next
_SHORT_S = 600  # under ten minutes, seconds are shown


def round_ticks(low: float, high: float, most: int) -> tuple[float, list[float]]:
    """Returns the smallest step of 1, 2 or 5 times a power of ten that needs at most so many ticks, and these ticks."""
    step = 10.0 ** max(0, math.floor(math.log10(max(1.0, (high - low) / most))))
    for factor in (1, 2, 5, 10):
        first, last = math.ceil(low / (factor * step)), math.floor(high / (factor * step))
        if last - first < most:
            break
    return factor * step, [factor * step * place for place in range(first, last + 1)]


class CountAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """The axis of record counts and offsets: five ticks at most, and none so close that captions touch."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph's: one level of ticks, so that every one gets its rule."""
        return [round_ticks(low, high, max(2, min(_MOST_TICKS, int(size / _TICK_ROOM))))]

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
