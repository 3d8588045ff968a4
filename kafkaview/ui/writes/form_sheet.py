"""Sheets of fields that lead to a plan: labels, controls, and a foot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.writes.plan_kind import MakePlan
from kafkaview.writes.plan import ChangePlan

Make = MakePlan[ChangePlan]
Plan = Callable[[Make], object]


class FormSheet(Sheet):
    """A sheet of fields. Its blue button closes it and passes on what makes the plan. The sheet writes nothing."""

    def __init__(self, context: Context, title: str, subtitle: str, plan: Plan, *, width: int = 620) -> None:
        super().__init__(context.theme, context.window, context.profile.environment, width=width)
        self.set_title(title, subtitle)
        self._plan = plan
        self._labels: dict[QWidget, Text] = {}
        self._why = Text(size=12, tone="text_2", wrap=True)
        self.cancel = Button(self.theme, "Cancel", tall=True, clicked=self.lift)
        self.go = Button(self.theme, "Show the plan…", kind=ButtonKind.PRIMARY, tall=True, clicked=self._go)
        self.primary = self.go
        self.form = QGridLayout()
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(8)
        self.form.setColumnStretch(1, 1)
        self.body.addLayout(self.form)
        self.footer.addWidget(self._why, 1)
        self.footer.addWidget(self.cancel)
        self.footer.addWidget(self.go)

    def open(self) -> None:
        """Shows the sheet, with the cursor in the first field."""
        super().open()
        for control in self._labels:
            if isinstance(control, QLineEdit | Picker) and control.isVisible() and not _is_read_only(control):
                control.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def field(self, label: str, control: QWidget) -> None:
        """Adds a line to the form."""
        row = self.form.rowCount()
        text = Text(label, tone="text_2")
        control.setAccessibleName(label)
        self._labels[control] = text
        self.form.addWidget(text, row, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.form.addWidget(control, row, 1)

    def show_field(self, control: QWidget, *, shown: bool) -> None:
        """Shows or hides a line."""
        control.setVisible(shown)
        self._labels[control].setVisible(shown)

    def check(self) -> None:
        """Shows what is missing, if anything is."""
        why = self.why_not()
        self._why.setText(why)
        self.go.setEnabled(not why)
        self.go.setToolTip(escape_tip(why))

    def why_not(self) -> str:
        """Returns why no plan can be made; empty if one can."""
        return ""

    def make(self) -> Make:
        """Returns the function that makes the plan from the fields."""
        raise NotImplementedError

    def _go(self) -> None:
        if self.why_not():
            return
        make = self.make()
        self.lift()
        self._plan(make)


def _is_read_only(control: QWidget) -> bool:
    return isinstance(control, QLineEdit) and control.isReadOnly()
