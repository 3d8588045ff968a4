"""What came of a re-route, on the page until dismissed: the words, and the lag falling in a small plot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.view import Point
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground, hairline, repolish
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.plots import Event, LagPlot, Line
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.end import End
from kafkaview.ui.writes.outcome import OutcomeWords

_BEFORE_MS = 20_000  # shown of the time before the move


class OutcomeStrip(QWidget):
    """Hidden until there is an outcome."""

    look_at_group = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.watched: tuple[str, TopicPartition] | None = None
        self._moved_at_ms: int | None = None
        self.words = OutcomeWords(theme)
        self._plot = LagPlot(theme)
        self._plot.setMaximumWidth(theme.px(330))
        self._plot.setFixedHeight(theme.px(96))
        self._group = Button(theme, kind=ButtonKind.LINK, clicked=self._look)
        self._entry = Text(size=12, tone="text_3")
        self.dismiss = Button(theme, kind=ButtonKind.ICON, icon="x", tip="Dismiss", clicked=self.hide)
        self._lay_out()
        self.hide()

    def show_outcome(self, end: End) -> None:
        """Say what came of a re-route; the lag of its first group is plotted from now on."""
        self.watched = watched = end.watched
        self._moved_at_ms = end.moved_at_ms
        self.words.show_result(end.result)
        ground(self, Mark[end.result.tone.upper()].fill_token)
        repolish(self)
        self._group.setVisible(watched is not None)
        self._group.setText(f"Open {watched[0]} in Groups" if watched else "")
        self._entry.setText(f"Journal entry {end.journal_id}" if end.journal_id else "")
        self._plot.setVisible(watched is not None)
        self.show()

    def show_history(self, points: Sequence[Point]) -> None:
        """Plot the lag of the watched group."""
        if self.watched is None or self._moved_at_ms is None or self.isHidden():
            return
        shown = [point for point in points if point.at_ms >= self._moved_at_ms - _BEFORE_MS]
        line = Line([(point.at_ms, _lag(point)) for point in shown], "series_1")
        moved = Event(self._moved_at_ms, "moved", "ok_text")
        self._plot.show_lines([line], [moved], fill="series_1", from_zero=True)
        self._plot.say(f"Lag of {self.watched[0]} on {self.watched[1]} since it was moved")

    def _look(self) -> None:
        if self.watched is not None:
            self.look_at_group.emit(self.watched[0])

    def _lay_out(self) -> None:
        links = QHBoxLayout()
        links.setContentsMargins(30, 0, 0, 0)
        links.setSpacing(12)
        links.addWidget(self._group)
        links.addWidget(self._entry)
        links.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.words)
        words.addLayout(links)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(20, 12, 12, 10)
        row.setSpacing(16)
        row.addLayout(words, stretch=3)
        row.addWidget(self._plot, stretch=2)  # as wide as it may be, but with large text
        row.addWidget(self.dismiss, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())


def _lag(point: Point) -> int | None:
    if point.committed_offset is None or point.log_end_offset is None:
        return None
    return max(0, point.log_end_offset - point.committed_offset)
