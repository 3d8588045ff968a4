"""The first cause of a failed test: its name, what was seen, what to change, and a button that goes to the field."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.doctor.diagnosis import DiagnosisStep
from kafkaview.profiles.fields import field_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.copy_button import CopyButton
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.words import CAUSES, STEPS, breakable, fix, for_an_admin


class CauseBox(QWidget):
    """The box of the cause; hidden while nothing is wrong."""

    jump = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._field = ""
        self.title = Text(size=13, weight=600, tone="bad_text", wrap=True)
        self.detail = Text(size=12, wrap=True)
        self.hint = Text(size=12, tone="text_2", wrap=True)
        self.fix = Button(theme, clicked=lambda: self.jump.emit(self._field))
        self.copy = CopyButton(theme, "Copy for an admin")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(MarkLabel(theme, Mark.BAD))
        head.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self.detail)
        column.addWidget(self.hint)
        column.addSpacing(3)
        column.addLayout(make_flow(self.fix, self.copy))
        self.hide()

    def show_cause(self, step: DiagnosisStep, profile: ConnectionProfile) -> None:
        """Shows the cause of a failed step."""
        title = CAUSES[step.cause] if step.cause is not None else f"{STEPS[step.step]} failed"
        self.title.setText(title)
        self.detail.setText(breakable(step.detail))
        self.hint.setText(breakable(step.hint))
        self.hint.setVisible(bool(step.hint))
        self._field = field_of(step.field)
        self.fix.setText(fix(self._field, step.cause))
        self.fix.setAccessibleName(self.fix.text())
        self.fix.setVisible(bool(self._field))
        self.copy.offer(for_an_admin(profile, step))
        self.setAccessibleName(f"{title}. {step.detail} {step.hint}")
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("bad_fill"))
        painter.setBrush(self._theme.color("bad_fill"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
        painter.end()
