"""The window's suite: offscreen, the loop that the program has, and a session on the fake cluster."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync  # type: ignore[import-untyped]
from PySide6.QtWidgets import QApplication

from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.session import Session
from kafkaview.ui.kit.theme import Theme, ThemeMode
from tests.kit.leftovers import Leftovers, LogWatch
from tests.kit.patience import patience
from tests.ui.pages.world import World
from tests.ui.stage import DEVELOPMENT, Stage

Run = Callable[[Coroutine[Any, Any, None]], None]
Staged = Callable[..., None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs_warnings: the test is about something that logs at WARNING or above")


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:  # noqa: ARG001 - timers need it
    """A test that leaves a thread, a timer, a process or a window behind fails, and one that logs a warning unseen."""
    watch, before = LogWatch(), Leftovers()
    logging.getLogger().addHandler(watch)
    yield
    logging.getLogger().removeHandler(watch)
    left = before.found()
    if request.node.get_closest_marker("logs_warnings") is None:
        left += watch.lines
    if left:
        pytest.fail("\n".join(("left behind:", *left)))


@pytest.fixture(autouse=True)
def _files_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback of a task that fails is kept, and so are filters: not among the user's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    """One for all tests, as in the program: making a theme styles every widget that there is."""
    qapp.setQuitOnLastWindowClosed(False)
    return Theme(ThemeMode.LIGHT)


@pytest.fixture(autouse=True)
def _usual_theme(theme: Theme) -> None:
    """A test begins light and at the usual size of text, whatever the one before it chose."""
    if theme.mode is not ThemeMode.LIGHT:
        theme.set_mode(ThemeMode.LIGHT)
    if theme.scale > 1:
        theme.set_scale(1.0)


@pytest.fixture
def run(qapp: QApplication) -> Iterator[Run]:
    """Runs a coroutine on the loop that Qt and asyncio share in the program."""
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        yield runner.run


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def profile() -> ConnectionProfile:
    return ConnectionProfile("orders-eu", "broker-1:9092", Environment.PRODUCTION)


@pytest.fixture
def session(world: World, profile: ConnectionProfile, tmp_path: Path) -> Session:
    return Session(profile, world.cluster, TopicDecoders(), Journal(tmp_path / "journal.sqlite"))


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition while the loop goes on."""
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


@pytest.fixture
def staged(theme: Theme, tmp_path: Path, run: Run) -> Staged:
    """Plays a scene on a stage, and strikes it afterwards."""

    def staged(play: Callable[[Stage], Awaitable[None]], profile: ConnectionProfile = DEVELOPMENT) -> None:
        async def whole() -> None:
            stage = Stage(theme, profile, tmp_path)
            try:
                await play(stage)
            finally:
                await stage.close()

        run(whole())

    return staged
