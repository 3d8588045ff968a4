"""Every coroutine of the window: kept, replaced by name, reported, cancelled and ended in one place. A bare
`create_task` would hide its error and might be collected while it runs. The one broad `except` of the program is here,
where a failed task meets the user.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from traceback import clear_frames
from typing import Any

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.failure import Failure
from kafkaview.log_files import keep_traceback

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """Running work as the status bar shows it. Work without a title is not shown."""

    name: str
    title: str
    text: str = ""
    fraction: float | None = None
    cancellable: bool = False


class Tasks(QObject):
    """Runs coroutines under names. A new one cancels the running one of the same name."""

    changed = Signal()  # what runs, or how far it is
    failed = Signal(str, object)  # the title or name, and the exception that nobody else took

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._ending: set[asyncio.Task[Any]] = set()
        self._replaced: set[asyncio.Task[Any]] = set()  # of those, by one of the same name
        self._works: dict[str, Work] = {}
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def works(self) -> tuple[Work, ...]:
        """Running work that is shown, the newest last."""
        return tuple(self._works.values())

    def start(
        self,
        name: str,
        coro: Coroutine[Any, Any, Any],
        *,
        title: str = "",
        on_error: Callable[[Exception], object] | None = None,
        on_unstarted: Callable[[], object] | None = None,
        cancellable: bool = False,
        owner: QObject | None = None,
    ) -> None:
        """Runs a coroutine. An exception goes to `on_error`, else to `failed`. After `close` nothing starts. It is
        cancelled when its `owner` is deleted, as what a sheet shows is with the sheet. `on_unstarted` is called where
        it is cancelled before its first step and not replaced: then nothing in the coroutine tells of its end.
        """
        if self._closed:
            coro.close()
            return
        if name in self._running:
            self._replaced.add(self._running[name])
        self.cancel(name)
        self._loop = self._loop or asyncio.get_running_loop()  # Qt may deliver an event while the loop pauses
        task = self._loop.create_task(self._run(name, title, coro, on_error), name=name)
        self._running[name] = task
        if title:
            self._works[name] = Work(name, title, cancellable=cancellable)
        task.add_done_callback(lambda done: self._finish(name, done, coro, on_unstarted))
        if owner is not None:
            owner.destroyed.connect(lambda _owner: task.cancel())
        self.changed.emit()

    def ask(
        self, name: str, coro: Coroutine[Any, Any, Any], refuse: Callable[[ClusterError], object] | None = None
    ) -> None:
        """Runs a request to the cluster. An error goes to `refuse`; without it, the page keeps what it shows and the
        window says why there is nothing new.
        """

        def handle_error(error: Exception) -> None:
            if not isinstance(error, ClusterError):
                raise error
            if refuse is not None:
                refuse(error)

        self.start(name, coro, on_error=handle_error)

    def is_running(self, name: str) -> bool:
        """Returns whether a coroutine of this name runs."""
        return name in self._running

    def progress(self, name: str, text: str, fraction: float | None = None) -> None:
        """Sets the progress of running work."""
        work = self._works.get(name)
        if work is not None:
            self._works[name] = replace(work, text=text, fraction=fraction)
            self.changed.emit()

    def cancel(self, name: str) -> None:
        """Cancels the work of this name, if it runs."""
        task = self._running.pop(name, None)
        if task is not None:
            self._works.pop(name, None)
            self._ending.add(task)
            task.cancel()
            self.changed.emit()

    def cancel_newest(self) -> None:
        """Cancels the work that the status bar shows, if it can be cancelled."""
        for work in reversed(self.works):
            if work.cancellable:
                self.cancel(work.name)
                return

    async def close(self) -> None:
        """Cancels all work and waits until it has ended."""
        self._closed = True
        for name in tuple(self._running):
            self.cancel(name)
        while self._ending:
            await asyncio.wait(tuple(self._ending))
            await asyncio.sleep(0)  # lets the done callbacks run

    async def _run(
        self,
        name: str,
        title: str,
        coro: Coroutine[Any, Any, Any],
        on_error: Callable[[Exception], object] | None,
    ) -> None:
        try:
            try:
                await coro
            except Exception as error:
                if on_error is None or self._running.get(name) is not asyncio.current_task():
                    raise
                on_error(error)
        except Exception as error:  # noqa: BLE001  # the one place where a failed task meets the user
            if not isinstance(error, Failure):
                keep_traceback(error)
            if self._running.get(name) is asyncio.current_task():  # else it was replaced, and nobody waits for it
                self.failed.emit(title or name, error)
            clear_frames(error.__traceback__)  # what they hold may be a password, and some hold the error itself

    def _finish(
        self,
        name: str,
        task: asyncio.Task[Any],
        coro: Coroutine[Any, Any, Any],
        on_unstarted: Callable[[], object] | None,
    ) -> None:
        unstarted = inspect.getcoroutinestate(coro) == inspect.CORO_CREATED
        coro.close()
        self._ending.discard(task)
        if self._running.get(name) is task:
            del self._running[name]
            self._works.pop(name, None)
            self.changed.emit()
        told_by_another = task in self._replaced or name in self._running
        self._replaced.discard(task)
        if unstarted and on_unstarted is not None and not told_by_another:
            on_unstarted()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s could not report its error", name, exc_info=error)
