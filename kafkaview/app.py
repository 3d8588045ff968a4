"""The program with a window: QApplication, one loop for Qt and asyncio, and a window with its engine for each
connection. Only this module uses qasync. Nothing here blocks, and everything has ended when it returns: first tasks,
then the engine, then the window.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import qasync  # type: ignore[import-untyped]
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.engine.client import EngineClient
from kafkaview.engine.port import Engine
from kafkaview.engine.process import EngineProcess
from kafkaview.failure import Failure
from kafkaview.log_files import log_stderr_of_libraries
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.security import Secrets
from kafkaview.ui import pages
from kafkaview.ui.kit.notices import bring_to_front
from kafkaview.ui.kit.preferences import Remembered, follow_look
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.window.collector import Collector
from kafkaview.ui.window.display import why_no_display
from kafkaview.ui.window.pause_meter import measure_pauses
from kafkaview.ui.window.window import Window

if TYPE_CHECKING:
    from kafkaview.demo.steps import DemoStep
    from kafkaview.ui.window.front import Front

_QT_LOG = logging.getLogger("kafkaview.qt")
_FAILED, _NO_DISPLAY = 1, 1
_TURN_S = 0.015  # of loading modules: the window answers between two
_DEMO = ConnectionProfile("demo", "a real Kafka on this machine", Environment.DEVELOPMENT)
Opening = Callable[[Window, EngineClient], AbstractAsyncContextManager[ConnectionProfile]]


def main(
    profile: ConnectionProfile | None = None,
    typed: Secrets | None = None,
    *,
    start: Callable[[], EngineProcess] = EngineProcess,
) -> int:
    """Opens the window on a cluster, or Welcome if none is named. `start` starts engines. Returns the exit code."""

    def begin(program: WindowProgram, book: Book) -> None:
        if profile is None:
            program.ask()
        else:
            book.hold(profile, typed or Secrets())
            program.connect(profile)

    return _run(_program_life(begin, start))


def run_demo(*, keep: bool = False) -> int:
    """Opens a window at once, and shows the embedded Kafka's scenario as soon as that runs."""
    return _run(_program_life(lambda program, _book: program.open(_DEMO, open_demo(keep=keep)), EngineProcess))


def run_shots(folder: Path, profile: ConnectionProfile | None = None, typed: Secrets | None = None) -> int:
    """Takes pictures of every page on the demo's scenario: a running one, or one of its own."""
    return _run(lambda theme, _ended: _shots(theme, folder, profile, typed))


def _program_life(
    begin: Callable[[WindowProgram, Book], None], start: Callable[[], EngineProcess]
) -> Callable[[Theme, asyncio.Event], Awaitable[int]]:
    async def live(theme: Theme, ended: asyncio.Event) -> int:
        engines, remembered = Engines(lambda: EngineClient(start)), Remembered()
        book = Book(engines.any)
        follow_look(theme, remembered)
        program = WindowProgram(theme, ended, book, engines, remembered)
        begin(program, book)
        try:
            return await program.live()
        finally:
            await engines.close()

    return live


def _run(live: Callable[[Theme, asyncio.Event], Awaitable[int]]) -> int:
    why_not = why_no_display()
    if why_not:
        print(why_not, file=sys.stderr)  # noqa: T201
        return _NO_DISPLAY
    qInstallMessageHandler(_keep_message)
    log_stderr_of_libraries()
    app = QApplication(["kafkaview"])
    app.setApplicationDisplayName("kafkaview")
    app.setDesktopFileName("kafkaview")
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode.SYSTEM)

    async def run_and_count() -> int:
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        return await live(theme, ended)

    collector = Collector()
    try:
        with measure_pauses(app), asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            return runner.run(run_and_count())
    finally:
        collector.end()


def _keep_message(_kind: QtMsgType, _where: QMessageLogContext, text: str | None) -> None:
    """Writes a message of Qt into the log file."""
    _QT_LOG.warning("%s", text)


class Engines:
    """The running engines: one for each window, and one for Welcome."""

    def __init__(self, make: Callable[[], EngineClient] = EngineClient) -> None:
        self._make = make
        self._running: list[EngineClient] = []

    def begin(self) -> EngineClient:
        """Starts one more engine."""
        client = self._make()
        client.begin()
        self._running.append(client)
        return client

    def any(self) -> Engine:
        """Returns an engine for tasks without a connection: saved profiles, the keyring, the doctor."""
        return (self._running[-1] if self._running else self.begin()).engine

    async def end(self, client: EngineClient) -> None:
        """Ends one engine."""
        self._running.remove(client)
        await client.close()

    async def close(self) -> None:
        """Ends all engines."""
        await asyncio.gather(*(self.end(client) for client in tuple(self._running)))


