"""The test of a connection: the doctor's steps and what it found."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from kafkaview.command_words import printed_line, shell_line
from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisStep
from kafkaview.profiles.form import secrets_of, values_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.controls import Button, Text, ground, hairline
from kafkaview.ui.kit.copy_button import CopyButton
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.cause_box import CauseBox
from kafkaview.ui.pages.connections.doctor_steps import DoctorSteps
from kafkaview.ui.pages.connections.words import breakable, outcome, steps_of_test

_TASK = "doctor"
Diagnose = Callable[[ConnectionProfile, Secrets, Callable[[DiagnosisStep], None]], Awaitable[Diagnosis]]


class DoctorPane(QWidget):
    """The pane at the right of the form. It tests the profile of the form, saved or not."""

    wanted = Signal()
    jump = Signal(str)

    def __init__(self, theme: Theme, tasks: Tasks, diagnose: Diagnose) -> None:
        super().__init__()
        self._tasks = tasks
        self._diagnose = diagnose
        self._failed = False
        self.diagnosis: Diagnosis | None = None
        self._tested: ConnectionProfile | None = None
        self._outdated = False  # the form has changed since
        self.go = Button(theme, "Test", icon="refresh-cw", clicked=self.wanted.emit)
        self.summary = Text(size=12, tone="text_2", wrap=True)
        self.steps = DoctorSteps(theme)
        self.cause = CauseBox(theme)
        self.cause.jump.connect(self.jump)
        self._line = Text(size=12, mono=True, tone="text_2", wrap=True)
        self._foot = QWidget()
        self._copy = CopyButton(theme)
        ground(self, "surface")
        self._lay_out()

    def show_profile(self, profile: ConnectionProfile) -> None:
        """Shows another profile, of which nothing is tested yet."""
        self._tasks.cancel(_TASK)
        self.diagnosis = None
        self._tested, self._outdated = None, False
        self.go.setText("Test")
        self.go.setEnabled(True)
        self.summary.setText("Layer by layer, from the name to the rights. Reads only, writes nothing.")
        self.cause.hide()
        self.steps.begin(steps_of_test(profile))
        command = shell_line(printed_line(*profile.options, "doctor")) if profile.saved else ""
        self._copy.offer(command)
        self._line.setText(breakable(command))
        self._line.setVisible(profile.saved)
        self._copy.setVisible(profile.saved)

    def note_change(self, profile: ConnectionProfile | None) -> None:
        """Says of a result that it is of what the form had before; `profile` is what it has now, None if that is none
        yet.
        """
        if self._tested is not None and profile != self._tested and not self._outdated:
            self._outdated = True
            self.summary.setText(f"Of {self._tested.bootstrap}, before the form was changed. {self.summary.text()}")

    def show_command(self, *, shown: bool) -> None:
        """Shows or hides the command line that does the same."""
        self._foot.setVisible(shown)

    def test(self, profile: ConnectionProfile, typed: Secrets) -> None:
        """Starts a test with the typed secrets before those of the keyring; cancels a test that runs."""
        self._tasks.start(_TASK, self._test(profile, typed), on_error=self._broke)

    async def _test(self, profile: ConnectionProfile, typed: Secrets) -> None:
        began = time.monotonic()
        self._failed = False
        self._tested, self._outdated = profile, False
        self.cause.hide()
        self.steps.begin(steps_of_test(profile))
        self.summary.setText("Testing")
        self.go.setText("Run again")
        self.diagnosis = None
        diagnosis = await self._diagnose(profile, typed, lambda step: self._show_step(step, profile))
        for step in diagnosis.steps:
            self.steps.show_step(step, over=True)
        if diagnosis.cause is Cause.KEYRING_UNAVAILABLE:
            self.summary.setText("Stopped before the first connection")
        else:
            self.summary.setText(outcome(diagnosis, time.monotonic() - began))
        first = next(
            (step for step in diagnosis.steps if step.cause is diagnosis.cause and step.cause is not None), None
        )
        if first is not None:
            self.cause.show_cause(_with_field(first, profile), profile)
        else:
            self.cause.hide()
        self.diagnosis = diagnosis

    def _show_step(self, step: DiagnosisStep, profile: ConnectionProfile) -> None:
        self._failed = self._failed or (step.ok is False and step.cause is not None)
        self.steps.show_step(step, over=self._failed)
        if step.ok is False and step.cause is not None and self.cause.isHidden():
            self.cause.show_cause(_with_field(step, profile), profile)

    def _broke(self, error: Exception) -> None:
        self.summary.setText(f"The test itself failed: {error}")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(Text("Test connection", size=15, weight=600), 1)
        head.addWidget(self.go)
        inner = QWidget()
        ground(inner, "surface")
        inner.setLayout(column(self.summary, self.cause, self.steps, margins=(20, 8, 20, 16), gap=12, push=True))
        scroll = self.area = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(20, 6, 16, 8)
        foot.addWidget(self._line, 1)
        foot.addWidget(self._copy)
        head.setContentsMargins(20, 12, 16, 0)
        self.setLayout(column(head, scroll, hairline(), self._foot, grows=scroll))


def _with_field(step: DiagnosisStep, profile: ConnectionProfile) -> DiagnosisStep:
    """Returns a step whose field is the secret, if the keyring is locked: typing the secret helps then."""
    if step.cause is not Cause.KEYRING_UNAVAILABLE:
        return step
    return replace(step, field=next(iter(secrets_of(values_of(profile))), ""))
