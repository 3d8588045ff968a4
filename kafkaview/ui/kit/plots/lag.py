"""The plot of committed offset against log end offset, or of lag, over time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.plots.canvas import Canvas
from kafkaview.ui.kit.plots.line import Event, Line
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, number


def _figure(value: float | None) -> str:
    return number(None if value is None else round(value))


class LagPlot(QWidget):
    """Lines over time. `fill` tints the gap between the first two lines, or the ground below a single one."""

    least_top = 0.0  # the axis goes on at least so far above its foot
    nothing = ""  # what is said in place of a plot without lines

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Line, ...] = ()
        self._fill: str | None = None
        self._none = Text(size=12, tone="text_2", wrap=True)
        self._none.hide()
        self._canvas = Canvas(theme, self.least_top, self.tip_at)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        column.addWidget(self._canvas)
        theme.changed.connect(self._canvas.update)

    def show_lines(
        self, lines: Sequence[Line], events: Sequence[Event] = (), *, fill: str | None = None, from_zero: bool = False
    ) -> None:
        """Draws these lines. `fill` is the token that tints; with `from_zero` the axis begins at 0, as lag needs it."""
        self._lines, self._fill = tuple(lines), fill
        empty = bool(self.nothing) and not any(len(line.points) > 1 for line in lines)
        self._none.setText(self.nothing)
        self._none.setVisible(empty)
        self._canvas.setVisible(not empty)
        self._canvas.draw(self._lines, tuple(events), fill=fill, from_zero=from_zero)

    def say(self, sentence: str) -> None:
        """Sets the plot's description for screen readers."""
        self.setAccessibleName(sentence)

    def tip_at(self, at_ms: float) -> str:
        """Returns what the lines say at a time: `14:02:11, log end 18,442, committed 18,400, lag 42`. Empty if there is
        nothing near it.
        """
        found = [(line, point) for line in self._lines if (point := line.value_at(at_ms)) is not None]
        if not found:
            return ""
        said = [clock(found[0][1][0])]
        said += [f"{line.word or line.name or 'lag'} {_figure(value)}" for line, (_at, value) in found]
        values = [value for line, (_at, value) in found if line.word]
        if self._fill is not None and len(self._lines) == len(values) == 2 and None not in values:
            said.append(f"lag {_figure(abs((values[0] or 0) - (values[1] or 0)))}")
        return ", ".join(said)
