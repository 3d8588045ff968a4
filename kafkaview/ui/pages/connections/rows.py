"""Rows of the form: label, control, and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from kafkaview.profiles.connection_field import ConnectionField
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.words import breakable

_LABELS = 104


class FormRows(QWidget):
    """The rows of a section by the names of their fields."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows: dict[str, tuple[Text, QWidget, Text]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self._theme = theme
        self._above = False
        theme.changed.connect(self._fit)
        self._fit()

    def add(self, row: ConnectionField, control: QWidget) -> None:
        """Adds the row of a field."""
        label = Text(row.label, tone="text_2", wrap=True)
        label.setContentsMargins(0, 5, 0, 0)
        if row.label:
            (control.focusProxy() or control).setAccessibleName(row.label)
        wrong = Text(size=12, tone="bad_text", wrap=True)
        wrong.hide()
        self._rows[row.name] = (label, control, wrong)
        self._place(len(self._rows) - 1, row.name)

    def put_labels(self, *, above: bool) -> None:
        """Puts labels beside their controls, or above them where the form is narrow."""
        if above != self._above:
            self._above = above
            self._fit()
            for place, name in enumerate(self._rows):
                self._place(place, name)

    def names(self) -> tuple[str, ...]:
        """Returns the fields that have a row here."""
        return tuple(self._rows)

    def show_only(self, names: frozenset[str]) -> None:
        """Hides the rows of other fields."""
        for name, (label, control, wrong) in self._rows.items():
            label.setVisible(name in names and bool(label.text()))
            control.setVisible(name in names)
            if name not in names:
                wrong.hide()

    def _place(self, place: int, name: str) -> None:
        label, control, wrong = self._rows[name]
        row, column = 3 * place, 0 if self._above else 1
        for widget in (label, control, wrong):
            self._grid.removeWidget(widget)
        self._grid.addWidget(label, row, 0, 1, 2 - column, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(control, row + 1 - column, column, 1, 2 - column)
        self._grid.addWidget(wrong, row + 2, column, 1, 2 - column)

    def _fit(self) -> None:
        self._grid.setColumnMinimumWidth(0, 0 if self._above else self._theme.px(_LABELS))

    def reason(self, name: str) -> Text:
        """Returns what says below a field what is wrong with it."""
        return self._rows[name][2]

    def say_wrong(self, name: str, sentence: str) -> None:
        """Shows what is wrong below a field; an empty text removes it."""
        wrong = self.reason(name)
        wrong.setText(sentence)
        wrong.setVisible(bool(sentence))


class Fold(QWidget):
    """A folded section for experts: its title and a summary."""

    def __init__(self, theme: Theme, title: str, rows: FormRows) -> None:
        super().__init__()
        self._theme = theme
        self._rows = rows
        self._summary = Text(size=12, tone="text_2", wrap=True)
        self.head = Button(theme, title, kind=ButtonKind.FOLD, icon="chevron-right", clicked=self._turn)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.head, alignment=Qt.AlignmentFlag.AlignLeft)  # also alone, while it is unfolded
        row.addWidget(self._summary, 1)
        self.setLayout(column(row, rows, gap=6))
        rows.hide()

    def open(self, *, unfold: bool = True) -> None:
        """Shows or hides the section."""
        self._rows.setVisible(unfold)
        self._summary.setVisible(not unfold)
        self.head.set_icon("chevron-down" if unfold else "chevron-right")

    def say(self, summary: str) -> None:
        """Sets the summary."""
        self._summary.setText(breakable(summary))

    def _turn(self) -> None:
        self.open(unfold=self._rows.isHidden())
