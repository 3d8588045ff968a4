"""The doctor's steps while they run: one entry for each layer, with its targets, words and time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kafkaview.doctor.diagnosis import DiagnosisLayer, DiagnosisStep
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.words import STEPS, breakable
from kafkaview.words import EscapedText, duration, join_lines

_MOST_LINES = 4


class DoctorSteps(QWidget):
    """All steps of a test from its start; each is hollow until it runs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: dict[DiagnosisLayer, DoctorEntry] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)

    def begin(self, names: Sequence[DiagnosisLayer]) -> None:
        """Shows these steps, none of them tried."""
        for entry in self._entries.values():
            self._column.removeWidget(entry)
            entry.hide()  # it is gone only when Qt comes to it
            entry.deleteLater()
        self._entries = {}
        for name in names:
            self._entry(name)

    def show_step(self, step: DiagnosisStep, *, over: bool) -> None:
        """Shows the newest report of a step; once the test is `over`, steps without one are shown as not tried."""
        self._entry(step.step).show_step(step, over=over)
        self.update()

    def entry(self, name: DiagnosisLayer) -> DoctorEntry | None:
        """Returns the entry of a step."""
        return self._entries.get(name)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's: the line that joins the marks."""
        painter = QPainter(self)
        painter.setPen(self._theme.color("line"))
        entries = [entry for entry in self._entries.values() if entry.isVisible()]
        for upper, lower in pairwise(entries):
            middle = upper.x() + self._theme.px(8)
            painter.drawLine(middle, upper.y() + self._theme.px(20), middle, lower.y() + self._theme.px(2))
        painter.end()

    def _entry(self, name: DiagnosisLayer) -> DoctorEntry:
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = DoctorEntry(self._theme, STEPS[name])
            self._column.addWidget(entry)
        return entry


class DoctorEntry(QWidget):
    """One layer, with a line for each of its targets if there are several."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._steps: dict[str, DiagnosisStep] = {}
        self.mark = MarkLabel(theme, Mark.IDLE)
        self.title = Text(title, tone="text_2")
        self.detail = Text(size=12, tone="text_2", wrap=True)
        self.time = Text(size=12, tone="text_2")
        self.detail.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.mark, 0, 0)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.time, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.detail, 1, 1, 1, 2)

    def show_step(self, step: DiagnosisStep, *, over: bool) -> None:
        """Shows the newest report of this step."""
        if step.ok is not None or not self._ended_steps():
            self._steps[step.target] = step
        steps = self._ended_steps()
        mark = _mark(steps, over=over)
        word = "not tried" if mark is Mark.IDLE else mark.value
        self.mark.set_mark(mark, f"{self.title.text()}: {word}")
        bad = mark is Mark.BAD
        self.title.set_tone("bad_text" if bad else "text" if steps else "text_2")
        self.title.setProperty("weight", "600" if steps else "400")
        self.title.style().polish(self.title)
        self.time.setText(
            duration(sum(one.ms or 0 for one in steps)) if any(one.ms is not None for one in steps) else ""
        )
        self.detail.setText(breakable(_lines(steps)))
        self.detail.setVisible(bool(self.detail.text()))

    def _ended_steps(self) -> list[DiagnosisStep]:
        return [step for step in self._steps.values() if step.ok is not None]


def _mark(steps: Sequence[DiagnosisStep], *, over: bool) -> Mark:
    if not steps:
        return Mark.IDLE if over else Mark.WORKING
    if any(step.ok is False and step.cause is not None for step in steps):
        return Mark.BAD if all(step.ok is False for step in steps) else Mark.WARN
    return Mark.OK if any(step.ok for step in steps) else Mark.BAD


def _lines(steps: Sequence[DiagnosisStep]) -> EscapedText:
    """Returns what was seen; each target is named if there are several."""
    several = len(steps) > 1
    lines = [
        f"{step.target}: {step.detail}" if several and step.target not in step.detail else step.detail for step in steps
    ]
    lines = list(dict.fromkeys(line for line in lines if line))
    more = len(lines) - _MOST_LINES
    return join_lines(*lines[:_MOST_LINES], f"and {more} more" if more > 0 else "")
