"""Pictures of every page on a real cluster, light and dark: for the README, and to look at before a change is done.

Reads and watches as the window does. Only `carry_out`, for a demo of one's own, also re-routes the record of the plan.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import Unreachable
from kafkaview.profiles.store import ProfileStore
from kafkaview.session import Session
from kafkaview.triage.verdict import Stuck, Verdict
from kafkaview.triage.view import View
from kafkaview.ui.connections.book import Book
from kafkaview.ui.connections.shots import take_connections
from kafkaview.ui.coordination.shots import take_coordination
from kafkaview.ui.coordination.tab_shots import take_tabs
from kafkaview.ui.dialogs import Veil
from kafkaview.ui.page import Place
from kafkaview.ui.plan.dialog import PlanDialog
from kafkaview.ui.security.shots import take_security
from kafkaview.ui.theme import Mode, Theme
from kafkaview.ui.triage.page import TriagePage
from kafkaview.ui.triage.scan_sheet import ScanSheet
from kafkaview.ui.window import Window

_SIZE, _SMALL = (1280, 800), (1024, 700)
_PATIENCE_S = 90.0
_MODES = {"light": Mode.LIGHT, "dark": Mode.DARK}


async def shots(theme: Theme, session: Session, folder: Path, *, carry_out: bool = False) -> int:
    """Render the pages into a folder, `triage-light.png` and so on. Returns 0, or 1 if no group stands on one."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # once, before anything runs
    camera = _Camera(theme, folder)
    await take_connections(theme, camera.take)
    with tempfile.TemporaryDirectory() as saved:
        book = Book(ProfileStore(Path(saved) / "kafkaview" / "profiles.toml"))  # not the user's own
        window = Window(theme, session.profile, book)
        window.resize(*_SIZE)
        window.show()
        window.open_session(session, interval=1.0)
        try:
            found = await _Tour(window, camera).go(carry_out=carry_out)
        finally:
            await window.tasks.close()
            window.finish()
            book.close()
    return 0 if found else 1


class _Camera:
    """Takes pictures in both themes."""

    def __init__(self, theme: Theme, folder: Path) -> None:
        self._theme = theme
        self._folder = folder

    async def take(self, widget: QWidget, name: str, *modes: str) -> None:
        """Save `NAME-light.png` and `NAME-dark.png`, or one of them."""
        QCursor.setPos(-100, -100)  # nothing is hovered
        for mode in modes or tuple(_MODES):
            self._theme.set_mode(_MODES[mode])
            await asyncio.sleep(0.25)  # style sheet and layouts have to settle; nothing else is waited for
            widget.grab().save(str(self._folder / f"{name}-{mode}.png"))


