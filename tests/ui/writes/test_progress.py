"""The steps of a running plan."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.progress import ProgressSteps
from kafkaview.writes.steps import LOOKING_UP, StepState, WriteStep, WriteStepName


def test_a_step_whose_end_was_not_told_does_not_go_on(qtbot: QtBot, theme: Theme) -> None:
    steps = ProgressSteps(theme)
    qtbot.addWidget(steps)
    steps.show_step(WriteStep(WriteStepName.JOURNAL, StepState.DONE, "Plan in the journal", ms=3))
    steps.show_step(WriteStep(WriteStepName.CHECK, StepState.RUNNING, "Cluster as planned"))
    steps.show_step(WriteStep(WriteStepName.LOOK_UP, StepState.RUNNING, LOOKING_UP))
    assert [label.mark for label in steps.findChildren(MarkLabel)] == [Mark.OK, Mark.UNKNOWN, Mark.WORKING]
