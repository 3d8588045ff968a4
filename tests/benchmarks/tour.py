"""All pages of a window gone through by its own keys and clicks, with a scan running and a plan opened on the way."""

from __future__ import annotations

import argparse
import asyncio
import time
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QTableView, QWidget

from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.window.pause_meter import PauseMeter
from tests.benchmarks.drive_window import reached, say, tables

_TO_BEGIN_S: Final = 0.2
PLACES_OF_PAGES: Final = {
    "coordination": ("quorum", "features", "brokers", "transactions"),
    "security": ("matrix", "acls", "users", "quotas", "tokens", "certificates"),
}
_STEP_S: Final = 0.06  # between two keys
_OPEN_S: Final = 0.4
_PLAN_S: Final = 15.0
_TYPED: Final = "0001"
_SORTED_COLUMNS: Final = 3


class Tour:
    """Goes round all pages, once more with a scan running, opens a plan, and goes on until the time is up."""

    def __init__(self, app: QApplication, window: Any, options: argparse.Namespace) -> None:
        self._app = app
        self._window = window
        self._pace = options.pace
        self._seconds = options.seconds
        self._scan_topic = options.scan
        self._group = options.group
        self._meter = app.findChild(PauseMeter)
        self._scan: Any = None
        self._scans = 0

    async def go(self) -> None:
        """The whole tour."""
        await asyncio.sleep(_TO_BEGIN_S)  # what the first page takes to be made belongs to the start
        until = time.monotonic() + self._seconds
        places, rounds = 0, 0
        while rounds < 2 or time.monotonic() < until:
            if rounds == 1:
                await self._open_scan()
            for place in self._places():
                await self._visit(place, thorough=not place.what)
                places += 1
                if rounds > 1 and time.monotonic() > until:
                    break
            rounds += 1
            if self._scan is not None:
                self._end_scan()
                await self._open_plan()
        self._phase("end")
        say("toured", places=places, rounds=rounds, scans=self._scans)

    def _places(self) -> list[Place]:
        tabs = [Place(page, tab) for page in self._window.pages for tab in PLACES_OF_PAGES.get(page, ())]
        return [*(Place(page) for page in self._window.pages), *tabs]

    async def _visit(self, place: Place, *, thorough: bool) -> None:
        name = f"{place.page} {place.what}".strip()
        scanning = " (scan)" if self._scan is not None else ""
        page = self._window.pages[place.page]
        self._phase(f"{name}: open{scanning}")
        self._window.go(place)
        await self._rest(_OPEN_S)
        self._keep_scanning()
        for view in tables(page)[: 2 if thorough else 1]:
            self._phase(f"{name}: sort{scanning}")
            await self._sort(view)
            self._phase(f"{name}: select{scanning}")
            await self._select(view)
            self._phase(f"{name}: scroll{scanning}")
            await self._scroll(view)
        if thorough:
            self._phase(f"{name}: filter{scanning}")
            await self._filter(page)

    async def _sort(self, view: QAbstractItemView) -> None:
        if not isinstance(view, QTableView):
            return
        head = view.horizontalHeader()
        for section in range(min(head.count(), _SORTED_COLUMNS)):
            at = QPoint(head.sectionViewportPosition(section) + head.sectionSize(section) // 2, head.height() // 2)
            QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
            await self._rest(_STEP_S * 3)

    async def _select(self, view: QAbstractItemView) -> None:
        down, page_down = Qt.Key.Key_Down, Qt.Key.Key_PageDown
        keys = [Qt.Key.Key_Home, *[down] * 6, *[page_down] * 3, Qt.Key.Key_End, Qt.Key.Key_Home]
        for key in keys:
            QTest.keyClick(view, key)
            await self._rest(_STEP_S)
        if view.selectionMode() is QAbstractItemView.SelectionMode.ExtendedSelection:
            QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            await self._rest(_STEP_S * 3)
            QTest.keyClick(view, Qt.Key.Key_Home)
        await self._rest(_STEP_S * 3)  # the pane is filled once the selection rests

    async def _scroll(self, view: QAbstractItemView) -> None:
        bar = view.verticalScrollBar()
        for step in range(10):
            bar.setValue(bar.maximum() * step // 9)
            await self._rest(_STEP_S / 2)
        bar.setValue(0)

    async def _filter(self, page: QWidget) -> None:
        page_fields = [field for field in self._window.findChildren(FilterField) if field.isVisible()]
        for field in page_fields[:1]:
            for letter in _TYPED:
                QTest.keyClicks(field, letter)
                await self._rest(_STEP_S * 2)
            for _letter in _TYPED:
                QTest.keyClick(field, Qt.Key.Key_Backspace)
                await self._rest(_STEP_S)
            assert isinstance(field, QLineEdit)
            field.clear()
        await self._rest(_STEP_S)
        assert page.isVisible()

    async def _open_scan(self) -> None:
        if not self._scan_topic:
            return
        self._phase("scan: open")
        self._run_action("triage", "triage.scan")
        await self._rest(_OPEN_S)
        self._scan = self._window.pages["scan"]
        self._keep_scanning()
        await self._rest(_OPEN_S)

    def _keep_scanning(self) -> None:
        """Start the scan, and start it again where it has ended."""
        page = self._scan
        if page is not None and not page.scanning.runs:
            page.form.topic.show_text(self._scan_topic)
            page.form.rule.show_value("json")
            page.go.click()
            self._scans += 1

    def _end_scan(self) -> None:
        self._phase("scan: end")
        self._scan.scanning.cancel()
        self._scan = None

    async def _open_plan(self) -> None:
        """The plan of the group that stands on a poison record; closed again without writing anything."""
        self._phase("plan: open")
        self._window.go(Place("triage", self._group))
        await self._rest(_OPEN_S)
        self._run_action("triage", "triage.send")
        sheet = self._shown_sheet("PlanDialog", missing=None)
        if sheet is None:
            say("plan", opened=False)
            return
        say("plan", opened=await reached(lambda: not sheet.loading.isVisible(), _PLAN_S))
        await self._rest(_OPEN_S * 4)
        self._phase("plan: close")
        sheet.lift()
        await self._rest(_OPEN_S)

    def _run_action(self, page: str, name: str) -> None:
        actions = {action.id: action for action in self._window.pages[page].actions_of_page()}
        actions[name].run()

    def _shown_sheet(self, kind: str, missing: object = ...) -> Any:
        sheet = Veil.over(self._window)  # to ask every widget of the window would be a pause of its own
        if type(sheet).__name__ == kind:
            return sheet
        if missing is ...:
            raise LookupError(f"no {kind} has opened")
        return missing

    def _phase(self, name: str) -> None:
        if self._meter is not None:
            self._meter.phase = name

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)