class _Tour:
    """Goes through the pages of one window."""

    def __init__(self, window: Window, camera: _Camera) -> None:
        self._window = window
        self._camera = camera

    @property
    def _triage(self) -> TriagePage:
        page = self._window.pages["triage"]
        if not isinstance(page, TriagePage):
            raise TypeError("the page of this name is another one")
        return page

    async def go(self, *, carry_out: bool) -> bool:
        """All pictures; False if no group stands on a record to show."""
        take, window = self._camera.take, self._window
        await _until(lambda: window.view is not None and bool(window.view.groups))
        await take(window, "first-run", "light")
        await _until(lambda: bool(window.view and window.view.judged and window.view.samples > _samples(window.view)))
        for page in ("topics", "groups", "coordination"):
            window.go(Place(page))
            await self._rest()
            await take(window, page)
        window.go(Place("triage"))
        poison = next((s for s in self._stuck() if s.verdict is Verdict.POISON), None)
        if poison is None:
            await take(window, "triage")
            return False
        await self._show_group("billing" if "billing" in {s.group for s in self._stuck()} else poison.group)
        await take(window, "triage")
        await self._others()
        await self._scan()
        await self._plan(carry_out=carry_out)
        await self._states()
        await take_tabs(self._window, self._camera.take)
        await take_coordination(self._window, self._camera.take)
        await take_security(self._window, self._camera.take)
        return True

    async def _others(self) -> None:
        """A record behind good ones, a group that nobody runs, and the small window."""
        groups = {stuck.group for stuck in self._stuck()}
        for group, name in (("invoices", "triage-behind"), ("reports", "triage-nobody")):
            if group in groups:
                await self._show_group(group)
                await self._camera.take(self._window, name, "light")
                if group == "invoices":
                    (await self._open_plan("plan-behind", "light")).lift()
        await self._show_group("billing" if "billing" in groups else self._stuck()[0].group)
        self._window.resize(*_SMALL)
        await self._camera.take(self._window, "triage-small", "light")
        self._window.resize(*_SIZE)

    async def _scan(self) -> None:
        self._triage.open_scan()
        sheet = Veil.over(self._window)
        if isinstance(sheet, ScanSheet):
            sheet.go.click()
            await _until(sheet.go.isEnabled)
            if sheet.model.rows:
                sheet.table.choose((sheet.model.rows[0].record, sheet.model.rows[0].field))
            await self._rest()
            await self._camera.take(self._window, "scan", "light")
            sheet.lift()

    async def _plan(self, *, carry_out: bool) -> None:
        sheet = await self._open_plan("plan")
        if not carry_out:
            sheet.lift()
            return
        sheet.ask.confirm.click()
        await _until(lambda: self._window.tasks.running("reroute") and sheet.steps.count >= 3)
        await self._camera.take(self._window, "progress", "light")
        await _until(lambda: not self._window.tasks.running("reroute"))
        await self._camera.take(self._window, "outcome")
        sheet.lift()
        await asyncio.sleep(4)  # for the lag to be seen falling
        await self._camera.take(self._window, "moved")

    async def _open_plan(self, name: str, *modes: str) -> PlanDialog:
        self._triage.pane.head.send.emit()
        sheet = Veil.over(self._window)
        if not isinstance(sheet, PlanDialog):
            raise TypeError("what lies over the window is no plan")
        await _until(lambda: sheet.plan is not None)
        await self._camera.take(self._window, name, *modes)
        return sheet

    async def _states(self) -> None:
        """States that a healthy cluster does not show: made from the last sample, with the watch stopped."""
        window, view = self._window, self._window.view
        window.tasks.cancel("watch")
        if view is None:
            return
        self._triage.outcome.hide()
        for name, state in (("empty", replace(view, stuck=())), ("partial", _partial(view)), ("dated", _dated(view))):
            window.go(Place("groups" if name == "partial" else "triage"))
            window.show_view(state)
            await self._rest()
            await self._camera.take(window, name, "light")
        window.go(Place("triage"))
        failed = replace(view, info=None, groups=(), stuck=(), errors=_dated(view).errors, dated=True)
        window.show_view(failed)
        await self._camera.take(window, "failed", "light")

    async def _show_group(self, group: str) -> None:
        self._triage.go_to(Place("triage", group))
        await self._rest()

    async def _rest(self) -> None:
        """Until what was asked for has been read and shown."""
        await asyncio.sleep(0.3)
        reads = ("triage.record", "scan.record", "topics.settings", "plan")
        await _until(lambda: not any(self._window.tasks.running(name) for name in reads))

    def _stuck(self) -> tuple[Stuck, ...]:
        return self._window.view.stuck if self._window.view is not None else ()


def _samples(view: View) -> int:
    """Enough of them for a plot to have a line."""
    return 20 if any(stuck.verdict is Verdict.POISON for stuck in view.stuck) else 40


def _partial(view: View) -> View:
    silent = Unreachable("Broker 13 does not answer")
    groups = tuple(
        replace(group, group=None, partitions=(), error=silent) if place % 3 == 1 else group
        for place, group in enumerate(view.groups)
    )
    return replace(view, groups=groups, stuck=tuple(s for s in view.stuck if s.group != "audit"), errors=(silent,))


def _dated(view: View) -> View:
    error = Unreachable("No broker answers at 127.0.0.1", "Look whether the cluster runs.")
    return replace(view, errors=(error,), dated=True)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # many conditions of many widgets, none has an event of its own
            await asyncio.sleep(0.05)
