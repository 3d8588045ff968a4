"""A row of widgets that goes on in a second row where there is no more room, as buttons do with larger text."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

_WITHOUT_END = 16_777_215  # as Qt says it


class Flow(QLayout):
    """Widgets from left to right, in as many rows as they need. Those after `push` stand at the right of their row; the
    one that `grows` takes what its row has to spare.
    """

    def __init__(self, *, gap: int = 8, grows: QWidget | None = None) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._pushed = -1
        self._growing = grows
        self._hints: dict[QLayoutItem, QSize] = {}  # of what is shown, until something of it changes
        self._heights: dict[int, int] = {}  # for each width that was asked about; Qt asks again and again
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(gap)

    def push(self) -> None:
        """Puts all widgets that are added from now on at the right."""
        self._pushed = len(self._items)

    def insert_last_but_one(self, widget: QWidget) -> None:
        """Adds a widget before the last one."""
        self.addWidget(widget)
        self._items.insert(len(self._items) - 2, self._items.pop())

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """Qt's."""
        self._items.append(item)

    def count(self) -> int:
        """Qt's."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Qt's."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Qt's."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """Qt's."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Qt's."""
        return True

    def invalidate(self) -> None:
        """Qt's: something of it has changed."""
        self._hints.clear()
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        """Qt's."""
        if width not in self._heights:
            rows = self._rows(width)
            room = width - self._edges().width()
            heights = sum(self._height(row, room) for row in rows)
            self._heights[width] = heights + self.spacing() * max(0, len(rows) - 1) + self._edges().height()
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Qt's: all in one row."""
        return QSize(self._width(self._visible_items()), self._height(self._visible_items())) + self._edges()

    def minimumSize(self) -> QSize:  # noqa: N802
        """Qt's: the widest of them."""
        shown = self._visible_items()
        return QSize(max((one.minimumSize().width() for one in shown), default=0), self._height(shown)) + self._edges()

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Qt's."""
        super().setGeometry(rect)
        inside = rect.marginsRemoved(self.contentsMargins())
        top = inside.top()
        for row in self._rows(rect.width()):
            height = self._height(row, inside.width())
            self._place(row, QRect(inside.left(), top, inside.width(), height))
            top += height + self.spacing()

    def _place(self, row: list[QLayoutItem], rect: QRect) -> None:
        left, spare = rect.left(), rect.width() - self._width(row)
        for item in row:
            if self._items.index(item) >= self._pushed >= 0:
                left, spare = left + max(0, spare), 0
            size = self._size(item, rect.width())
            if self._growing is not None and item.widget() is self._growing:
                grown = min(size.width() + max(0, spare), item.maximumSize().width())
                spare -= grown - size.width()
                size = QSize(grown, size.height())  # another one: what it asks for is remembered
            item.setGeometry(QRect(QPoint(left, rect.top() + (rect.height() - size.height()) // 2), size))
            left += size.width() + self.spacing()

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        room = width - self._edges().width()
        rows: list[list[QLayoutItem]] = []
        taken = 0
        for item in self._visible_items():
            wanted = self._hint(item).width()
            if rows and taken + self.spacing() + wanted <= room:
                rows[-1].append(item)
                taken += self.spacing() + wanted
            else:
                rows.append([item])
                taken = wanted
        return rows

    def _visible_items(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _width(self, row: list[QLayoutItem]) -> int:
        return sum(self._hint(item).width() for item in row) + self.spacing() * max(0, len(row) - 1)

    def _edges(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _height(self, row: list[QLayoutItem], room: int = _WITHOUT_END) -> int:
        return max((self._size(item, room).height() for item in row), default=0)

    def _size(self, item: QLayoutItem, room: int) -> QSize:
        """Returns the size that a widget asks for; one that is wider than the room is made narrower, if it can be."""
        wanted = self._hint(item)
        if wanted.width() <= room:
            return wanted
        return QSize(room, item.heightForWidth(room) if item.hasHeightForWidth() else wanted.height())

    def _hint(self, item: QLayoutItem) -> QSize:
        if item not in self._hints:
            self._hints[item] = item.sizeHint().expandedTo(item.minimumSize())  # what is cut to its room hints at none
        return self._hints[item]


def make_flow(*widgets: QWidget, gap: int = 8, grows: QWidget | None = None) -> Flow:
    """Returns a flow of these widgets, one of which may grow."""
    flow = Flow(gap=gap, grows=grows)
    for widget in widgets:
        flow.addWidget(widget)
    return flow
