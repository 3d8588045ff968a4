"""Sheets of fields that lead to a plan: labels, controls, and a foot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QGridLayout, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.tab_order import reach, within
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.plan_kind import MakePlan
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan

Make = MakePlan[ChangePlan]
Plan = Callable[[Make], PlanDialog[ChangePlan]]  # opens the dialog of a plan


class FormSheet(Sheet):
    """A sheet of fields. Its blue button passes on what makes the plan. The sheet writes nothing, and stays below the
    dialog of the plan until something is written: a plan that is refused or not wanted can be mended. Esc asks before
    it drops what was typed or chosen.
    """

    def __init__(self, context: Context, title: str, subtitle: str, plan: Plan, *, width: int = 620) -> None:
        super().__init__(context.theme, context.window, context.profile.environment, width=width)
        self.set_title(title, subtitle)
        self._plan = plan
        self._labels: dict[QWidget, Text] = {}
        self._start: tuple[object, ...] = ()  # what its fields said before anybody typed
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
        """Shows the sheet, with the cursor in the first field that is typed into, else the keyboard on the first."""
        super().open()
        self._start = self._contents()
        fields = [stop for control in self._labels if control.isVisible() for stop in within(control)]
        typed = (field for field in fields if isinstance(field, QLineEdit | Picker) and not _is_read_only(field))
        first = next(typed, None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif fields:
            reach(fields[0])

    @property
    def edited(self) -> bool:
        """Whether its fields say something else than at first."""
        return self._contents() != self._start

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Fills fields that are filled later than the others, which is nobody's typing."""
        untouched = not self.edited
        yield
        if untouched:
            self._start = self._contents()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Esc asks where something was typed."""
        if event.key() == Qt.Key.Key_Escape and self.closable and self.edited:
            DropSheet(self.theme, self._window, self.lift).open()
            event.accept()
        else:
            super().keyPressEvent(event)

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

    def _contents(self) -> tuple[object, ...]:
        fields = self._inner.findChildren(QWidget)
        return tuple(found for found in map(_content, fields) if found is not None)

    def _go(self) -> None:
        if self.why_not():
            return
        self._plan(self.make()).tell_end(self._end)

    def _end(self, result: Result) -> None:
        """Closes the sheet, unless it was closed meanwhile. It is written, whatever came of reading it back."""
        if result.journal_id is not None and isValid(self):
            self.lift()


def _is_read_only(control: QWidget) -> bool:
    return isinstance(control, QLineEdit) and control.isReadOnly()


def _content(field: QWidget) -> object:
    """Returns what a field says that is typed into or chosen from; None of another widget."""
    if isinstance(field, QLineEdit):
        return field.text()
    if isinstance(field, QPlainTextEdit):
        return None if field.isReadOnly() else field.toPlainText()
    if isinstance(field, QComboBox):
        return field.currentText()
    return field.isChecked() if isinstance(field, QAbstractButton) and field.isCheckable() else None


class DropSheet(Sheet):
    """Asks above a form whether what was typed or chosen in it may go. Esc goes back to the form."""

    def __init__(self, theme: Theme, window: QWidget, drop: Callable[[], None]) -> None:
        super().__init__(theme, window, width=420)
        self.set_title("Drop your changes?")
        self.body.addWidget(Text("Nothing has been written.", tone="text_2"))
        self._drop = drop
        self.keep = Button(theme, "Go on editing", tall=True, clicked=self.lift)
        self.drop = Button(theme, "Drop it", kind=ButtonKind.DANGER, tall=True, clicked=self._go)
        self.footer.addStretch(1)
        self.footer.addWidget(self.keep)
        self.footer.addWidget(self.drop)

    def open(self) -> None:
        """Shows the question; Enter goes on editing."""
        super().open()
        self.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self) -> None:
        self.lift()
        self._drop()
