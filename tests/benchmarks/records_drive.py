"""The Records page as a user works it: the newest records, a search over all of a topic, and following."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.records.follow import Arrival
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.records.filter_bar import CEL
from kafkaview.ui.window.pause_meter import PauseMeter
from tests.benchmarks.drive_window import reached, say

_SETTLE_S: Final = 3.0  # the connection is warm, and what a start leaves to do is done
_ROWS: Final = 200
_LOOKS: Final = 5
_LONGEST_S: Final = 20.0
_SELECTED_EVERY_S: Final = 1.0


class RecordsDrive:
    """Works the Records page of a window on one topic."""

    def __init__(self, app: QApplication, window: Any, options: argparse.Namespace) -> None:
        self._page = window.pages["records"]
        self._window = window
        self._options = options
        self._meter = app.findChild(PauseMeter)

    async def newest(self) -> None:
        """Reads the newest records several times, and says how long each took from the click to the painted rows."""
        await self._open(_SETTLE_S)
        painting = _Painting(self._page.table)
        for _look in range(_LOOKS):
            self._page.model.set_rows(())
            await asyncio.sleep(self._options.pace)
            painting.begin()
            began = time.monotonic()
            self._click(self._page.range.read_button)
            if not await reached(lambda: painting.done, _LONGEST_S):
                raise TimeoutError(f"the newest records were not painted within {_LONGEST_S} s")
            say("newest", ms=(time.monotonic() - began) * 1000)

    async def search(self) -> None:
        """Searches all of the topic twice, while the window is used, and says what each found."""
        await self._open(_SETTLE_S)
        self._page.filters.kinds.choose(CEL)
        self._page.filters.field.setText(self._options.where)
        self._page.range.start.show_value("beginning")
        for _run in range(2):
            self._phase("search")
            began = time.monotonic()
            self._click(self._page.range.read_button)
            await reached(lambda: self._page.reading.runs)
            await reached(lambda: not self._page.reading.runs)
            seconds = time.monotonic() - began
            rows = sorted((row.partition, row.offset) for row in self._page.model.rows)
            self._phase("end")
            say("searched", seconds=seconds, rows=rows, said=self._page.foot.words.text())

    async def follow(self) -> None:
        """Follows what comes in for so many seconds, selects records meanwhile, and says what came and what did not."""
        await self._open(_SETTLE_S)
        arrivals = _Arrivals()
        self._page.reading.came.connect(arrivals.add)
        self._click(self._page.range.follow_button)
        await reached(lambda: arrivals.read > 0)
        self._phase("follow")
        say("following")
        until = time.monotonic() + self._options.seconds
        while time.monotonic() < until:
            await asyncio.sleep(_SELECTED_EVERY_S)
            QTest.keyClick(self._page.table, Qt.Key.Key_Down)
        self._phase("end")
        say("followed", read=arrivals.read, jumped=arrivals.jumped, shown=self._page.model.rowCount())

    async def _open(self, seconds: float) -> None:
        self._window.go(Place("records"))
        self._page.range.topic.show_text(self._options.scan)
        await asyncio.sleep(seconds * self._options.pace)

    def _click(self, button: Any) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _phase(self, name: str) -> None:
        if self._meter is not None:
            self._meter.phase = name


class _Painting(QObject):
    """Sees whether a table is painted, and whether bands of it wait for their turn."""

    def __init__(self, table: Any) -> None:
        super().__init__(table)
        self._table = table
        self._full = False
        table.viewport().installEventFilter(self)

    def begin(self) -> None:
        """Forgets what was painted so far."""
        self._full = False

    @property
    def done(self) -> bool:
        """Whether all the rows were there when it was painted, up to its last band."""
        return self._full and self._table._later.isEmpty()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Notes that rows are painted."""
        if event.type() == QEvent.Type.Paint and self._table.model().rowCount() >= _ROWS:
            self._full = True
        return False


class _Arrivals:
    """What came in."""

    def __init__(self) -> None:
        self.read = self.jumped = 0

    def add(self, arrival: Arrival[Any]) -> None:
        self.read += arrival.read
        self.jumped += sum(jump.to_offset - jump.from_offset for jump in arrival.jumps)


WAYS: Final[dict[str, Callable[[RecordsDrive], Any]]] = {
    "newest": RecordsDrive.newest,
    "search": RecordsDrive.search,
    "follow": RecordsDrive.follow,
}
