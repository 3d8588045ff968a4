"""What a window shows while its demo starts: the steps, how far the one that runs is, and the way out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from kafkaview.demo.steps import DemoStage, DemoStep
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.states import FirstRun, StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import duration, number

_TITLES: Final = {
    DemoStage.FETCH: "Kafka is fetched, once: 43 MB",
    DemoStage.KAFKA: "A real Kafka starts on this machine",
    DemoStage.HISTORY: "20,000 orders and 3,000 payments of the last hours",
    DemoStage.APPLICATIONS: "Seven applications, some of which break",
}
_ABOUT: Final = "Needs Java 17 or later. Nothing of it is left when its window is closed."
_MIB: Final = 1024 * 1024


class DemoStart(FirstRun):
    """Lists every step from the start on; each is hollow until it runs."""

    def __init__(self, theme: Theme, cancel: Callable[[], object]) -> None:
        super().__init__(theme, "The demo starts", _ABOUT, (StateAction("Cancel", cancel, "x"),))
        self._began: dict[DemoStage, float] = {}
        self._stage: DemoStage | None = None
        self._told = ""  # how far the stage is
        self.marks = {stage: MarkLabel(theme, Mark.IDLE) for stage in DemoStage}
        self._titles = {stage: Text(title, tone="text_2") for stage, title in _TITLES.items()}
        self.said = {stage: Text(size=12, tone="text_2") for stage in DemoStage}
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        for row, stage in enumerate(DemoStage):
            for column, part in enumerate((self.marks[stage], self._titles[stage], self.said[stage])):
                grid.addWidget(part, row, column)
        grid.setColumnMinimumWidth(2, theme.px(90))
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addLayout(grid)
        middle.addStretch()
        self.below.insertLayout(0, middle)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._count_seconds)
        self.set_fraction(None)

    def show_step(self, step: DemoStep) -> None:
        """Shows how far a step is; those before it have ended."""
        if step.stage is not self._stage:
            self._end_stage()
            self._stage, self._began[step.stage] = step.stage, time.monotonic()
            self.marks[step.stage].set_mark(Mark.WORKING)
            self._titles[step.stage].set_tone("text")
            self._tick.start()
        self._told = _say_progress(step)
        self.set_fraction(min(1.0, step.done / step.total) if step.total else None)
        self._count_seconds()

    def _end_stage(self) -> None:
        if self._stage is not None:
            self.marks[self._stage].set_mark(Mark.OK)
            self.said[self._stage].setText(self._seconds(self._stage))

    def _count_seconds(self) -> None:
        if self._stage is not None:
            self.said[self._stage].setText(self._told or self._seconds(self._stage))

    def _seconds(self, stage: DemoStage) -> str:
        spent = time.monotonic() - self._began[stage]
        return duration(spent * 1000) if spent >= 1 else ""


def _say_progress(step: DemoStep) -> str:
    if not step.done:
        return ""
    if step.stage is DemoStage.FETCH:
        return f"{step.done / _MIB:.0f} of {step.total / _MIB:.0f} MB"
    return number(step.done)
