"""The painting of a cell: mark, tick box, sparkline or words, on the row's background."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from kafkaview.ui.kit.marks import Mark, paint_mark
from kafkaview.ui.kit.tables.column import Align, Column
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.tables.sparkline import HEIGHT, WIDTH, paint_sparkline
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import DASH, visible_alone

_Index = QModelIndex | QPersistentModelIndex
PADDING = 8
_ALIGN = {  # made once: Python's flags are slow, and a table has hundreds of cells
    Align.LEFT: (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value,
    Align.RIGHT: (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value,
    Align.CENTER: (Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter).value,
}
_MOST_CUT = 10_000  # texts that are kept as they were cut
MOST_OF_A_CELL = 500  # characters: no cell is so wide
_SELECTED = QStyle.StateFlag.State_Selected.value


def edge_of(head: QHeaderView, place: int) -> int:
    """Returns the room at the right of a cell or a title: more in the last column that is shown. Not where the column
    ends at the edge of what is in sight: Qt scrolls by moving pixels, and those would be of another place.
    """
    last = head.count() - 1
    while last > 0 and head.isSectionHidden(head.logicalIndex(last)):
        last -= 1
    return PADDING * 2 if head.logicalIndex(last) == place else PADDING


class CellDelegate(QStyledItemDelegate):
    """Paints the cells of a TableModel with the theme's tokens. `cut` is emitted with the place of a column in which a
    cell was cut that must or could be whole, and the width that it needs.
    """

    cut = Signal(int, int)

    def __init__(self, theme: Theme, table: QTableView) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table
        self.hovered = -1
        self._cut: dict[tuple[str, int, int, bool], str] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt's."""
        model = index.model()
        assert isinstance(model, TableModel)
        at, place = index.row(), index.column()
        column, row = model.columns[place], model.row_at(at)
        rect = option.rect
        if option.state.value & _SELECTED:
            painter.fillRect(rect, self._theme.color("select"))
            if place == 0:
                painter.fillRect(rect.left(), rect.top(), 3, rect.height(), self._theme.color("accent"))
        elif at == self.hovered:
            painter.fillRect(rect, self._theme.color("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._theme.color("line"))
        if column.checked is not None:
            self._tick(painter, rect, column.checked(row))
        elif column.sparkline is not None:
            self._line(painter, rect, column, row)
        else:
            self._words(painter, rect, place, column, row, model.mark_of(column, row))

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Handles a click on a tick box."""
        assert isinstance(model, TableModel)
        column = model.columns[index.column()]
        if column.checked is None or not isinstance(event, QMouseEvent):
            return super().editorEvent(event, model, option, index)
        state = column.checked(model.row_at(index.row()))
        if event.type() is QEvent.Type.MouseButtonRelease and state is not None:
            model.setData(model.index(index.row(), index.column()), not state, Qt.ItemDataRole.CheckStateRole)
        return True

    def _words(
        self, painter: QPainter, rect: QRect, place: int, column: Column[Any], row: Any, mark: Mark | None
    ) -> None:
        area = rect.adjusted(PADDING, 0, -edge_of(self._table.horizontalHeader(), place), 0)
        if mark is not None:
            side = self._theme.px(16)
            left = area.left() if column.title else rect.center().x() - side // 2
            paint_mark(painter, QRect(left, area.center().y() - side // 2, side, side), mark, self._theme.tokens)
            if not column.title:
                return
            area.setLeft(area.left() + side + 6)
        text = visible_alone(column.reads(row)[:MOST_OF_A_CELL])
        italic = column.italic is not None and column.italic(row)
        size = 12 if column.mono else 13
        font = self._theme.font(size, 600 if column.strong else 400, mono=column.mono, italic=italic)
        painter.setFont(font)
        painter.setPen(self._theme.color(self._tone(column, row, text, italic=italic)))
        shown = self._elided(text, font, area.width(), column)
        painter.drawText(area, _ALIGN[column.align], shown)
        if shown != text and (column.is_whole or column.is_name):
            needed = rect.width() - area.width() + QFontMetrics(font).horizontalAdvance(text) + 2  # it is rounded
            self.cut.emit(place, needed)

    def _elided(self, text: str, font: QFont, width: int, column: Column[Any]) -> str:
        """The words cut to the width, as they were cut before: the same cells are painted again and again."""
        key = (text, id(font), width, column.elide_middle)  # fonts are shared and stay
        cut = self._cut.get(key)
        if cut is None:
            if len(self._cut) > _MOST_CUT:
                self._cut.clear()
            elide = Qt.TextElideMode.ElideMiddle if column.elide_middle else Qt.TextElideMode.ElideRight
            cut = self._cut[key] = QFontMetrics(font).elidedText(text, elide, width)
        return cut

    def _tone(self, column: Column[Any], row: Any, text: str, *, italic: bool) -> str:
        tone = column.tone(row) if column.tone is not None else None
        if tone is not None:
            return tone
        if text == DASH or italic:
            return "text_3"
        return "text"

    def _line(self, painter: QPainter, rect: QRect, column: Column[Any], row: Any) -> None:
        values = column.sparkline(row) if column.sparkline is not None else ()
        if sum(value is not None for value in values) < 2:
            painter.setFont(self._theme.font())
            painter.setPen(self._theme.color("text_3"))
            painter.drawText(rect.adjusted(PADDING, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, DASH)
            return
        tone = column.tone(row) if column.tone is not None else None
        width, height = self._theme.px(WIDTH), self._theme.px(HEIGHT)
        area = QRectF(rect.left() + PADDING, rect.center().y() - height / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_sparkline(painter, area, values, self._theme.color(tone or "series_1"))

    def _tick(self, painter: QPainter, rect: QRect, state: bool | None) -> None:  # noqa: FBT001  # three states
        side = self._theme.px(15)
        box = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
        filled = "accent_fill" if state else "surface" if state is not None else "sunken"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color(filled))
        painter.setPen(QPen(self._theme.color("accent_fill" if state else "line_strong"), 1))
        painter.drawRoundedRect(box, 4, 4)
        if state:
            painter.setPen(QPen(self._theme.color("accent_on"), 1.8))
            middle = box.center()
            points = [QPointF(-3.6, 0.2), QPointF(-1, 2.8), QPointF(3.8, -2.6)]
            painter.drawPolyline(QPolygonF([middle + point for point in points]))
