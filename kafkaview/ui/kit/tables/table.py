"""A table whose rows come anew with every sample: hairlines, whole rows selected with an accent bar."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar, cast

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QKeyCombination,
    QMetaMethod,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHeaderView, QWidget

from kafkaview.ui.kit.bands import BandedTable
from kafkaview.ui.kit.preferences import Layouts
from kafkaview.ui.kit.tables.copying import as_tsv
from kafkaview.ui.kit.tables.delegate import PADDING, CellDelegate
from kafkaview.ui.kit.tables.head import TableHead
from kafkaview.ui.kit.tables.menu import RowMenu, row_menu
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.tables.source import Source, SourceRows
from kafkaview.ui.kit.tables.widths import ColumnWidths
from kafkaview.ui.kit.theme import Theme

T = TypeVar("T")
_COPY_COMMAND = QKeyCombination(Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_C)
_MENU = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)
_LEAST_WIDTH, _LEAST_ROWS = 240, 3
_REST_MS = 80  # the pane is filled once the selection rests


class Table(BandedTable, Generic[T]):
    """Shows a TableModel. `chosen` is emitted with the selected row (or None) once the selection rests, `opened` on
    Enter and double click; where nobody listens to that, they take the first link of the row.
    """

    chosen = Signal(object)
    opened = Signal(object)
    delete_wanted = Signal()  # Delete was pressed on a selection: a page that can, plans to delete it

    def __init__(
        self,
        theme: Theme,
        model: TableModel[T],
        name: str,
        parent: QWidget | None = None,
        *,
        menu: RowMenu[T] | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.menu: RowMenu[T] = menu or RowMenu()
        self._rows = model
        self._delegate = CellDelegate(theme, self)
        self._kept: Hashable | None = None  # the key of the row that was chosen last, also while a filter hides it
        self._stands_in = False  # the selected row was chosen by nobody
        self._across = False  # a key is pressed that goes to another column
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._tell)
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self._look()
        self._widths: ColumnWidths[T] = ColumnWidths(theme, self, self._delegate)
        self.selectionModel().selectionChanged.connect(self._wait_for_rest)
        model.shown_changed.connect(self._choose_kept)
        self.doubleClicked.connect(lambda index: self._open(model.rows[index.row()]))
        theme.changed.connect(self._rescale)

    @property
    def rows(self) -> TableModel[T]:
        """The model of the table."""
        return self._rows

    def set_rows(self, rows: Sequence[T]) -> None:
        """Shows the rows of a new sample. The order changes only while the pointer is elsewhere."""
        self._rows.set_rows(rows, keep_order=self._delegate.hovered >= 0)
        self._tell_later()

    def set_source(self, source: Source[T]) -> None:
        """Shows the rows of a new source in the same way."""
        self._rows.set_source(source, keep_order=self._delegate.hovered >= 0)
        self._tell_later()

    def fit_rows(self, most: int) -> None:
        """Makes the table as high as its rows, at least one and at most this many, with the bar that it scrolls by."""
        rows, bar = max(1, min(self._rows.rowCount(), most)), self.horizontalScrollBar()
        high = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(high + (bar.sizeHint().height() if bar.maximum() > 0 else 0))

    def visible_rows(self) -> SourceRows[T]:
        """Returns the rows that are in sight."""
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        return self._rows.rows[first : last + 1 if last >= 0 else None]

    @property
    def selected(self) -> T | None:
        """The selected row, the first of several."""
        spans = self._spans()
        return self._rows.rows[min(top for top, _bottom in spans)] if spans else None

    @property
    def selection(self) -> Sequence[T]:
        """All selected rows from top to bottom."""
        rows = self._rows.rows
        selected = np.zeros(len(rows), np.bool_)
        for top, bottom in self._spans():
            selected[top : bottom + 1] = True
        return SourceRows(self._rows.source, rows.places[selected])

    def _spans(self) -> list[tuple[int, int]]:
        """Returns the selected rows as spans: one span even if all 200,000 are selected."""
        selected = self.selectionModel().selection()
        return [(span.top(), span.bottom()) for span in cast("Iterable[QItemSelectionRange]", selected)]

    def choose(self, key: Hashable) -> bool:
        """Selects the row with this key and shows it; returns False if it is not there."""
        place = self._rows.place_of(key)
        if place is None:
            return False
        row = self._rows.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(row, flags.ClearAndSelect | flags.Rows)  # whatever key is held down
        self.scrollTo(row)
        return True

    def choose_first(self) -> None:
        """Selects the first row, which gives way to the row that was chosen before as soon as that is shown again."""
        kept = self._kept
        if self._rows.rowCount():
            self.choose(self._rows.key_at(0))
            self._kept, self._stands_in = kept, kept is not None

    def clearSelection(self) -> None:  # noqa: N802  # Qt's name
        """Qt's: a page that lets go of a row does not wait for it."""
        self._kept = None
        super().clearSelection()

    def copy(self) -> None:
        """Copies the selected rows to the clipboard, tab-separated."""
        if self.selection:
            QGuiApplication.clipboard().setText(as_tsv(self._rows.columns, self.selection))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: copy, open, delete, tick."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.keyCombination() == _COPY_COMMAND:
            self.copy_command()
        elif event.key() == Qt.Key.Key_Menu or event.keyCombination() == _MENU:
            self._open_menu_of_row()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self._open(self.selected)
        elif event.key() == Qt.Key.Key_Delete and self.selected is not None:
            self.delete_wanted.emit()
        elif event.key() == Qt.Key.Key_Space and self._tick_selected():
            event.accept()
        else:
            self._across = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
            super().keyPressEvent(event)
            self._across = False

    def scrollTo(  # noqa: N802  # Qt's name
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Qt's: a row that is clicked or chosen comes into sight, and its columns stay where they are."""
        columns = self.horizontalScrollBar()
        left = columns.value()
        super().scrollTo(index, hint)
        if not self._across:
            columns.setValue(left)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's: what can be copied, and where the row leads. Some systems send this beside the Menu key itself."""
        if QApplication.activePopupWidget() is not None:
            return
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            self._open_menu(self.indexAt(event.pos()), event.pos())
        else:
            self._open_menu_of_row()

    def copy_command(self) -> None:
        """Copies the `kafkaview` line that shows the selected row to the clipboard."""
        if self.menu.command is not None and self.selected is not None:
            QGuiApplication.clipboard().setText(self.menu.command(self.selected))

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        Layouts.restore(self)
        super().showEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: the row under the pointer is tinted."""
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Qt's."""
        if event.type() is QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Qt's: its head and three rows above its scroll bar, and room for a name: a splitter leaves no table less."""
        head = self.horizontalHeader().sizeHint().height() + self.horizontalScrollBar().sizeHint().height()
        return QSize(self._theme.px(_LEAST_WIDTH), head + _LEAST_ROWS * self._theme.row)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: an empty table says why."""
        super().paintEvent(event)
        why = self._rows.nothing if not self._rows.candidates else "No row has these words"
        if self._rows.rowCount() == 0 and why:
            painter = QPainter(self.viewport())
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.color("text_2"))
            room = self.viewport().rect().adjusted(2 * PADDING, PADDING, -2 * PADDING, -PADDING)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, why)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: the stretching column takes what is left."""
        super().resizeEvent(event)
        self._widths.stretch()

    def _open(self, row: T) -> None:
        """Does the main thing with a row: what the page has for it, else the first link of the row."""
        if self.isSignalConnected(QMetaMethod.fromSignal(self.opened)):
            self.opened.emit(row)
            return
        links = self.menu.links(row) if self.menu.links is not None else ()
        first = next((link for link in links if not link.why_not), None)
        if first is not None:
            first.go()

    def _open_menu_of_row(self) -> None:
        index = self.currentIndex()
        self._open_menu(index, self.visualRect(index).bottomLeft())

    def _open_menu(self, index: QModelIndex, at: QPoint) -> None:
        row_menu(self, index).popup(self.viewport().mapToGlobal(at))

    def _look(self) -> None:
        self.setHorizontalHeader(TableHead(self._theme, self))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self._theme.row)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def _rescale(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.row)
        self._widths.rescale()
        self.viewport().update()

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered:
            before, self._delegate.hovered = self._delegate.hovered, row
            for changed in (before, row):
                self._paint_row(changed)

    def _paint_row(self, row: int) -> None:
        top = self.rowViewportPosition(row)
        if top >= 0:
            self.viewport().update(0, top, self.viewport().width(), self.rowHeight(row))

    def _tell_later(self) -> None:
        if self.selectionModel().hasSelection() and not self._rest.isActive():  # fast samples put it off for ever
            self._rest.start()

    def _wait_for_rest(self, _now: QItemSelection, _before: QItemSelection) -> None:
        spans = self._spans()
        if spans:
            self._kept, self._stands_in = self._rows.key_at(min(top for top, _bottom in spans)), False
        self._rest.start()

    def _choose_kept(self) -> None:
        """Selects the row that was chosen last, once a filter shows it again."""
        if not self._rows.rowCount():
            self.viewport().update()  # it says why it is empty
        if self._kept is None or (self.selectionModel().hasSelection() and not self._stands_in):
            return
        if not self._rows.has(self._kept):
            self._kept = None
        else:
            self.choose(self._kept)

    def _tell(self) -> None:
        self.chosen.emit(self.selected)

    def _tick_selected(self) -> bool:
        columns = [place for place, column in enumerate(self._rows.columns) if column.checked is not None]
        if not columns:
            return False
        for row in self.selection:
            state: Any = self._rows.columns[columns[0]].checked
            ticked = state(row)
            if ticked is not None:
                self._rows.ticked.emit(row, not ticked)
        return True
