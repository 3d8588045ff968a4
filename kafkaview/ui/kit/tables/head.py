"""The head of a table: titles aligned as their columns, with an arrow where the table is sorted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from kafkaview.ui.kit.tables.delegate import PADDING, edge_of
from kafkaview.ui.kit.tables.menu import column_menu
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.theme import Theme

_HEIGHT = 28


class TableHead(QHeaderView):
    """Sorts its table's model: a click sorts, a second one reverses, Shift adds a column."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._added = False
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(theme.px(28))
        self.sectionClicked.connect(self._sort)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Qt's. Its own would ask for what stands in each section, at every change of style."""
        return QSize(self.length(), self._theme.px(_HEIGHT))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        self._added = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's: which columns are shown."""
        column_menu(self).popup(event.globalPos())

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """Paints one title with its arrow."""
        model = self.model()
        if not isinstance(model, TableModel):
            return
        painter.save()
        painter.fillRect(rect, self._theme.color("surface"))
        painter.setPen(self._theme.color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        turned = dict(model.order).get(logical)
        self._title(painter, rect.adjusted(PADDING, 0, -edge_of(self, logical), 0), model, logical, turned)
        painter.restore()

    def _title(
        self,
        painter: QPainter,
        area: QRect,
        model: TableModel[object],
        logical: int,
        turned: bool | None,  # noqa: FBT001
    ) -> None:
        side = self._theme.px(12)
        title = model.columns[logical].caption
        align = model.headerData(logical, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        painter.setFont(self._theme.font(11, 600))
        painter.setPen(self._theme.color("text_2" if turned is None else "text"))
        right = bool(align & Qt.AlignmentFlag.AlignRight)
        words = area.adjusted(0, 0, -(side + 3) if turned is not None and right else 0, 0)
        text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, align, text)
        if turned is None:
            return
        width = painter.fontMetrics().horizontalAdvance(text)
        left = area.right() - side if right else area.left() + width + (3 if text else 0)
        if not text:
            left = area.center().x() - side // 2
        picture = self._theme.pixmap("arrow-down" if turned else "arrow-up", "text", 12, self.devicePixelRatioF())
        painter.drawPixmap(left, area.center().y() - side // 2, picture)

    def _sort(self, logical: int) -> None:
        model = self.model()
        if isinstance(model, TableModel):
            turned = dict(model.order).get(logical)
            first_turned = model.columns[logical].align == "right"  # the largest first
            model.sort_by(logical, turned=first_turned if turned is None else not turned, add=self._added)
            self.viewport().update()
