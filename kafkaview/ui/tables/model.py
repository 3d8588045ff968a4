"""The one table model. Sorting and filtering happen here: a proxy would take a hundred times as long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import IntEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from kafkaview.ui.tables.column import Align, Column
from kafkaview.ui.tables.query import Query

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_ALIGN = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight,
    Align.CENTER: Qt.AlignmentFlag.AlignHCenter,
}


class Role(IntEnum):
    """Roles besides Qt's."""

    ROW = Qt.ItemDataRole.UserRole + 1
    COLUMN = Qt.ItemDataRole.UserRole + 2


class TableModel(QAbstractTableModel, Generic[T]):
    """Rows of T under declared columns. `key` names a row across samples, so that selection and place survive one."""

    shown_changed = Signal()
    ticked = Signal(object, bool)  # the row, and whether it is ticked now

    def __init__(
        self, columns: Sequence[Column[T]], key: Callable[[T], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self._all: tuple[T, ...] = ()
        self._shown: list[T] = []
        self._query = Query()
        self._texts: dict[Hashable, str] = {}
        self._cut: Callable[[T], bool] | None = None
        self._order: list[tuple[int, bool]] = []

    @property
    def total(self) -> int:
        """Rows before filtering."""
        return len(self._all)

    @property
    def rows(self) -> tuple[T, ...]:
        """The rows that are shown, in their order."""
        return tuple(self._shown)

    @property
    def order(self) -> tuple[tuple[int, bool], ...]:
        """Columns that are sorted by, the first one counting most, each with whether it is turned."""
        return tuple(self._order)

    def set_rows(self, rows: Sequence[T], *, keep_order: bool = False) -> None:
        """Show a new sample. Rows that stay change in place; `keep_order` keeps them where they are (while the pointer
        is in the table), new ones come last.
        """
        self._all = tuple(rows)
        self._texts.clear()
        wanted = self._wanted()
        if keep_order:
            place = {self._key(row): number for number, row in enumerate(self._shown)}
            wanted.sort(key=lambda row: place.get(self._key(row), len(place)))
        self._replace(wanted)

    def set_source(self, source: Any, *, keep_order: bool = False) -> None:
        self._source = source
        self.set_rows([source[n] for n in range(len(source))], keep_order=keep_order)

    def set_filter(self, text: str) -> None:
        """Show only rows that fit what was typed."""
        self._query = Query.parse(text)
        self._replace(self._wanted())

    def set_cut(self, cut: Callable[[T], bool] | None) -> None:
        """Show only one of the page's cuts (a segment)."""
        self._cut = cut
        self._replace(self._wanted())

    def sort_by(self, column: int, *, turned: bool = False, add: bool = False) -> None:
        """Sort by a column; `add` keeps the columns before as the ones that count more."""
        kept = [entry for entry in self._order if entry[0] != column] if add else []
        self._order = [*kept, (column, turned)]
        self._replace(self._wanted())
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def key_at(self, row: int) -> Hashable:
        """The name of the row at a place."""
        return self._key(self._shown[row])

    def place_of(self, key: Hashable) -> int | None:
        """Where the row of this name stands, if it is shown."""
        return next((place for place, row in enumerate(self._shown) if self._key(row) == key), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # Qt's own default
        """Qt's."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # Qt's own default
        """Qt's."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The cell's words, or the row and the column for the delegate."""
        if not index.isValid():
            return None
        row, column = self._shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.reads(row)
        if role == Role.ROW:
            return row
        if role == Role.COLUMN:
            return column
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(column, row)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A tick was set or taken; whoever owns the rows answers with new ones."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.ticked.emit(self._shown[index.row()], bool(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The column's title, aligned as the column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.align] | Qt.AlignmentFlag.AlignVCenter
        return None

    def _wanted(self) -> list[T]:
        rows = list(self._all)
        if self._cut is not None:
            try:
                rows = [row for row in rows if self._cut(row)]
            except AssertionError:
                if hasattr(self, "_source"):
                    mask = self._cut(self._source)
                    rows = [row for n, row in enumerate(rows) if mask[n]]
        names = getattr(getattr(self, "_source", None), "values", {})
        if self._query:
            rows = [row for row in rows if self._fits(row)]
        if names and "" in names and self._order and self._order[0][0] == 0:
            ranks = {self._key(row): names[""][n] for n, row in enumerate(self._all)}
            return sorted(rows, key=lambda row: ranks[self._key(row)])
        for column, turned in reversed(self._order):
            rows = _sorted(rows, self.columns[column], turned=turned)
        return rows

    def _fits(self, row: T) -> bool:
        figures = {c.name: c.value(row) for c in self.columns} if self._query.comparisons else {}
        return self._query.fits(self._text(row) if self._query.words or self._query.excluded else "", figures)

    def _text(self, row: T) -> str:
        """All that a row shows, kept until the next sample: typing asks for it letter by letter."""
        key = self._key(row)
        if key not in self._texts:
            self._texts[key] = " ".join(column.reads(row) for column in self.columns).lower()
        return self._texts[key]

    def _replace(self, wanted: list[T]) -> None:
        before = [self._key(row) for row in self._shown]
        after = [self._key(row) for row in wanted]
        if before == after:
            self._shown = wanted
            if wanted:
                self.dataChanged.emit(self.index(0, 0), self.index(len(wanted) - 1, len(self.columns) - 1))
        else:
            self.layoutAboutToBeChanged.emit()
            self._shown = wanted
            self._move_indexes(before, after)
            self.layoutChanged.emit()
        self.shown_changed.emit()

    def _move_indexes(self, before: list[Hashable], after: list[Hashable]) -> None:
        place = {key: number for number, key in enumerate(after)}
        old = self.persistentIndexList()
        new = []
        for index in old:
            now = place.get(before[index.row()])
            new.append(QModelIndex() if now is None else self.index(now, index.column()))
        self.changePersistentIndexList(old, new)


def _sorted(rows: list[T], column: Column[T], *, turned: bool) -> list[T]:
    """Unknown values stand last, whichever way the order runs."""
    known: list[tuple[Any, T]] = []
    unknown: list[T] = []
    for row in rows:
        value = column.value(row)
        if value is None:
            unknown.append(row)
        else:
            known.append((_sortable(value), row))
    known.sort(key=lambda pair: pair[0], reverse=turned)
    return [row for _value, row in known] + unknown


def _sortable(value: object) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _spoken(column: Column[T], row: T) -> str:
    mark = column.mark(row) if column.mark is not None else None
    if column.checked is not None:
        return {True: "ticked", False: "not ticked", None: "cannot be ticked"}[column.checked(row)]
    if mark is not None and not column.title:
        return mark.value
    return column.reads(row)
