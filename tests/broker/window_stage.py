"""The program with its windows and a real keyring, for the tests that go through them with a mouse and keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from kafkaview.app import _Program
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.connections.book import Book
from kafkaview.ui.theme import Mode, Theme
from kafkaview.ui.welcome.front import Front
from kafkaview.ui.window import Window
from tests.broker.keyring_session import KeyringSession
from tests.broker.secure_kafka import TOPIC
from tests.windowed import pumped


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


@contextmanager
def opened_book(keyring_session: KeyringSession, folder: Path) -> Iterator[Book]:
    with keyring_session.entered() as keyring:
        book = Book(ProfileStore(folder / "kafkaview" / "profiles.toml"), keyring)
        yield book
        book.close()


class Stage:
    """The program, and its windows that are to be seen."""

    def __init__(self, app: QApplication, program: _Program) -> None:
        self._app = app
        self.program = program

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
        await until(lambda: window.view and topic in {one.name for one in window.view.topics})


@asynccontextmanager
async def opened_stage(app: QApplication, book: Book) -> AsyncIterator[Stage]:
    app.setQuitOnLastWindowClosed(False)
    ended = asyncio.Event()
    program = _Program(Theme(Mode.LIGHT), ended, book)
    async with pumped(app):
        yield Stage(app, program)
        ended.set()
        await program.live()
