"""What could go wrong with a plan, or why it is not possible: the consequence first, in bold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.engine.window_words import window_hint
from kafkaview.ui.kit.controls import Text, bold_text, escape_text
from kafkaview.ui.kit.layout import clear_grid, column
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import Plan

_MOST: Final = 8  # lines: of a plan of a hundred groups each may have its own


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
        self.setLayout(column(self._heading, self._grid, gap=10))

    def show_plan(self, plan: Plan[ChangeOutcome], further: Sequence[tuple[str, str]] = ()) -> None:
        """Shows the problems of a plan, `further` consequences with their reasons, and its cautions."""
        lines = [
            (Mark.BAD, f"{problem.message.removesuffix('.')}.", window_hint(problem.hint)) for problem in plan.problems
        ]
        lines += [(Mark.WARN, *one) for one in further]
        lines += [(Mark.WARN, caution.consequence, caution.why) for caution in plan.cautions]
        if len(lines) > _MOST + 1:
            lines[_MOST:] = [(Mark.WARN, f"and {number(len(lines) - _MOST)} more", "")]
        clear_grid(self._grid)
        self.setVisible(bool(lines))
        self._heading.setText("Why it cannot be carried out" if plan.problems else "What could go wrong")
        for row, (mark, first, rest) in enumerate(lines):
            text = Text(f"{bold_text(first)} {escape_text(rest)}", size=12, wrap=True, rich=True)
            self._grid.addWidget(MarkLabel(self._theme, mark, 14), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