class WindowProgram:
    """The open windows, each with an engine of its own. The program ends with the last one."""

    def __init__(
        self, theme: Theme, ended: asyncio.Event, book: Book, engines: Engines, remembered: Remembered | None = None
    ) -> None:
        self._theme = theme
        self._ended = ended
        self._book = book
        self._engines = engines
        self._remembered = remembered
        self._open: set[asyncio.Task[int]] = set()
        self._front: Front | None = None
        self._windows: list[QWidget] = []

    def quit(self) -> None:
        """Closes every window, each as if the user closed it."""
        for window in tuple(self._windows):
            window.close()

    async def live(self) -> int:
        """Waits until no window is left, or the program must end."""
        code = 0
        try:
            while self._open:
                done, _open = await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
                self._open -= done
                code = max([code, *(task.result() for task in done)])
        finally:
            self._ended.set()
            await asyncio.gather(*self._open, return_exceptions=True)
        return code

    def connect(self, profile: ConnectionProfile) -> None:
        """Opens a profile in a window of its own."""
        self.open(profile, open_profile(profile, self._book))

    def open(self, profile: ConnectionProfile, opening: Opening) -> None:
        """Opens a window."""
        self._open.add(asyncio.ensure_future(self._live_in_window(profile, opening)))

    def ask(self) -> None:
        """Opens Welcome, or brings it to the front."""
        if self._front is None:
            self._open.add(asyncio.ensure_future(self._live_in_front()))
        else:
            bring_to_front(self._front)

    async def _live_in_front(self) -> int:
        """Shows Welcome until the user connects or closes it."""
        from kafkaview.ui.window.front import Front  # not needed where a cluster is named

        engine = self._engines.begin()
        front = self._front = Front(self._theme, self._book, self._remembered)
        left = asyncio.Event()

        def go(profile: ConnectionProfile, opening: Opening) -> None:
            if not left.is_set():
                self.open(profile, opening)
                left.set()

        front.demo.connect(lambda: go(_DEMO, open_demo(keep=False)))
        front.connect_to.connect(lambda profile: go(profile, open_profile(profile, self._book)))
        front.closed.connect(left.set)
        front.quit_wanted.connect(self.quit)
        self._windows.append(front)
        front.show()
        front.welcome.focus_first()
        front.tasks.start("book", self._read_book())
        await _first(left.wait(), self._ended.wait())
        await asyncio.sleep(0)  # the window is there before Welcome goes
        self._front = None
        self._windows.remove(front)
        front.keep_place()
        front.hide()
        await front.tasks.close()
        front.deleteLater()
        await self._engines.end(engine)
        return 0

    async def _live_in_window(self, profile: ConnectionProfile, opening: Opening) -> int:
        """Runs one window until it, or the program, is closed."""
        engine = self._engines.begin()
        explains = profile is not _DEMO  # whose form would save what is gone with the window
        window = Window(self._theme, profile, self._book, remembered=self._remembered, explains=explains)
        closed = asyncio.Event()
        window.close_wanted.connect(closed.set)
        window.another.connect(self.ask)
        window.quit_wanted.connect(self.quit)
        self._windows.append(window)
        window.connect_to.connect(lambda chosen: self._from(window, chosen, closed))
        window.show()
        window.tasks.start("book", self._read_book(profile))
        work = asyncio.ensure_future(_serve(window, engine, opening))
        await _first(work, closed.wait(), self._ended.wait())
        failed = work.done() and not closed.is_set() and not self._ended.is_set()
        if failed:
            _say(window, work.exception())
            await _first(closed.wait(), self._ended.wait())
        self._windows.remove(window)
        window.hide()
        await window.tasks.close()
        work.cancel()
        await asyncio.wait([work])
        await self._engines.end(engine)
        window.finish()
        gc.unfreeze()  # what is left of the window is garbage now
        return _FAILED if failed else 0

    def _from(self, window: Window, profile: ConnectionProfile, closed: asyncio.Event) -> None:
        """Connects to another profile. A window that has never connected is closed for it."""
        self.connect(profile)
        if not window.connected:
            closed.set()

    async def _read_book(self, profile: ConnectionProfile | None = None) -> None:
        await self._book.load()
        if profile is not None:
            await self._book.note_use(profile)
        await self._book.find_kerberos()


