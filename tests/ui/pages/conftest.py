"""A window on a fake cluster, its clock turned faster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.session import Session
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.groups.page import GroupsPage
from kafkaview.ui.pages.scan.page import ScanPage
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.outcome_strip import OutcomeStrip
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.engine import local_client
from tests.kit.patience import patience
from tests.kit.windowed import pumped
from tests.ui.pages.world import World

PROFILE = ConnectionProfile("orders-eu", "fake:9092", Environment.DEVELOPMENT)


class Stage:
    """The window, its cluster, and how to wait for what it shows."""

    def __init__(self, world: World, session: Session, window: Window) -> None:
        self.world = world
        self.session = session
        self.window = window
        self.grows = True

    @property
    def triage(self) -> TriagePage:
        page = self.window.pages["triage"]
        assert isinstance(page, TriagePage)
        return page

    @property
    def groups(self) -> GroupsPage:
        page = self.window.pages["groups"]
        assert isinstance(page, GroupsPage)
        return page

    @property
    def topics(self) -> TopicsPage:
        page = self.window.pages["topics"]
        assert isinstance(page, TopicsPage)
        return page

    @property
    def outcome(self) -> OutcomeStrip:
        strip = self.window.outcome
        assert strip is not None
        return strip

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait for something that the window shows."""
        async with asyncio.timeout(patience(seconds)):
            while not condition():  # noqa: ASYNC110 - a widget has no event for it
                await asyncio.sleep(0.01)

    async def choose(self, group: str) -> None:
        """Wait for a group's incident and choose it, its record read."""
        await self.until(lambda: any(row.group == group and not being_read(row) for row in self.triage._rows))
        self.triage.go_to(Place("triage", group))
        await self.until(lambda: self.triage.pane.incident and self.triage.pane.incident.group == group)
        await self.until(lambda: not self.window.tasks.is_running("triage.record"))

    async def plan(self) -> PlanDialog[ReroutePlan]:
        """Click the blue button and wait for the plan."""
        self.triage.pane.head.send_button.click()
        sheet = Veil.over(self.window)
        assert isinstance(sheet, PlanDialog)
        await self.until(lambda: sheet.plan is not None and not self.window.tasks.is_running("plan"))
        return sheet

    async def scan(self, topic: str = "orders") -> ScanPage:
        """Open the scan of a topic."""
        self.triage.scan_button.click()
        page = self.window.pages["scan"]
        assert isinstance(page, ScanPage)
        await self.until(page.go.isVisible)
        page.form.topic.show_text(topic)
        return page


def being_read(incident: Incident) -> bool:
    """Whether the record that stops the group is still looked for."""
    return any(line.text == BEING_READ for line in incident.first.evidence)


@pytest.fixture
def profile() -> ConnectionProfile:
    return PROFILE


@pytest.fixture
async def stage(
    qapp: QApplication, theme: Theme, tmp_path: Path, profile: ConnectionProfile, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    monkeypatch.setattr("kafkaview.writes.follow_up.HOLD_SECONDS", 0.4)
    monkeypatch.setattr("kafkaview.writes.follow_up._POLL_SECONDS", 0.05)
    world = World()
    session = Session(profile, world.cluster, TopicDecoders(), Journal(tmp_path / "journal.sqlite3"))
    window = Window(theme, profile)
    window.show()
    stage = Stage(world, session, window)
    async with pumped(qapp), _running(_live(stage)):
        client = local_client(session, interval=0.05, window=0.5)
        client.begin()
        window.watch(client.engine, session.profile)
        yield stage
        await window.tasks.close()
        await client.close()
        window.finish()
    await session.journal.close()


@pytest.fixture
def production() -> ConnectionProfile:
    return replace(PROFILE, environment=Environment.PRODUCTION)


@asynccontextmanager
async def _running(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _live(stage: Stage) -> None:
    while True:
        if stage.grows:
            stage.world.grow()
        await asyncio.sleep(0.05)
