"""Long work of Qt's, done in short turns of the event loop: at once it would be felt as a pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QHeaderView, QWidget
from shiboken6 import isValid

_DIRECT: Final = Qt.FindChildOption.FindDirectChildrenOnly
_SOON_MS: Final = 1  # at 0 Qt makes no timer: the work joins the events of this turn


def do_in_next_turn(owner: QObject, work: Callable[[], object]) -> None:
    """Does something once what the window shows by then is painted and what the user did is answered."""
    QTimer.singleShot(_SOON_MS, owner, work)


@asynccontextmanager
async def show_in_turns(widget: QWidget) -> AsyncIterator[None]:
    """Shows a widget within the context, and afterwards its parts one by one."""
    parts = [part for part in widget.findChildren(QWidget, options=_DIRECT) if not part.isHidden()]
    for part in parts:
        part.hide()
    yield
    for part in parts:
        await asyncio.sleep(0)
        if not isValid(part):
            return
        part.show()


def paint_in_turns(page: QWidget) -> None:
    """Paints each table, list and plot of a page that was just shown in a turn of its own."""
    areas = [area for area in page.findChildren(QAbstractScrollArea) if _is_leaf(area) and area.isVisibleTo(page)]
    for area in areas[1:]:  # the first is painted with the page
        area.setUpdatesEnabled(False)
    _paint_next(page, iter(areas[1:]))


def _paint_next(page: QWidget, areas: Iterator[QAbstractScrollArea]) -> None:
    area = next(areas, None)
    if area is None:
        return

    def paint() -> None:
        if isValid(area):
            area.setUpdatesEnabled(True)
        _paint_next(page, areas)

    do_in_next_turn(page, paint)


def _is_leaf(area: QAbstractScrollArea) -> bool:
    """Returns whether a widget is painted as a whole: a table, but neither its head nor an area with other areas."""
    if isinstance(area, QHeaderView):
        return False
    return all(isinstance(inner, QHeaderView) for inner in area.findChildren(QAbstractScrollArea))
