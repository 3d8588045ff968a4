"""What could go wrong with a plan, or why it is not possible: the consequence first, in bold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text, bold_text, escape_text
from kafkaview.ui.kit.layout import clear_grid
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme

Line = tuple[Mark, str, str]


class Cautions(QWidget):
    """A heading and its lines; hidden if there are none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heading = Text(size=12, weight=600)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._heading)
        column.addLayout(self._grid)

    def show_lines(self, lines: Sequence[Line], *, possible: bool) -> None:
        """Shows these lines: mark, consequence, reason. For a plan that is not `possible` the heading says so."""
        clear_grid(self._grid)
        self.setVisible(bool(lines))
        self._heading.setText("What could go wrong" if possible else "Why it cannot be carried out")
        for row, (mark, first, rest) in enumerate(lines):
            text = Text(f"{bold_text(first)} {escape_text(rest)}", size=12, wrap=True, rich=True)
            self._grid.addWidget(MarkLabel(self._theme, mark, 14), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
