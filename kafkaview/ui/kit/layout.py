"""Layouts that every page is made of: columns without gaps, heads, areas that scroll, splitters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.flow_layout import Flow, make_flow
from kafkaview.ui.kit.preferences import Layouts

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


def head(*left: QWidget, right: Sequence[QWidget] = ()) -> Flow:
    """Returns the head of a pane: names and chips at the left, buttons at the right, in several rows if need be."""
    made = make_flow(*left, gap=12)
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
