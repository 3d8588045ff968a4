"""The field that filters a list while the user types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QWidget

from kafkaview.ui.kit.tab_order import reach
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number

if TYPE_CHECKING:
    from kafkaview.ui.kit.tables.table import Table

_INTO: Final = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_GAP: Final = 6


class FilterField(QLineEdit):
    """Emits the text that was typed; Esc clears it, Down and Enter go into the list. While something is typed, the
    field says how many are left: `18 of 127`.
    """

    filtered = Signal(str)

    def __init__(self, theme: Theme, hint: str = "Filter", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._list: QAbstractItemView | None = None
        self._count = ""
        self.searches = False  # Enter starts a search, and what is typed is no words
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setToolTip("Words must all be there, -word must not, lag>1000 compares")
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.textChanged.connect(self.filtered)
        theme.changed.connect(self._paint_glass)
        self._paint_glass()

    @property
    def count(self) -> str:
        """How many are left of how many; empty while nothing is typed."""
        return self._count

    def filter_table(self, table: Table[Any]) -> None:
        """Filters a table, leads into it, and counts its rows."""
        self.filtered.connect(table.rows.set_filter)
        self.follow(table)

    def follow(self, table: Table[Any]) -> None:
        """Leads into a table that is filtered elsewhere, and counts its rows."""
        self.lead_to(table)
        table.rows.shown_changed.connect(lambda: self.show_count(table.rows.rowCount(), table.rows.candidates))

    def lead_to(self, rows: QAbstractItemView) -> None:
        """Lets Down and Enter go into a list."""
        self._list = rows

    def show_count(self, left: int, of: int) -> None:
        """Shows how many rows fit what is typed."""
        count = f"{number(left)} of {number(of)}" if self.text().strip() and not self.searches else ""
        if count == self._count:
            return
        self._count = count
        wide = self.fontMetrics().horizontalAdvance(count) + self._theme.px(_GAP) if count else 0
        self.setTextMargins(0, 0, wide, 0)
        self.setAccessibleDescription(count)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif self._list is not None and event.key() in (_INTO[:1] if self.searches else _INTO):
            self._go_into(self._list)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        super().paintEvent(event)
        if self._count:
            painter = QPainter(self)
            painter.setFont(self._theme.font(11))
            painter.setPen(self._theme.color("text_3"))
            room = self.rect().adjusted(0, 0, -self._theme.px(_GAP + 2), 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._count)
            painter.end()

    def _go_into(self, rows: QAbstractItemView) -> None:
        model = rows.model()
        if model is None or model.rowCount() == 0:
            return
        if not rows.selectionModel().hasSelection():
            rows.setCurrentIndex(model.index(0, 0))
        reach(rows)

    def _paint_glass(self) -> None:
        self._glass.setIcon(self._theme.icon("search", "text_3"))
