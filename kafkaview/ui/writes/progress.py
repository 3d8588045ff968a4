"""The steps of a running plan: what each does, how long it took, and what the user can still do."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import duration
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName

_MARKS = {
    StepState.RUNNING: Mark.WORKING,
    StepState.DONE: Mark.OK,
    StepState.FAILED: Mark.BAD,
    StepState.SKIPPED: Mark.IDLE,
}


class ProgressSteps(QWidget):
    """One entry for each step that has begun; the running one counts its seconds."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: dict[WriteStepName, _ProgressEntry] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)

    def show_step(self, step: WriteStep) -> None:
        """Shows the newest report of a step."""
        entry = self._entries.get(step.name)
        if entry is None:
            for other in self._entries.values():
                other.cut_off()
            entry = self._entries[step.name] = _ProgressEntry(self._theme)
            self._column.addWidget(entry)
        entry.show_step(step)
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Removes the steps of an earlier try."""
        for entry in self._entries.values():
            self._column.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self._entries.clear()

    @property
    def count(self) -> int:
        """The number of steps that have begun."""
        return len(self._entries)

    def end(self) -> None:
        """Stops counting seconds."""
        self._timer.stop()

    def _tick(self) -> None:
        for entry in self._entries.values():
            entry.tick()


class _ProgressEntry(QWidget):
    """One step: its mark and words, figures below, the time at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._running = True
        self._mark = MarkLabel(theme, Mark.WORKING)
        self._text = Text(weight=600)
        self._detail = Text(size=12, tone="text_2", wrap=True)
        self._time = Text(size=12, tone="text_2")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._text, 0, 1)
        grid.addWidget(self._time, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._detail, 1, 1)

    def show_step(self, step: WriteStep) -> None:
        self._running = step.state is StepState.RUNNING
        self._mark.set_mark(_MARKS[step.state])
        self._text.setText(step.text)
        self._detail.setText(step.detail)
        self._detail.setVisible(bool(step.detail))
        self._time.setText(duration(step.ms) if step.ms is not None else "")

    def cut_off(self) -> None:
        """Ends a step that still runs when another begins: its engine has ended, so its end was not told."""
        if self._running:
            self._running = False
            self._mark.set_mark(Mark.UNKNOWN)

    def tick(self) -> None:
        if self._running:
            self._time.setText(duration((time.monotonic() - self._began) * 1000))
