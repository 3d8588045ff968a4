"""The panes of a page: the parts of its splitters. F6 goes from one to the next."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from kafkaview.ui.kit.layout import DetailSplitter
from kafkaview.ui.kit.tab_order import reach, within


def panes(page: QWidget | None) -> list[QWidget]:
    """Returns the visible panes from left to right, then downward; the page itself if it has no splitter."""
    if page is None:
        return []
    parts = [
        part
        for splitter in page.findChildren(QSplitter)
        for part in map(splitter.widget, range(splitter.count()))
        if part is not None
        and part.isVisible()
        and not isinstance(part, QSplitter)
        and not any(inner.isVisible() for inner in part.findChildren(QSplitter))
    ]
    return sorted(parts, key=lambda part: _reading_order(part, page)) or [page]


def focus_pane(around: list[QWidget], step: int) -> None:
    """Gives the keyboard to the next pane (1) or the one before (-1)."""
    now = QApplication.focusWidget()
    here = next((place for place, pane in enumerate(around) if now and (pane is now or pane.isAncestorOf(now))), None)
    start = here if here is not None else (-1 if step > 0 else 0)
    for distance in range(1, len(around) + 1):
        pane = around[(start + step * distance) % len(around)]
        inside = within(pane)
        if inside:
            reach(inside[0])
            return


def turn(page: QWidget) -> bool:
    """Moves the detail pane from the right to the bottom, or back. Returns whether there is room for it."""
    all_ = page.findChildren(QSplitter)
    outer = next((one for one in all_ if one.isVisible()), next(iter(all_), None))
    if isinstance(outer, DetailSplitter):
        return outer.turn()
    if outer is not None:
        upright = outer.orientation() is Qt.Orientation.Vertical
        outer.setOrientation(Qt.Orientation.Horizontal if upright else Qt.Orientation.Vertical)
        outer.setSizes([1000] * outer.count())
    return True


def _reading_order(part: QWidget, page: QWidget) -> tuple[int, int]:
    """Returns the sorting key of a pane: columns first, then rows."""
    at = part.mapTo(page, QPoint(0, 0))
    return at.x(), at.y()
