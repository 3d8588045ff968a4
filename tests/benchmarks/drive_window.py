"""Runs the real program and uses its window from inside the process, as a user would.

`python -m tests.benchmarks.drive_window WAY [--seconds N] [--pace P] [--scan TOPIC] -- KAFKAVIEW'S OWN OPTIONS`

Ways: `rows:PAGE` ends once the page's table has rows, `numbers:PAGE:COLUMN` once that column has a number, `tour` goes
through all pages for so many seconds, `restyle` changes theme and text size on each, `records:WAY` works the Records
page (records_drive.py). Each event is a line of JSON with the time of the system's monotonic clock, which whoever
started the process reads as well.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import re
import sys
import time
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import patch

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

_LOOK_S: Final = 0.005
_ROWS: Final = 20


class DrivenApplication(QApplication):
    """Stands in for QApplication: the drive begins with the event loop."""

    options: argparse.Namespace

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._drive: asyncio.Task[None] | None = None
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        self._drive = asyncio.ensure_future(_drive(self, self.options))


def say(event: str, **more: object) -> None:
    """Tell whoever started the process."""
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


def tables(within: QWidget) -> list[QAbstractItemView]:
    """The tables and lists that are shown and have rows."""
    found = within.findChildren(QAbstractItemView)
    return [view for view in found if view.isVisible() and (model := view.model()) and model.rowCount() > 0]


async def reached(condition: Callable[[], bool], seconds: float = math.inf) -> bool:
    """Look again and again, at the window as it is between its own events; False once the time is up."""
    until = time.monotonic() + seconds
    for _look in itertools.count():
        if condition():
            return True
        if time.monotonic() > until:
            break
        await asyncio.sleep(_LOOK_S)
    return False


async def _drive(app: QApplication, options: argparse.Namespace) -> None:
    try:
        await _go(app, options)
    except Exception as error:
        say("failed", error=f"{type(error).__name__}: {error}")
        raise
    finally:
        for window in app.topLevelWidgets():
            window.close()


async def _go(app: QApplication, options: argparse.Namespace) -> None:
    await reached(lambda: any(_exposed(window) for window in app.topLevelWidgets()))
    await asyncio.sleep(0)  # what was posted before is answered
    say("answers")
    await reached(lambda: _connected(app) is not None)
    window = _connected(app)
    say("pages")
    way, _, where = options.way.partition(":")
    if way == "tour":
        from tests.benchmarks.tour import Tour  # what it imports is no part of a start

        await Tour(app, window, options).go()
    elif way == "restyle":
        from tests.benchmarks.restyle import Restyle

        await Restyle(app, window, options.pace).go()
    elif way == "records":
        from tests.benchmarks.records_drive import WAYS, RecordsDrive

        await WAYS[where](RecordsDrive(app, window, options))
    else:
        await _await_rows(window, where)


async def _await_rows(window: Any, where: str) -> None:
    from kafkaview.ui.kit.page import Place

    page, _, column = where.partition(":")
    window.go(Place(page))
    await reached(lambda: any(_has(view, column) for view in tables(window.pages[page])))
    say("shown")


def _exposed(window: QWidget) -> bool:
    handle = window.windowHandle()
    return window.isVisible() and handle is not None and handle.isExposed()


def _connected(app: QApplication) -> Any:
    """The window, once it has its pages."""
    return next((window for window in app.topLevelWidgets() if getattr(window, "pages", None)), None)


def _has(view: QAbstractItemView, column: str) -> bool:
    """Whether the table has rows, and a number in the column where one is asked for."""
    if not column:
        return True
    model = view.model()
    titles = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
    if column not in titles:
        return False
    place = titles.index(column)
    texts = (model.index(row, place).data() for row in range(min(model.rowCount(), _ROWS)))
    return any(re.search(r"\d", str(text)) for text in texts)


def main() -> int:
    """Run kafkaview with the rest of the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--pace", type=float, default=1.0, help="what a pause between two steps is multiplied by")
    parser.add_argument("--scan", default="", help="the topic to scan or to read")
    parser.add_argument("--where", default="", help="the expression to search by")
    parser.add_argument("--group", default="", help="the group on whose incident a plan is opened")
    end = sys.argv.index("--")
    DrivenApplication.options = parser.parse_args(sys.argv[1:end])
    sys.argv = ["kafkaview", *sys.argv[end + 1 :]]
    say("imports")
    with patch("PySide6.QtWidgets.QApplication", DrivenApplication):
        from kafkaview.__main__ import main as kafkaview

        return kafkaview()


if __name__ == "__main__":
    sys.exit(main())
