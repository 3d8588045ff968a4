"""The program with its windows, their engines and a real keyring, for the tests that go through them with a mouse and
keys.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from kafkaview.app import Engines, WindowProgram
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.window.front import Front
from kafkaview.ui.window.window import Window
from tests.broker.engines import opened_engine
from tests.broker.keyring_session import KeyringSession
from tests.broker.secure_kafka import TOPIC
from tests.kit.patience import patience
from tests.kit.windowed import pumped


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


class Stage:
    """The program, and its windows that are to be seen."""

    def __init__(self, app: QApplication, program: WindowProgram, book: Book) -> None:
        self._app = app
        self.program = program
        self.book = book

    def windows(self) -> list[Window]:
        return [w for w in self._app.topLevelWidgets() if isinstance(w, Window) and w.isVisible()]

    def fronts(self) -> list[Front]:
        return [w for w in self._app.topLevelWidgets() if isinstance(w, Front) and w.isVisible()]

    async def front(self) -> Front:
        """Welcome, once it is open."""
        self.program.ask()
        await until(self.fronts)
        return self.fronts()[0]

    async def listed(self, window: Window, topic: str = TOPIC) -> None:
        """Until the window shows the broker's topics."""
        await until(lambda: window.view and window.view.topics and topic in window.view.topics.names)


@asynccontextmanager
async def opened_stage(app: QApplication, keyring_session: KeyringSession) -> AsyncIterator[Stage]:
    """The program in a session with this keyring; its files are where the environment says."""
    app.setQuitOnLastWindowClosed(False)
    ended, engines = asyncio.Event(), Engines()
    book = Book(engines.any)
    program = WindowProgram(Theme(ThemeMode.LIGHT), ended, book, engines)
    with keyring_session.entered():
        async with pumped(app):
            yield Stage(app, program, book)
            ended.set()
            await program.live()
            await engines.close()


@asynccontextmanager
async def opened_window(app: QApplication, profile: ConnectionProfile, journal: Path) -> AsyncIterator[Window]:
    """A window on a connection, with its engine in a process of its own."""
    window = Window(Theme(ThemeMode.LIGHT), profile)
    window.show()
    async with pumped(app), opened_engine(profile, Secrets(), journal) as client:
        window.watch(client.engine, profile)
        yield window
        await window.tasks.close()
        window.finish()
