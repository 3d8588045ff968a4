"""Long work of Qt's, done in short turns of the event loop: at once it would be felt as a pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QHeaderView, QWidget
from shiboken6 import isValid

_DIRECT: Final = Qt.FindChildOption.FindDirectChildrenOnly
_SOON_MS: Final = 1  # at 0 Qt makes no timer: the work joins the events of this turn


def do_in_next_turn(owner: QObject, work: Callable[[], object]) -> None:
    """Calls a function after the events of this turn: what the window shows by now is painted then."""
    QTimer.singleShot(_SOON_MS, owner, work)


def do_in_turns(owner: QObject, works: Iterable[Callable[[], object]]) -> None:
    """Calls functions, each in a turn of its own, as long as their owner is there."""
    left = iter(works)

    def do_next() -> None:
        work = next(left, None)
        if work is not None:
            work()
            do_in_next_turn(owner, do_next)

    do_in_next_turn(owner, do_next)


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


@contextmanager
def paint_in_turns(part: QWidget) -> Iterator[None]:
    """Paints what is uncovered or comes to the front of a part within the context: the part in the next turn, then each
    of its tables, lists, plots and areas in a turn of its own. Until then the screen keeps what was in front.
    """
    part.setUpdatesEnabled(False)
    try:
        yield
    finally:
        areas = [area for area in part.findChildren(QAbstractScrollArea) if _is_painted(area, part)]
        for area in areas:
            area.setUpdatesEnabled(False)
        do_in_turns(part, (partial(_let_paint, one) for one in (part, *areas)))


def _let_paint(part: QWidget) -> None:
    if isValid(part):
        part.setUpdatesEnabled(True)


def _is_painted(area: QAbstractScrollArea, part: QWidget) -> bool:
    return not isinstance(area, QHeaderView) and area.isVisibleTo(part)
