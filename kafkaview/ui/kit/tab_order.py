"""The order in which Tab goes through a window: the order of reading, whenever the widgets were made."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QButtonGroup,
    QComboBox,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from kafkaview.ui.kit.focus_ring import Ring

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_WHOLE = (QAbstractItemView, QAbstractSpinBox, QComboBox)  # one stop each, whatever Qt made them of


def stops(root: QWidget) -> list[QWidget]:
    """Returns the widgets below one at which Tab stops."""
    return [stop for part in _parts(root) if part.isVisible() for stop in within(part)]


def within(part: QWidget) -> list[QWidget]:
    """Returns a widget and those below it at which Tab stops. An area that scrolls counts only if nothing in it takes
    the keyboard.
    """
    inner = [] if isinstance(part, _WHOLE) else stops(part)
    own = _takes_keys(part) and (not isinstance(part, QScrollArea) or (_scrolls(part) and not inner))
    return [part, *inner] if own else inner


def step(root: QWidget, *, forward: bool) -> None:
    """Gives the keyboard to the next widget, or to the one before; after the last comes the first."""
    order = stops(root)
    if order:
        now = QApplication.focusWidget()
        at = order.index(now) if now in order else _beside(now, order, forward=forward)
        reach(order[(at + (1 if forward else -1)) % len(order)])


def reach(widget: QWidget) -> None:
    """Gives the keyboard to a widget, scrolls to it and puts a ring around it."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    Ring.put(widget)
    above = widget.parentWidget()
    while above is not None:
        inside = above.widget() if isinstance(above, QScrollArea) else None
        if isinstance(above, QScrollArea) and inside is not None and inside.isAncestorOf(widget):
            at = widget.mapTo(inside, QPoint(0, 0))
            above.ensureVisible(at.x(), at.y() + min(widget.height(), above.viewport().height()), 0, 8)
            above.ensureVisible(at.x(), at.y(), 0, 8)
        above = above.parentWidget()


def enter(part: QWidget) -> None:
    """Gives the keyboard to the first widget of a part at which Tab stops."""
    inside = within(part)
    if inside:
        reach(inside[0])


def _parts(widget: QWidget) -> Iterator[QWidget]:
    """Returns the widgets directly below one in reading order: those of its layout first, then the others."""
    layout = widget.layout()
    laid: list[QWidget | None]
    if isinstance(widget, QSplitter):
        laid = [widget.widget(place) for place in range(widget.count())]
    elif isinstance(widget, QStackedWidget):
        laid = [widget.widget(widget.currentIndex())] if widget.count() else []
    else:
        laid = list(_laid(layout)) if layout is not None else []
    yield from filter(None, laid)
    for child in widget.findChildren(QWidget, options=_DIRECT):
        if child not in laid and not child.isWindow():
            yield child


def _laid(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        below, widget = (item.layout(), item.widget()) if item is not None else (None, None)
        if below is not None:
            yield from _laid(below)
        elif widget is not None:
            yield widget


def _takes_keys(widget: QWidget) -> bool:
    reachable = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return reachable and widget.isEnabled() and widget.focusProxy() is None and not _stands_aside(widget)


def _stands_aside(widget: QWidget) -> bool:
    """Returns whether a button belongs to a group of which another button is chosen: arrow keys go between those."""
    if not isinstance(widget, QAbstractButton) or widget.isChecked():
        return False
    group: QButtonGroup | None = widget.group()
    parent = widget.parentWidget()
    if group is not None:
        return group.exclusive() and group.checkedButton() is not None
    beside = parent.findChildren(QAbstractButton, options=_DIRECT) if parent is not None else []
    return widget.autoExclusive() and any(one.isChecked() and one.autoExclusive() for one in beside)


def _scrolls(area: QScrollArea) -> bool:
    return area.verticalScrollBar().maximum() > 0


def _beside(now: QWidget | None, order: list[QWidget], *, forward: bool) -> int:
    """Returns the place of a widget that has the keyboard and is no stop: before its contents, else at the start."""
    held = [place for place, stop in enumerate(order) if now is not None and now.isAncestorOf(stop)]
    first = held[0] if held else 0
    return first - 1 if forward else first
