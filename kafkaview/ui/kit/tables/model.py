"""The one table model. It sorts and filters over places in a source: a proxy would take a hundred times as long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from threading import Thread
from typing import Any, Generic, TypeVar

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables.column import Align, Column
from kafkaview.ui.kit.tables.query import Query
from kafkaview.ui.kit.tables.source import ColumnSource, Flags, ListSource, Places, Source, SourceRows

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_ALIGN = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight,
    Align.CENTER: Qt.AlignmentFlag.AlignHCenter,
}
_MANY = 20_000  # rows whose index would be missed at the first letter that is typed
RowFilter = Callable[[Source[T]], Flags]


class TableModel(QAbstractTableModel, Generic[T]):
    """Rows of T under declared columns. `key` names a row across samples, so that its selection survives one."""

    shown_changed = Signal()
    ticked = Signal(object, bool)  # the row, and whether it is ticked now

    def __init__(
        self, columns: Sequence[Column[T]], key: Callable[[T], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self._source: Source[T] = ListSource((), key, self.columns)
        self._shown: Places = np.zeros(0, np.intp)  # the place of each row that is shown, in their order
        self._places: dict[Hashable, int] | None = None  # of each key in the source
        self._row_of: Places | None = None  # of each place; -1 where it is not shown
        self._query = Query()
        self._row_filter: RowFilter[T] | None = None
        self._order: list[tuple[int, bool]] = []
        self._in_order: Places | None = None  # every place of the source in that order
        self._candidates = 0
        self._old = False
        self.nothing = ""  # what an empty table says; empty while it is not known that there is nothing
        self._last: tuple[int, T] | None = None  # a row is asked for once for each of its cells

    @property
    def total(self) -> int:
        """The number of rows before filtering."""
        return len(self._source)

    @property
    def candidates(self) -> int:
        """The number of rows that the words of the filter choose from: those of the page's segment."""
        return self._candidates

    @property
    def source(self) -> Source[T]:
        """The source of the rows."""
        return self._source

    @property
    def rows(self) -> SourceRows[T]:
        """The rows that are shown, in their order."""
        return SourceRows(self._source, self._shown)

    @property
    def order(self) -> tuple[tuple[int, bool], ...]:
        """The columns that the rows are sorted by, the most important first, each with whether it is reversed."""
        return tuple(self._order)

    def set_rows(self, rows: Sequence[T], *, keep_order: bool = False) -> None:
        """Shows the rows of a new sample. Rows that stay change in place, and keep their order while no row comes or
        goes and none changes its state. With `keep_order` (while the pointer is in the table) they keep it all the
        same, and new ones come last.
        """
        self.set_source(ListSource(rows, self._key, self.columns), keep_order=keep_order)

    def set_source(self, source: Source[T], *, keep_order: bool = False) -> None:
        """Shows the rows of a new source in the same way."""
        before = self._source
        if isinstance(source, ColumnSource):
            source.adopt(self.columns, before)
            if len(source) > _MANY:
                Thread(target=source.prepare, name="table-index", daemon=True).start()
        elif isinstance(source, ListSource) and isinstance(before, ListSource) and self._query:
            source.keep_texts(before)
        same_keys = before.keys is source.keys or before.keys == source.keys
        old_keys, old_shown = before.keys, self._shown
        keep_order = keep_order or (same_keys and len(before) > 0 and self._stands(before.states(), source.states()))
        self._source, self._in_order = source, None
        if not same_keys:
            self._places = None
        wanted = self._places_to_show()
        if keep_order:
            wanted = self._keep_order(wanted, old_keys, old_shown, same_keys=same_keys)
        self._replace(wanted, old_keys, same_keys=same_keys)

    def call_old(self, *, old: bool) -> None:
        """Says whether the rows are what was last known: then none has the mark of health."""
        if old != self._old:
            self._old = old
            if self.rowCount():
                self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))

    def mark_of(self, column: Column[T], row: T) -> Mark | None:
        """Returns the mark of a cell as it is shown."""
        mark = column.mark(row) if column.mark is not None else None
        return Mark.IDLE if self._old and mark is Mark.OK else mark

    def set_filter(self, text: str) -> None:
        """Shows only rows that fit the filter."""
        self._query = Query.parse(text)
        self._replace(self._places_to_show(), self._source.keys)

    def set_row_filter(self, row_filter: RowFilter[T] | None) -> None:
        """Shows only the rows that one of the page's segments flags."""
        self._row_filter = row_filter
        self._replace(self._places_to_show(), self._source.keys)

    def sort_by(self, column: int, *, turned: bool = False, add: bool = False) -> None:
        """Sorts by a column; with `add` the columns before count more."""
        kept = [entry for entry in self._order if entry[0] != column] if add else []
        self._order = [*kept, (column, turned)]
        self._in_order = None
        self._replace(self._places_to_show(), self._source.keys)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def sort_again(self) -> None:
        """Puts the rows in order by what they say now."""
        self._in_order = None
        self._replace(self._places_to_show(), self._source.keys)

    def key_at(self, row: int) -> Hashable:
        """Returns the key of the row at a place."""
        return self._source.keys[int(self._shown[row])]

    def has(self, key: Hashable) -> bool:
        """Returns whether there is a row with this key, shown or not."""
        return key in self._by_key()

    def place_of(self, key: Hashable) -> int | None:
        """Returns the place of the row with this key, if it is shown."""
        place = self._by_key().get(key)
        row = -1 if place is None else int(self._rows_by_place()[place])
        return None if row < 0 else row

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # Qt's own default
        """Qt's."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # Qt's own default
        """Qt's."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Returns the words, tooltip or accessible text of a cell."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.reads(self.row_at(index.row()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return escape_tip(column.tooltip(self.row_at(index.row())))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._accessible_text(column, self.row_at(index.row()))
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Emits `ticked`; the owner of the rows answers with new ones."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.ticked.emit(self.row_at(index.row()), bool(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Returns the column's title, aligned as the column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.caption
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.align] | Qt.AlignmentFlag.AlignVCenter
        return None

    def row_at(self, row: int) -> T:
        """Returns the row that is shown at a place."""
        if self._last is None or self._last[0] != row:
            self._last = row, self._source[int(self._shown[row])]
        return self._last[1]

    def _places_to_show(self) -> Places:
        if self._in_order is None:
            self._in_order = np.arange(len(self._source))
            for column, turned in reversed(self._order):
                self._in_order = self._source.sort(self._in_order, column, turned=turned)
        fits = self._row_filter(self._source) if self._row_filter is not None and len(self._source) else None
        self._candidates = len(self._source) if fits is None else int(np.count_nonzero(fits))
        if self._query:
            matching = self._source.find_matches(self._query)
            fits = matching if fits is None else fits & matching
        return self._in_order if fits is None else self._in_order[fits[self._in_order]]

    def _stands(self, before: Sequence[object], now: Sequence[object]) -> bool:
        """Returns whether nothing calls for another order. Rows without states that are not sorted here come as their
        page wants them.
        """
        return before == now and (len(now) > 0 or bool(self._order))

    def _keep_order(
        self, wanted: Places, old_keys: Sequence[Hashable], old_shown: Places, *, same_keys: bool
    ) -> Places:
        """Returns the rows in the order that they were shown in, new ones last."""
        rank = np.full(len(self._source), len(old_shown), np.int64)
        if same_keys:
            rank[old_shown] = np.arange(len(old_shown))
        else:
            before = {old_keys[place]: row for row, place in enumerate(old_shown)}
            rank[:] = [before.get(key, len(old_shown)) for key in self._source.keys]
        return wanted[np.argsort(rank[wanted], kind="stable")]

    def _replace(self, wanted: Places, old_keys: Sequence[Hashable], *, same_keys: bool = True) -> None:
        self._last = None
        if same_keys and np.array_equal(wanted, self._shown):
            if len(wanted):
                self.dataChanged.emit(self.index(0, 0), self.index(len(wanted) - 1, len(self.columns) - 1))
        else:
            old_shown = self._shown
            self.layoutAboutToBeChanged.emit()
            self._shown, self._row_of = wanted, None
            self._move_indexes(old_keys, old_shown)
            self.layoutChanged.emit()
        self.shown_changed.emit()

    def _move_indexes(self, old_keys: Sequence[Hashable], old_shown: Places) -> None:
        old = self.persistentIndexList()
        new = []
        for index in old:
            now = self.place_of(old_keys[int(old_shown[index.row()])])
            new.append(QModelIndex() if now is None else self.index(now, index.column()))
        self.changePersistentIndexList(old, new)

    def _by_key(self) -> dict[Hashable, int]:
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self._source.keys)}
        return self._places

    def _rows_by_place(self) -> Places:
        if self._row_of is None:
            self._row_of = np.full(len(self._source), -1, np.intp)
            self._row_of[self._shown] = np.arange(len(self._shown))
        return self._row_of

    def _accessible_text(self, column: Column[T], row: T) -> str:
        mark = self.mark_of(column, row)
        if column.checked is not None:
            return {True: "ticked", False: "not ticked", None: "cannot be ticked"}[column.checked(row)]
        if mark is not None and not column.title:
            return mark.value
        return column.reads(row)
