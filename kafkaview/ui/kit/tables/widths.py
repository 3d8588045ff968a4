"""The widths of a table's columns: no strip is left beside them, numbers and times are whole, names are while there is
room, and a double click fits a column to what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFontMetrics

from kafkaview.ui.kit.tables.delegate import MOST_OF_A_CELL, PADDING, CellDelegate
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import visible_alone

if TYPE_CHECKING:
    from kafkaview.ui.kit.tables.table import Table

T = TypeVar("T")
_MARK, _ARROW = 22, 15  # pixels beside the words of a cell and of a head
_LEAST_NAME = 80  # pixels that names keep where they give way
_WIDEST = 0.75  # of the table, for a column that is fitted
_WIDEST_NAME = 0.4  # of the table, for names that take room by themselves


class ColumnWidths(QObject, Generic[T]):
    """Gives each column its declared width, and the rest to the stretching one."""

    def __init__(self, theme: Theme, table: Table[T], delegate: CellDelegate) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table
        self._stretches = False
        self._by_hand: int | None = None  # the stretching column, once the user has given it a width
        self._hands: set[int] = set()  # all columns to which the user has given a width
        self._grown: dict[int, int] = {}  # by how much columns are wider than declared, so that their cells are whole
        self._lent: dict[int, int] = {}  # by how much names are, in room that the stretching column does not need
        self._lay_out()
        head = table.horizontalHeader()
        head.sectionResized.connect(self._resized)
        head.sectionHandleDoubleClicked.connect(self.fit)
        delegate.cut.connect(self.widen, Qt.ConnectionType.QueuedConnection)  # not while it is painted

    def rescale(self) -> None:
        """Lays the columns out for another text size; else the user's own widths stay."""
        if self._scale != self._theme.scale:
            self._by_hand = None
            self._hands.clear()
            self._lay_out()
        self.stretch()

    def stretch(self) -> None:
        """Gives the room that no column takes to the stretching one; to the last one where the user has set the width
        of that, or there is none.
        """
        table, shown, taker = self._table, self._shown, self._taker
        if taker is None:
            return
        others = sum(table.columnWidth(place) for place in shown if place != taker)
        grown = sum(self._grown.get(place, 0) for place in shown if place != taker)
        declared = self._declared(taker)
        left = table.viewport().width() - others
        for place in shown:
            back = min(self._lent.get(place, 0), max(0, declared - left))
            if back:
                self._lent[place] -= back
                self._set(place, table.columnWidth(place) - back)
                left += back
        narrow = min(declared, self._theme.px(_LEAST_NAME))
        least = max(narrow, declared - grown)
        fits = left >= max(narrow, declared // 2)  # a name in short is better than a number out of sight
        self._set(taker, left if fits else max(least, left))

    def widen(self, place: int, width: int) -> None:
        """Widens a column in which a cell was cut: as far as that needs where it must be whole, a name as far as the
        stretching column has room to lend. A width that the user gave stays.
        """
        table, is_whole = self._table, self._table.rows.columns[place].is_whole
        most, now = table.viewport().width(), table.columnWidth(place)
        width = min(width, round(_WIDEST * most) if is_whole else min(round(_WIDEST_NAME * most), now + self._spare))
        if place not in self._hands and width > now:
            taken = self._grown if is_whole else self._lent
            taken[place] = width - self._declared(place)
            self._set(place, width)
            self.stretch()

    @property
    def _shown(self) -> list[int]:
        return [place for place in range(len(self._table.rows.columns)) if not self._table.isColumnHidden(place)]

    @property
    def _taker(self) -> int | None:
        """The column that takes what the others leave."""
        shown, columns = self._shown, self._table.rows.columns
        wide = [place for place in shown if columns[place].stretch and place != self._by_hand]
        by_place = self._table.horizontalHeader().visualIndex
        return wide[0] if wide else max(shown, key=by_place, default=None)

    @property
    def _spare(self) -> int:
        """How much wider than declared the column is that takes the rest."""
        taker = self._taker
        return 0 if taker is None else max(0, self._table.columnWidth(taker) - self._declared(taker))

    def _declared(self, place: int) -> int:
        return self._theme.px(self._table.rows.columns[place].width)

    def fit(self, place: int) -> None:
        """Makes a column as wide as its title and the cells in sight."""
        column = self._table.rows.columns[place]
        if column.sparkline is not None or not column.title:
            return
        font = self._theme.font(12 if column.mono else 13, 600 if column.strong else 400, mono=column.mono)
        cells, beside = QFontMetrics(font), self._theme.px(_MARK) if column.mark is not None else 0
        title = QFontMetrics(self._theme.font(11, 600)).horizontalAdvance(column.title) + self._theme.px(_ARROW)
        texts = (visible_alone(column.reads(row)[:MOST_OF_A_CELL]) for row in self._table.visible_rows())
        widest = max([title, *(cells.horizontalAdvance(text) + beside for text in texts)]) + 2 * PADDING + 2
        self._table.setColumnWidth(place, min(widest, round(_WIDEST * self._table.viewport().width())))

    def _lay_out(self) -> None:
        self._scale = self._theme.scale
        self._grown.clear()
        self._lent.clear()
        for place, column in enumerate(self._table.rows.columns):
            self._set(place, self._theme.px(column.width))

    def _set(self, place: int, width: int) -> None:
        self._stretches = True
        self._table.setColumnWidth(place, width)
        self._stretches = False

    def _resized(self, place: int, before: int, now: int) -> None:
        """Takes up the room that another width of a column leaves."""
        if self._stretches or not self._table.isVisible():
            return
        if before and now:  # 0 is the width of a hidden one
            self._hands.add(place)
            self._lent.pop(place, None)
            if self._table.rows.columns[place].stretch:
                self._by_hand = place
        self.stretch()
