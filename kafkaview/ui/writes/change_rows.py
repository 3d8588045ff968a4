"""The rows of a plan: what changes, before, and after in bold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.ui.kit.controls import Text, hairline
from kafkaview.ui.kit.layout import clear_grid, column
from kafkaview.ui.kit.tables import Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.writes.plan import ChangeRow

_HEADS = ("What", "Before", "After")
_WHOLE: Final = 12  # rows that are laid out with all their words: each takes the window half a millisecond
_SEEN: Final = 10  # of more, which are made as they come in sight
_NumberedRow = tuple[int, ChangeRow]


class ChangeRows(QWidget):
    """A small table without tick boxes: a change is made as a whole. Of few rows all words are read, of many each row
    is a line that is scrolled to.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._few = QWidget()
        self._grid = QGridLayout(self._few)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(0)
        for place, share in enumerate((3, 1, 2)):
            self._grid.setColumnStretch(place, share)
        self._many: Table[_NumberedRow] | None = None
        self._column = column(self._few)
        self.setLayout(self._column)

    @property
    def table(self) -> Table[_NumberedRow]:
        """The table of many rows."""
        if self._many is None:
            model: TableModel[_NumberedRow] = TableModel(_COLUMNS, lambda row: row[0])
            self._many = Table(self._theme, model, "What changes")
            self._column.addWidget(self._many)
            self._theme.changed.connect(self._fit)
        return self._many

    def show_rows(self, rows: Sequence[ChangeRow]) -> None:
        """Shows these rows."""
        clear_grid(self._grid)
        many = len(rows) > _WHOLE
        self.setVisible(bool(rows))
        self._few.setHidden(many)
        if many or self._many is not None:
            self.table.setVisible(many)
            self.table.set_rows(tuple(enumerate(rows)) if many else ())
            self._fit()
        if rows and not many:
            self._lay_out(rows)

    def _fit(self) -> None:
        self.table.fit_rows(_SEEN)

    def _lay_out(self, rows: Sequence[ChangeRow]) -> None:
        for place, head in enumerate(_HEADS):
            self._cell(Text(head, size=11, weight=600, tone="text_2"), 0, place)
        self._grid.addWidget(hairline(), 1, 0, 1, len(_HEADS))
        for place, row in enumerate(rows):
            self._row(2 * place + 2, row)

    def _row(self, line: int, row: ChangeRow) -> None:
        changes = row.before != row.after
        self._cell(Text(row.what, tone="text" if changes else "text_3", wrap=True), line, 0)
        self._cell(Text(row.before or "none", tone="text_2" if changes else "text_3", wrap=True), line, 1)
        self._cell(
            Text(_after(row), weight=600 if changes else 400, tone="text" if changes else "text_3", wrap=True), line, 2
        )
        self._grid.addWidget(hairline(), line + 1, 0, 1, len(_HEADS))

    def _cell(self, cell: Text, line: int, place: int) -> None:
        cell.setMinimumHeight(self._theme.px(26))
        cell.setContentsMargins(0, 4, 0, 4)
        self._grid.addWidget(cell, line, place)


def _after(row: ChangeRow) -> str:
    return (row.after or "none") if row.before != row.after else "unchanged"


def _tone(row: _NumberedRow) -> str | None:
    return None if row[1].before != row[1].after else "text_3"


_COLUMNS: tuple[Column[_NumberedRow], ...] = (
    Column("What", lambda row: row[1].what, width=280, elide_middle=True, tone=_tone),
    Column("Before", lambda row: row[1].before or "none", width=140, tone=_tone),
    Column("After", lambda row: _after(row[1]), width=140, stretch=True, strong=True, tone=_tone),
)
