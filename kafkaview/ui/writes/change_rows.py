"""The rows of a plan: what changes, before, and after in bold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.ui.kit.controls import Text, hairline
from kafkaview.ui.kit.layout import clear_grid
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number
from kafkaview.writes.plan import ChangeRow

_HEADS = ("What", "Before", "After")
_MOST = 200  # rows that are painted; the journal and the command line hold all


class ChangeRows(QWidget):
    """A small table without tick boxes: a change is made as a whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(0)
        for column, share in enumerate((3, 1, 1)):
            self._grid.setColumnStretch(column, share)

    def show_rows(self, rows: Sequence[ChangeRow]) -> None:
        """Shows these rows."""
        clear_grid(self._grid)
        self.setVisible(bool(rows))
        for column, head in enumerate(_HEADS):
            self._cell(Text(head, size=11, weight=600, tone="text_2"), 0, column)
        self._grid.addWidget(hairline(), 1, 0, 1, len(_HEADS))
        for place, row in enumerate(rows[:_MOST]):
            self._row(2 * place + 2, row)
        if len(rows) > _MOST:
            more = Text(f"and {number(len(rows) - _MOST)} more", tone="text_2")
            self._grid.addWidget(more, 2 * _MOST + 2, 0, 1, len(_HEADS))

    def _row(self, line: int, row: ChangeRow) -> None:
        changes = row.before != row.after
        self._cell(Text(row.what, tone="text" if changes else "text_3", wrap=True), line, 0)
        self._cell(Text(row.before or "none", tone="text_2" if changes else "text_3", wrap=True), line, 1)
        after = (row.after or "none") if changes else "unchanged"
        self._cell(
            Text(after, weight=600 if changes else 400, tone="text" if changes else "text_3", wrap=True), line, 2
        )
        self._grid.addWidget(hairline(), line + 1, 0, 1, len(_HEADS))

    def _cell(self, cell: Text, line: int, column: int) -> None:
        cell.setMinimumHeight(self._theme.px(26))
        cell.setContentsMargins(0, 4, 0, 4)
        self._grid.addWidget(cell, line, column)
