"""Pictures of every page on a real cluster, light and dark: for the README, and to look at before a change is done.

Reads and watches as the window does. Only `carry_out`, for a demo of one's own, also re-routes the record of the plan.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import Unreachable
from kafkaview.engine.port import Engine
from kafkaview.gallery.connections import book_of_its_own, take_connections
from kafkaview.gallery.coordination import take_coordination
from kafkaview.gallery.coordination_tabs import take_tabs
from kafkaview.gallery.dead_letters import take_dead_letters
from kafkaview.gallery.journal import take_journal
from kafkaview.gallery.offsets import take_offsets
from kafkaview.gallery.records import take_records, take_sending, take_statistics
from kafkaview.gallery.security import take_security
from kafkaview.gallery.topic_writes import take_topic_writes
from kafkaview.gallery.tour_parts import page_of, wait_until
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.incidents.kept_rows import KeptSection
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.view import SilentBroker, View
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.scan.page import ScanPage
from kafkaview.ui.pages.triage.log_sheet import LogSheet
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog

_SIZE, _SMALL = (1280, 800), (1024, 700)
MODES = (ThemeMode.LIGHT, ThemeMode.DARK)
_LOG = """ERROR [Consumer clientId=billing-1, groupId=billing] Value Deserializers with error: Deserializers{{}}
org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing VALUE for partition {place}. If \
needed, please seek past the record to continue consumption.
Caused by: java.nio.charset.MalformedInputException: Input length = 1
"""


async def shots(
    theme: Theme, profile: ConnectionProfile, engine: Engine, folder: Path, *, carry_out: bool = False
) -> int:
    """Renders the pages into a folder, `triage-light.png` and so on. Returns 1 if no group is stuck on a record."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # once, before anything runs
    camera = _Camera(theme, folder)
    for mode in MODES:
        camera.wear(mode)
        await take_connections(theme, camera.take)
    async with book_of_its_own() as book:
        window = Window(theme, profile, book)
        window.resize(*_SIZE)
        window.show()
        window.watch(engine, profile)
        try:
            found = await _Tour(window, camera).go(carry_out=carry_out)
        finally:
            await window.tasks.close()
            window.finish()
    return 0 if found else 1


class _Camera:
    """Takes pictures in the theme's mode. Changing the mode takes a second or two: every widget is styled anew."""

    def __init__(self, theme: Theme, folder: Path) -> None:
        self._theme = theme
        self._folder = folder

    def wear(self, mode: ThemeMode) -> None:
        """Changes to light or dark."""
        if self._theme.mode is not mode:
            self._theme.set_mode(mode)

    async def take(self, widget: QWidget, name: str) -> None:
        """Saves `NAME-light.png`, or `NAME-dark.png`."""
        QCursor.setPos(-100, -100)  # nothing is hovered
        await asyncio.sleep(0.1)  # layouts have to settle; nothing else is waited for
        widget.grab().save(str(self._folder / f"{name}-{self._theme.mode}.png"))

    async def take_both(self, widget: QWidget, name: str) -> None:
        """Saves the same moment in both modes, for what is seen only once."""
        for mode in MODES:
            self.wear(mode)
            await self.take(widget, name)


