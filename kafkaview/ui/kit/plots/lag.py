"""The plot of committed offset against log end offset, or of lag, over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from threading import Event as Flag
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.turns import do_in_next_turn
from kafkaview.words import clock, number

if TYPE_CHECKING:
    from kafkaview.ui.kit.plots.canvas import Canvas

_AGAIN_MS: Final = 50
_loading, _loaded = Flag(), Flag()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of points (Unix ms, value) from old to new, None where unknown. `word` stands at its end."""

    points: Sequence[tuple[int, float | None]]
    tone: str
    word: str = ""
    name: str = ""  # what it is called under the pointer, if no word stands at its end

    def value_at(self, at_ms: float) -> tuple[int, float | None] | None:
        """Returns the point that is nearest to a time; None if there is none."""
        return min(self.points, key=lambda point: abs(point[0] - at_ms), default=None)


@dataclass(frozen=True, slots=True)
class Event:
    """A moment with a word: `stops 13:48`, `moved`."""

    at_ms: int
    word: str
    tone: str = "bad_text"


def load_canvas() -> None:
    """Loads pyqtgraph on a thread other than the window's, for it takes half a second. Plots wait for it."""
    _loading.set()
    import_module("kafkaview.ui.kit.plots.canvas")
    _loaded.set()


def _figure(value: float | None) -> str:
    return number(None if value is None else round(value))


class LagPlot(QWidget):
    """Lines over time. `fill` tints the gap between the first two lines, or the ground below a single one. pyqtgraph is
    loaded when the first plot is shown, so that a window paints earlier.
    """

    least_top = 0.0  # the axis goes on at least so far above its foot
    nothing = ""  # what is said in place of a plot without lines

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Sequence[Line], Sequence[Event], str | None, bool] = ((), (), None, False)
        self._drawn: object = None
        self._canvas: Canvas | None = None
        self._begun = False  # to make the canvas
        self._none = Text(size=12, tone="text_2", wrap=True)
        self._none.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        theme.changed.connect(self._draw_again)

    def show_lines(
        self, lines: Sequence[Line], events: Sequence[Event] = (), *, fill: str | None = None, from_zero: bool = False
    ) -> None:
        """Draws these lines. `fill` is the token that tints; with `from_zero` the axis begins at 0, as lag needs it."""
        self._shown = (tuple(lines), tuple(events), fill, from_zero)
        self._draw()

    def say(self, sentence: str) -> None:
        """Sets the plot's description for screen readers."""
        self.setAccessibleName(sentence)

    def tip_at(self, at_ms: float) -> str:
        """Returns what the lines say at a time: `14:02:11, log end 18,442, committed 18,400, lag 42`. Empty if there is
        nothing near it.
        """
        lines = self._shown[0]
        found = [(line, point) for line in lines if (point := line.value_at(at_ms)) is not None]
        if not found:
            return ""
        said = [clock(found[0][1][0])]
        said += [f"{line.word or line.name or 'lag'} {_figure(value)}" for line, (_at, value) in found]
        values = [value for line, (_at, value) in found if line.word]
        if self._shown[2] is not None and len(lines) == len(values) == 2 and None not in values:
            said.append(f"lag {_figure(abs((values[0] or 0) - (values[1] or 0)))}")
        return ", ".join(said)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: what nobody sees is not drawn."""
        super().showEvent(event)
        self._draw()

    def _draw_again(self) -> None:
        self._drawn = None
        self._draw()

    def _draw(self) -> None:
        if not self.isVisible() or self._shown == self._drawn:
            return
        if self._canvas is None:
            if not self._begun:
                self._begun = True
                do_in_next_turn(self, self._make_canvas)
            return
        lines, events, fill, from_zero = self._drawn = self._shown
        empty = bool(self.nothing) and not any(len(line.points) > 1 for line in lines)
        self._none.setText(self.nothing)
        self._none.setVisible(empty)
        self._canvas.setVisible(not empty)
        self._canvas.draw(lines, events, fill=fill, from_zero=from_zero)

    def _make_canvas(self) -> None:
        if _loading.is_set() and not _loaded.is_set():
            QTimer.singleShot(_AGAIN_MS, self, self._make_canvas)
            return
        from kafkaview.ui.kit.plots.canvas import Canvas

        self._canvas = Canvas(self._theme, self.least_top, self.tip_at)
        self._layout().addWidget(self._canvas)
        self._draw()

    def _layout(self) -> QVBoxLayout:
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        return layout
