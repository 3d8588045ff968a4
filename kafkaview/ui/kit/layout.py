"""Layouts that every page is made of: columns without gaps, heads, areas that scroll, splitters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.flow_layout import Flow, make_flow
from kafkaview.ui.kit.preferences import WANTED_BESIDE, Layouts
from kafkaview.ui.kit.theme import Theme

_TABLE_ROOM = 480  # pixels that a detail at the right leaves the table
Part = QWidget | QLayout
Margins = tuple[int, int, int, int]


class Splitter(QSplitter):
    """Widgets with a movable hairline between them. Their sizes are remembered under the `name`; the largest part takes
    what a larger window adds, or each its share if they are `proportional`.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[QWidget],
        sizes: Sequence[int],
        *,
        across: bool = False,
        grows: int | None = None,
        proportional: bool = False,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal if across else Qt.Orientation.Vertical)
        self.setObjectName(name)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for part in parts:
            self.addWidget(part)
        self.setSizes(list(sizes))
        if proportional:
            for place, size in enumerate(sizes):
                self.setStretchFactor(place, round(100 * size / sum(sizes)))
        else:
            self.setStretchFactor(sizes.index(max(sizes)) if grows is None else grows, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        Layouts.restore(self)
        super().showEvent(event)


class SideBySide(Splitter):
    """Parts beside each other; below each other where there is too little room for that."""

    def __init__(self, name: str, parts: Sequence[QWidget], sizes: Sequence[int]) -> None:
        super().__init__(name, parts, sizes, across=True)
        self._sizes = list(sizes)

    def minimumSizeHint(self) -> QSize:
        """Qt's: no wider than its widest part has to be."""
        return QSize(max(self._least_widths()), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Qt's, which gives a splitter the least width of all its parts together, after events of many kinds."""
        taken = super().event(event)
        if event.type() is not QEvent.Type.Paint:
            self.setMinimumWidth(max(self._least_widths()))
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()  # a part was shown or hidden
        return taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        self._fit()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = sum(self._least_widths()) + (self.count() - 1) * self.handleWidth()
        way = Qt.Orientation.Vertical if needed > self.width() else Qt.Orientation.Horizontal
        if self.orientation() is not way:
            self.setOrientation(way)
            self.setSizes(self._sizes)

    def _least_widths(self) -> list[int]:
        parts = (part for part in map(self.widget, range(self.count())) if part is not None and not part.isHidden())
        return [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in parts] or [0]


class DetailSplitter(Splitter):
    """A table and the detail of its row, below each other. The detail can be turned to the right; where it would leave
    the table too little there, it stays below until the window is wider.
    """

    def __init__(
        self, theme: Theme, name: str, table: QWidget, detail: QWidget, sizes: Sequence[int], *, below: bool
    ) -> None:
        super().__init__(name, (detail, table) if below else (table, detail), sizes, proportional=True)
        self._theme = theme
        self._detail = detail
        self.setProperty(WANTED_BESIDE, False)
        theme.changed.connect(self._fit)

    def turn(self) -> bool:
        """Turns the detail to the right or back; returns whether there is room for it."""
        beside = not self._is_beside
        self.setProperty(WANTED_BESIDE, beside)
        self._fit()
        return (self.orientation() is Qt.Orientation.Horizontal) is beside

    @property
    def _is_beside(self) -> bool:
        return self.property(WANTED_BESIDE) is True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        detail, least = self._detail, self._theme.px(_TABLE_ROOM)
        room = self.width() - max(detail.minimumWidth(), detail.minimumSizeHint().width())
        beside = self._is_beside and room >= least
        way = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self.orientation() is not way:
            self.setOrientation(way)
            whole = (self.width() if beside else self.height()) - self.handleWidth()
            of_table = max(whole // 2, least) if beside else whole // 2
            self.setSizes([whole - of_table if self.widget(place) is detail else of_table for place in (0, 1)])


def column(
    *parts: Part,
    last: Part | None = None,
    grows: Part | None = None,
    margins: Margins = (0, 0, 0, 0),
    gap: int = 0,
    push: bool = False,
) -> QVBoxLayout:
    """Returns a layout of parts below each other; the `last` one takes the height that is left, or the part that
    `grows`, or none with `push`.
    """
    made = QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    for part in (*parts, *((last,) if last is not None else ())):
        stretch = 1 if part is last or part is grows else 0
        if isinstance(part, QWidget):
            made.addWidget(part, stretch)
        else:
            made.addLayout(part, stretch)
    if push:
        made.addStretch(1)
    return made


def fill_widget(widget: QWidget, layout: QLayout, *, surface: bool = True) -> QWidget:
    """Gives a widget its layout, by default on the background of tables and panes."""
    widget.setLayout(layout)
    if surface:
        ground(widget, "surface")
    return widget


def head(*left: QWidget, right: Sequence[QWidget] = (), grows: QWidget | None = None) -> Flow:
    """Returns the head of a pane: names and chips at the left, buttons at the right, in several rows if need be. What
    `grows`, one of them, takes the room between.
    """
    made = make_flow(*left, gap=12, grows=grows)
    made.setContentsMargins(16, 8, 12, 6)
    made.push()
    for widget in right:
        made.addWidget(widget)
    return made


def make_scroll_area(widget: QWidget) -> QScrollArea:
    """Returns an area that scrolls downward where large text needs more room than there is."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    ground(widget, "surface")
    area.setWidget(widget)
    return area


def inset(text: QWidget, above: int = 10, below: int = 10) -> QHBoxLayout:
    """Returns a text with the page's margins at its sides."""
    row = QHBoxLayout()
    row.setContentsMargins(16, above, 16, below)
    row.addWidget(text)
    return row


def clear_grid(grid: QGridLayout) -> None:
    """Removes all widgets from a grid."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
