"""The widget of an outcome: the mark, what happened, what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import clear_grid, column
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.one_time_secret import SecretLine
from kafkaview.ui.writes.write_result import Result


class OutcomeWords(QWidget):
    """The words of a Result, in the dialog and on the page."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mark = MarkLabel(theme, Mark.OK, 20)
        self.title = Text(size=15, weight=600, wrap=True)
        self.text = Text(size=12, tone="text_2", wrap=True)
        self._what = Text("What to do", size=12, weight=600)
        self._advice = QGridLayout()
        self._advice.setHorizontalSpacing(8)
        self._advice.setVerticalSpacing(4)
        self._advice.setColumnStretch(1, 1)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.text, 1, 1)
        self.secret = SecretLine(theme)
        self.secret.hide()
        below = column(self.secret, self._what, self._advice, margins=(0, 6, 0, 0), gap=4)
        grid.addLayout(below, 2, 1)

    def leave_title(self) -> None:
        """Leaves the title to what stands around: the mark moves to the text."""
        self.title.hide()
        self._grid.addWidget(self._mark, 1, 0, Qt.AlignmentFlag.AlignTop)

    def show_result(self, result: Result) -> None:
        """Shows a result."""
        self._mark.set_mark(Mark.of_tone(result.tone))
        self.title.setText(result.title)
        self.text.setText(result.text)
        self.text.setVisible(bool(result.text))
        self._mark.setVisible(not self.title.isHidden() or bool(result.text))  # else it would stand beside nothing
        self.secret.show_secret(result.secret)
        self._what.setVisible(bool(result.advice))
        clear_grid(self._advice)
        for row, line in enumerate(result.advice):
            self._advice.addWidget(MarkLabel(self._theme, Mark.IDLE, 14), row, 0, Qt.AlignmentFlag.AlignTop)
            self._advice.addWidget(Text(line, size=12, wrap=True), row, 1)
