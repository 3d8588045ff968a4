"""A window, a fake cluster and the tasks between them: what a part of the window stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.read_only import ReadOnlyCluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.session import Session
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.outcome_strip import OutcomeStrip
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.run import Run
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan
from tests.kit.engine import local_client
from tests.kit.fake_cluster import FakeCluster
from tests.kit.patience import patience

DEVELOPMENT = ConnectionProfile("orders-eu", "fake:9092", Environment.DEVELOPMENT)


class Stage:
    """A window that the dialog lies over."""

    def __init__(self, theme: Theme, profile: ConnectionProfile, folder: Path) -> None:
        self.cluster = FakeCluster()
        self.security = self.cluster.security
        cluster = ReadOnlyCluster(self.cluster) if profile.read_only else self.cluster
        self.session = Session(profile, cluster, TopicDecoders(), Journal(folder / "journal.sqlite"))
        self.window = QWidget()
        self.window.resize(1024, 700)
        theme.dress(self.window)
        self.window.show()
        self.tasks = Tasks(self.window)
        self.client = local_client(self.session)
        self.client.begin()
        engine = self.client.engine
        self.context = Context(theme, self.tasks, profile, engine, lambda _place: None, self.window, self.follow)
        self.outcome = OutcomeStrip(self.context)
        self.outcome.setParent(self.window)
        self.results: list[Result] = []

    def follow(self, run: Run) -> None:
        """What the window does with a write."""
        self.outcome.follow(run)

    async def open(self, make: Make) -> PlanDialog[ChangePlan]:
        """A dialog with its plan made."""
        dialog = change_dialog(self.context, make, self.results.append)
        dialog.open()
        await until(lambda: not self.tasks.is_running("change.plan"))
        return dialog

    async def close(self) -> None:
        await self.tasks.close()
        await self.client.close()
        await self.session.journal.close()
        self.window.hide()
        self.window.deleteLater()


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition while the loop goes on."""
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)