class _Tour:
    """Goes through the pages of one window."""

    def __init__(self, window: Window, camera: _Camera) -> None:
        self._window = window
        self._camera = camera

    @property
    def _triage(self) -> TriagePage:
        return page_of(self._window, TriagePage)

    async def go(self, *, carry_out: bool) -> bool:
        """Takes all pictures; returns False if no group is stuck on a record."""
        camera, window = self._camera, self._window
        await wait_until(lambda: window.view is not None and window.view.groups is not None)
        await camera.take_both(window, "first-run")
        await wait_until(lambda: window.view is not None and _has_enough_samples(window.view))
        found = any(stuck.verdict is Verdict.POISON for stuck in self._stuck())
        for mode in MODES:
            camera.wear(mode)
            await self._pages()
            if found:
                await self._incidents()
        if not found:
            return False
        if carry_out:
            await self._carry_out()
        for mode in MODES:
            camera.wear(mode)
            await take_offsets(window, camera.take)
            await take_topic_writes(window, camera.take)
            await take_records(window, camera.take)
            await take_sending(window, camera.take)
            await take_dead_letters(window, camera.take)
            await take_journal(window, camera.take)
            await take_statistics(window, camera.take)
        window.tasks.cancel("watch")
        for part in (take_tabs, take_coordination, take_security):
            for mode in MODES:
                camera.wear(mode)
                await part(window, camera.take)
        for mode in MODES:
            camera.wear(mode)
            await self._states()
        return True

    async def _pages(self) -> None:
        """Takes the first view of every page."""
        for page in ("topics", "groups", "coordination", "triage"):
            self._window.go(Place(page))
            await self._rest()
            await self._camera.take(self._window, page)

    async def _incidents(self) -> None:
        """Takes Triage on the record that stops most groups, the scan, and the plan."""
        await self._show_group(self._first())
        await self._camera.take(self._window, "triage")
        await self._others()
        await self._scan()
        await self._log_line()
        (await self._open_plan("plan")).lift()

    def _first(self) -> str:
        poison = [stuck.group for stuck in self._stuck() if stuck.verdict is Verdict.POISON]
        return "billing" if "billing" in poison else poison[0]

    async def _others(self) -> None:
        """Takes a record behind good ones, a group without members, and the small window."""
        groups = {stuck.group for stuck in self._stuck()}
        for group, name in (("invoices", "triage-behind"), ("reports", "triage-nobody")):
            if group in groups:
                await self._show_group(group)
                await self._camera.take(self._window, name)
                if group == "invoices":
                    (await self._open_plan("plan-behind")).lift()
        await self._show_group(self._first())
        self._window.resize(*_SMALL)
        await self._camera.take(self._window, "triage-small")
        self._window.resize(*_SIZE)

    async def _scan(self) -> None:
        """Takes the scan before it begins, and what it found."""
        self._window.go(Place("scan"))
        page = self._window.pages["scan"]
        assert isinstance(page, ScanPage)
        await self._camera.take(self._window, "scan-form")
        page.go.click()
        await wait_until(page.go.isEnabled)
        if page.model.rows:
            page.table.choose((page.model.rows[0].record, page.model.rows[0].field))
        await self._rest()
        await self._camera.take(self._window, "scan")
        self._window.go(Place("triage"))

    async def _log_line(self) -> None:
        """Takes the sheet of log lines on what a Java consumer writes of the record that stops most groups."""
        record = next(stuck.suspect.record.id for stuck in self._stuck() if stuck.suspect is not None)
        self._triage.open_log()
        await wait_until(lambda: isinstance(Veil.over(self._window), LogSheet))
        sheet = Veil.over(self._window)
        if isinstance(sheet, LogSheet):
            place = f"{record.topic}-{record.partition} at offset {record.offset}"
            sheet.text.setPlainText(_LOG.format(place=place))
            await wait_until(lambda: sheet.model.total > 0)
            await self._rest()
            await self._camera.take(self._window, "log-line")
            sheet.lift()

    async def _kept(self) -> None:
        """Takes an incident that is over."""
        shown = self._triage.list
        if shown.unfold(KeptSection.REROUTED):
            await self._rest()
            await self._camera.take_both(self._window, "triage-kept")

    async def _carry_out(self) -> None:
        """Re-routes the record of the plan, and takes it running, at its end, and the page a moment later."""
        self._camera.wear(MODES[0])
        await self._rest()  # the picture of the page below the last sheet goes in a turn of its own
        sheet = await self._open_plan("plan")
        sheet.ask.confirm.click()
        await wait_until(lambda: self._window.tasks.is_running("reroute") and sheet.steps.count >= 3)
        await self._camera.take(self._window, "progress")
        await wait_until(lambda: not self._window.tasks.is_running("reroute"))
        await self._camera.take_both(self._window, "outcome")
        sheet.lift()
        await asyncio.sleep(4)  # for the lag to be seen falling
        await self._camera.take_both(self._window, "moved")
        await self._kept()

    async def _open_plan(self, name: str) -> PlanDialog[Any]:
        self._triage.pane.head.send.emit()
        sheet = Veil.over(self._window)
        if not isinstance(sheet, PlanDialog):
            raise TypeError("what lies over the window is no plan")
        await wait_until(lambda: sheet.plan is not None and not self._window.tasks.is_running("plan"))
        await self._camera.take(self._window, name)
        return sheet

    async def _states(self) -> None:
        """Takes states that a healthy cluster does not show, made from the last sample, which is shown again then."""
        window, view = self._window, self._window.view
        if view is None:
            return
        if window.outcome is not None:
            window.outcome.hide()
        stale = _make_stale(view)
        failed = replace(stale, info=None, groups=None, stuck=())
        partial = _partial(view)
        states = (
            ("empty", "triage", replace(view, stuck=())),
            ("partial", "groups", partial),
            ("last-seen", "triage", partial),
            ("dated", "triage", stale),
        )
        for name, page, state in states:
            window.go(Place(page))
            window.show_view(state)
            await self._rest()
            await self._camera.take(window, name)
        window.go(Place("triage"))
        window.show_view(failed)
        await self._camera.take(window, "failed")
        window.show_view(view)

    async def _show_group(self, group: str) -> None:
        self._triage.go_to(Place("triage", group))
        await self._rest()

    async def _rest(self) -> None:
        """Waits until what was asked for has been read and shown."""
        await asyncio.sleep(0.3)
        reads = (
            "triage.record",
            "triage.detail",
            "scan.record",
            "topics.detail",
            "topics.settings",
            "groups.detail",
            "plan",
        )
        await wait_until(lambda: not any(self._window.tasks.is_running(name) for name in reads))

    def _stuck(self) -> tuple[Stuck, ...]:
        return self._window.view.stuck if self._window.view is not None else ()


def _has_enough_samples(view: View) -> bool:
    """Returns whether the plots have a line; a stuck group may come late."""
    return view.judged and view.samples > (20 if any(stuck.verdict is Verdict.POISON for stuck in view.stuck) else 40)


def _partial(view: View) -> View:
    silent = Unreachable("Broker 13 does not answer")
    assert view.groups is not None
    lost = np.arange(len(view.groups.names)) % 3 == 1
    unknown: dict[str, Any] = {
        name: np.where(lost, -1, getattr(view.groups, name)) for name in ("members", "coordinators", "lag", "verdicts")
    }
    groups = replace(view.groups, **unknown, error=np.where(lost, 0, -1), errors=(silent,))
    gone = {name for name, is_lost in zip(view.groups.names, lost.tolist(), strict=True) if is_lost}
    last_ms = view.at_ms - 40_000
    stuck = tuple(replace(one, last_seen_ms=last_ms) if one.group in gone else one for one in view.stuck)
    unseen = tuple(UnseenGroups(name, 13, silent.message) for name in sorted(gone))
    brokers = (SilentBroker(13, view.at_ms - 95_000, fenced=False),)
    return replace(view, groups=groups, stuck=stuck, errors=(silent,), unseen=unseen, silent=brokers)


def _make_stale(view: View) -> View:
    error = Unreachable("No broker answers at 127.0.0.1", "Look whether the cluster runs.")
    return replace(view, errors=(error,), stale=True)
