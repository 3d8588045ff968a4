"""The first column of a wide table, which stays in view while the others scroll below it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.kit.tables.delegate import CellDelegate
from kafkaview.ui.kit.tables.head import TableHead
from kafkaview.ui.kit.theme import Theme


class FrozenColumn(QTableView):
    """Lies over the left edge of a table that is scrolled; model, selection and height are the table's."""

    def __init__(self, theme: Theme, table: Table[Any]) -> None:
        super().__init__(table)
        self._table = table
        self.setModel(table.model())
        self.setSelectionModel(table.selectionModel())
        self.setItemDelegate(CellDelegate(theme, self))
        self._look(theme)
        self._follow()
        table.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: as high as the table."""
        if watched is self._table and event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def _fit(self) -> None:
        table = self._table
        head = table.horizontalHeader().height()
        self.verticalHeader().setDefaultSectionSize(table.verticalHeader().defaultSectionSize())
        self.setColumnWidth(0, table.columnWidth(0))
        self.setGeometry(0, 0, table.columnWidth(0) + 1, head + table.viewport().height())
        self.setVisible(table.horizontalScrollBar().value() > 0)

    def _follow(self) -> None:
        table = self._table
        table.horizontalScrollBar().valueChanged.connect(lambda _value: self._fit())
        table.horizontalHeader().sectionResized.connect(lambda *_sizes: self._fit())
        table.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(table.verticalScrollBar().setValue)
        for column in range(1, table.model().columnCount()):
            self.setColumnHidden(column, True)

    def _look(self, theme: Theme) -> None:
        self.setHorizontalHeader(TableHead(theme, self))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays with the table itself
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        ground(self, "surface")