async def _serve(window: Window, engine: EngineClient, opening: Opening) -> None:
    loaded = asyncio.ensure_future(_load_pages())
    window.tasks.start("rail", _list_pages(window, loaded))
    async with opening(window, engine) as profile:
        await loaded
        gc.freeze()  # modules, classes: to look through them for garbage takes 50 ms each time
        window.complete.connect(gc.freeze)  # and the window's own parts
        window.watch(engine.engine, profile)
        await asyncio.get_running_loop().create_future()  # until it is cancelled


async def _list_pages(window: Window, loaded: asyncio.Future[None]) -> None:
    """Lists the pages in the rail as soon as they are loaded: what is opened may take its time, as the demo does."""
    await asyncio.shield(loaded)
    window.list_pages()


async def _load_pages() -> None:
    """Loads the modules of the pages in short turns, while the window is already painted. A thread must not do this:
    before Python 3.12 PySide notes each class of widgets in a table without a lock, and what Qt paints meanwhile is
    looked up there, which ends the program when the table grows.
    """
    turn_ends = time.monotonic() + _TURN_S
    for module in walk_packages(pages.__path__, f"{pages.__name__}."):
        import_module(module.name)
        if time.monotonic() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.monotonic() + _TURN_S


def open_profile(profile: ConnectionProfile, book: Book) -> Opening:
    """Returns a function that opens a profile, with the secrets that were typed for this run."""

    @asynccontextmanager
    async def open_in(window: Window, engine: EngineClient) -> AsyncIterator[ConnectionProfile]:
        typed = book.typed_secrets(profile)
        window.tasks.start("cause", window.find_cause(book.diagnose, typed))
        await engine.open(profile, typed)
        yield profile

    return open_in


def open_demo(*, keep: bool) -> Opening:
    """Returns a function that starts the demo in an engine of its own and opens it."""

    @asynccontextmanager
    async def open_in(window: Window, engine: EngineClient) -> AsyncIterator[ConnectionProfile]:
        async with running_demo(keep=keep, tell=window.show_demo_step) as (profile, folder):
            await engine.open(profile, Secrets(), folder / "journal.sqlite3")
            yield profile

    return open_in


@asynccontextmanager
async def running_demo(
    *, keep: bool = False, tell: Callable[[DemoStep], object] = lambda _step: None
) -> AsyncIterator[tuple[ConnectionProfile, Path]]:
    """Starts a demo in an engine of its own; yields its profile and its folder. `tell` gets each step of the start."""
    client = EngineClient()
    client.begin()
    try:
        async with aclosing(client.demo(keep=keep)) as steps:
            async for step in steps:
                if isinstance(step, tuple):
                    yield step
                    return
                tell(step)
    finally:
        await client.close()


def _say(window: Window, error: BaseException | None) -> None:
    if isinstance(error, Failure):
        message, hint = error.message, error.hint
    else:
        message, hint = f"{type(error).__name__}: {error}", ""
    print(message, hint, file=sys.stderr)  # noqa: T201
    window.say_failed("This cannot be opened", f"{message} {hint}")


async def _shots(theme: Theme, folder: Path, profile: ConnectionProfile | None, typed: Secrets | None) -> int:
    from kafkaview.gallery.shots import shots  # a tool for pictures; the window does not need it

    client = EngineClient()
    client.begin()
    try:
        if profile is not None:
            await client.open(profile, typed or Secrets())
            return await shots(theme, profile, client.engine, folder)
        async with running_demo() as (demo, place):
            await client.open(demo, Secrets(), place / "journal.sqlite3")
            return await shots(theme, demo, client.engine, folder, carry_out=True)
    finally:
        await client.close()


async def _first(*awaited: Awaitable[object]) -> None:
    """Waits for the first of these awaitables. The tasks created here are cancelled with it."""
    given = [a for a in awaited if isinstance(a, asyncio.Future)]
    made = [asyncio.ensure_future(a) for a in awaited if not isinstance(a, asyncio.Future)]
    try:
        await asyncio.wait([*given, *made], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in made:
            future.cancel()
        await asyncio.gather(*made, return_exceptions=True)
