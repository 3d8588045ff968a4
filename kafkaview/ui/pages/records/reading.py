"""A read of records as signals: a page, a search, or what comes in. One runs at a time; a new one ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.progress import ReadProgress
from kafkaview.records.request import FollowRequest, ReadRequest
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.records.words import describe_run

_TASK = "records.read"


class RecordReader(QObject):
    """Runs reads in the window's tasks; the status bar shows them and can cancel them."""

    arrived = Signal(object)  # RecordsBatch
    came = Signal(object)  # Arrival, while it follows
    ended = Signal(bool)  # whether it was cancelled; the end of what is followed is that of its topic
    failed = Signal(object)  # ClusterError
    refused = Signal(str)  # what is wrong with the request

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._run = 0  # counts the reads: the end of an earlier one says nothing of this one
        self.follows = False
        self.broke = False  # whether an error has ended the last one

    @property
    def runs(self) -> bool:
        """Whether a read goes on."""
        return self._context.tasks.is_running(_TASK)

    def read(self, request: ReadRequest) -> None:
        """Reads a page or, with an expression, searches the range."""
        self.follows = False
        verb = "Searching" if request.where else "Reading"
        self._start(f"{verb} {request.topic}", partial(self._read, request))

    def follow(self, request: FollowRequest) -> None:
        """Follows what comes in."""
        self.follows = True
        self._start(f"Following {request.topic}", partial(self._follow, request))

    def cancel(self) -> None:
        """Ends the read, if one runs."""
        if self.runs:
            self._context.tasks.cancel(_TASK)

    def _start(self, title: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._run += 1
        self._context.tasks.start(
            _TASK,
            self._tell_end(work, self._run),
            title=title,
            on_error=self._report_error,
            on_unstarted=partial(self._note_end, self._run, cancelled=True),
            cancellable=True,
        )

    async def _read(self, request: ReadRequest) -> None:
        found = 0
        async with aclosing(self._context.engine.read_records(request)) as batches:
            async for batch in batches:
                found += len(batch.rows)
                self._say(batch.progress, found, searches=bool(request.where))
                self.arrived.emit(batch)

    async def _follow(self, request: FollowRequest) -> None:
        async with aclosing(self._context.engine.follow_records(request)) as arrivals:
            async for arrival in arrivals:
                self.came.emit(arrival)

    async def _tell_end(self, work: Callable[[], Coroutine[Any, Any, None]], run: int) -> None:
        cancelled = self.broke = False
        try:
            await work()
        except asyncio.CancelledError:
            cancelled = True
            raise
        except (ClusterError, ValueError):
            self.broke = True
            raise
        finally:
            self._note_end(run, cancelled=cancelled)

    def _note_end(self, run: int, *, cancelled: bool) -> None:
        if run == self._run:
            self.follows = False
            self.ended.emit(cancelled)

    def _say(self, progress: ReadProgress, found: int, *, searches: bool) -> None:
        fraction = progress.passed / progress.total if progress.total else None
        self._context.tasks.progress(_TASK, describe_run(progress, found, searches=searches), fraction)

    def _report_error(self, error: Exception) -> None:
        if isinstance(error, ClusterError):
            self.failed.emit(error)
        elif isinstance(error, ValueError):
            self.refused.emit(f"{error}.")
        else:
            raise error
