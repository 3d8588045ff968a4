"""The program with a window: QApplication, one loop for Qt and asyncio, sessions and windows one after the other.

The only module that meets qasync. Nothing here blocks, and nothing is left when it returns: tasks end first, then
the session with its clients, then the window.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import qasync  # type: ignore[import-untyped]
from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from kafkaview.cluster.errors import ClusterError
from kafkaview.demo.running import running_demo
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.session import Session, open_session
from kafkaview.ui.display import why_no_display
from kafkaview.ui.theme import Mode, Theme
from kafkaview.ui.theme.icons import app_icon
from kafkaview.ui.welcome.page import WelcomePage
from kafkaview.ui.window import Window

_FAILED, _NO_DISPLAY = 1, 1
_DEMO = ConnectionProfile("demo", "a real Kafka on this machine")
Opening = Callable[[Window], AbstractAsyncContextManager[Session]]


def main(profile: ConnectionProfile | None = None, secrets: Secrets | None = None) -> int:
    """Open the window on a cluster, or Welcome where none is named. Returns the exit code."""
    if profile is None:
        return _run(_welcome)
    return _run(lambda theme, ended: _window(theme, ended, profile, _connecting(profile, secrets)))


def run_demo(*, keep: bool = False) -> int:
    """Open a window at once and the embedded Kafka's scenario in it as soon as that stands."""
    return _run(lambda theme, ended: _window(theme, ended, _DEMO, _demonstrating(keep=keep)))


def run_shots(folder: Path, profile: ConnectionProfile | None = None, secrets: Secrets | None = None) -> int:
    """Take pictures of every page on the demo's scenario: one that runs, or one of its own."""
    return _run(lambda theme, _ended: _shots(theme, folder, profile, secrets))


def _run(live: Callable[[Theme, asyncio.Event], Awaitable[int]]) -> int:
    why_not = why_no_display()
    if why_not:
        print(why_not, file=sys.stderr)  # noqa: T201
        return _NO_DISPLAY
    app = QApplication(["kafkaview"])
    app.setApplicationDisplayName("kafkaview")
    app.setDesktopFileName("kafkaview")
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(Mode.SYSTEM)

    async def lived() -> int:
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        return await live(theme, ended)

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        return runner.run(lived())


async def _welcome(theme: Theme, ended: asyncio.Event) -> int:
    """Ask where to go, go there, and end with it."""
    front = _Front(theme)
    chosen: asyncio.Future[tuple[ConnectionProfile, Opening] | None] = asyncio.get_running_loop().create_future()

    def choose(choice: tuple[ConnectionProfile, Opening] | None) -> None:
        if not chosen.done():
            chosen.set_result(choice)

    front.demo.connect(lambda: choose((_DEMO, _demonstrating(keep=False))))
    front.connect_to.connect(lambda profile, secrets: choose((profile, _connecting(profile, secrets))))
    front.closed.connect(lambda: choose(None))
    front.show()
    await _first(chosen, ended.wait())
    choice = chosen.result() if chosen.done() and not ended.is_set() else None
    if choice is None:
        front.hide()
        return 0
    going = asyncio.ensure_future(_window(theme, ended, *choice))
    await asyncio.sleep(0)  # the window is there before Welcome goes
    front.hide()
    return await going


async def _window(theme: Theme, ended: asyncio.Event, profile: ConnectionProfile, opening: Opening) -> int:
    """One window from its opening until it, or the program, is closed."""
    window = Window(theme, profile)
    closed = asyncio.Event()
    window.close_wanted.connect(closed.set)
    window.show()
    work = asyncio.ensure_future(_serve(window, opening))
    await _first(work, closed.wait(), ended.wait())
    failed = work.done() and not closed.is_set() and not ended.is_set()
    if failed:
        _say(window, work.exception())
        await _first(closed.wait(), ended.wait())
    window.hide()
    await window.tasks.close()
    work.cancel()
    await asyncio.wait([work])
    window.finish()
    return _FAILED if failed else 0


async def _serve(window: Window, opening: Opening) -> None:
    async with opening(window) as session:
        window.open_session(session)
        await asyncio.get_running_loop().create_future()  # until it is cancelled


def _connecting(profile: ConnectionProfile, secrets: Secrets | None) -> Opening:
    return lambda _window: open_session(profile, secrets)


def _demonstrating(*, keep: bool) -> Opening:
    @asynccontextmanager
    async def opening(window: Window) -> AsyncIterator[Session]:
        window.tasks.start("starting", _count_seconds(window))
        async with running_demo(keep=keep) as demo:
            window.tasks.cancel("starting")
            async with open_session(demo.profile, journal=demo.folder / "journal.sqlite3") as session:
                yield session

    return opening


async def _count_seconds(window: Window) -> None:
    second = 0
    while True:
        text = f"A real Kafka on this machine, then 20,000 orders, then seven applications. {second} s so far."
        window.say_waiting("The demo starts", text)
        await asyncio.sleep(1)
        second += 1


def _say(window: Window, error: BaseException | None) -> None:
    told = error.message if isinstance(error, ClusterError) else f"{type(error).__name__}: {error}"
    hint = error.hint if isinstance(error, ClusterError) else ""
    print(told, hint, file=sys.stderr)  # noqa: T201
    window.say_failed("This cannot be opened", f"{told} {hint}")


async def _shots(theme: Theme, folder: Path, profile: ConnectionProfile | None, secrets: Secrets | None) -> int:
    from kafkaview.ui.shots import shots  # a tool for pictures; the window does not need it

    if profile is not None:
        async with open_session(profile, secrets) as session:
            return await shots(theme, session, folder)
    async with running_demo() as demo, open_session(demo.profile, journal=demo.folder / "journal.sqlite3") as session:
        return await shots(theme, session, folder, carry_out=True)


async def _first(*awaited: Awaitable[object]) -> None:
    """Wait for the first of these; those made here end with it."""
    given = [a for a in awaited if isinstance(a, asyncio.Future)]
    made = [asyncio.ensure_future(a) for a in awaited if not isinstance(a, asyncio.Future)]
    try:
        await asyncio.wait([*given, *made], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in made:
            future.cancel()
        await asyncio.gather(*made, return_exceptions=True)


class _Front(WelcomePage):
    """Welcome as a window of its own."""

    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setWindowTitle("kafkaview")
        self.setWindowIcon(app_icon())
        self.resize(1280, 800)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's."""
        self.closed.emit()
        event.accept()
