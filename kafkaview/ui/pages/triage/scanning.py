"""A running scan, as signals. Cancelling ends it within half a second."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from PySide6.QtCore import QObject, Signal, SignalInstance

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.scan.scan import ScanProgress
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.triage.scan_words import progress_line

_TASK = "scan"


class Scanning(QObject):
    """Runs one scan at a time in the window's tasks; the status bar shows it too."""

    progressed = Signal(object)  # ScanProgress
    ended = Signal(object)  # the last ScanProgress
    cancelled = Signal(object)
    failed = Signal(str)

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._last = ScanProgress()
        self._runs = False

    def start(self, topic: str, rule: str, start: str) -> None:
        """Scans a topic from a position to its present end. An empty rule means the topic's own decoder."""
        self._last = ScanProgress()
        self._runs = True
        work = self._scan(topic, rule, start)
        self._context.tasks.start(_TASK, work, title=f"Scanning {topic}", on_error=self._report_error, cancellable=True)

    def cancel(self) -> None:
        """Cancels the scan, if it runs."""
        self._context.tasks.cancel(_TASK)
        self._finish(self.cancelled)

    async def _scan(self, topic: str, rule: str, start: str) -> None:
        try:
            async with aclosing(self._context.engine.scan(topic, rule, start)) as steps:
                async for progress in steps:
                    self._step(progress)
        except asyncio.CancelledError:
            self._finish(self.cancelled)  # from the status bar
            raise
        self._finish(self.ended)

    def _step(self, progress: ScanProgress) -> None:
        self._last = progress
        fraction = progress.passed / progress.total if progress.total else None
        self._context.tasks.progress(_TASK, progress_line(progress), fraction)
        self.progressed.emit(progress)

    def _finish(self, signal: SignalInstance) -> None:
        """Emits once how the scan ended."""
        if self._runs:
            self._runs = False
            signal.emit(self._last)

    def _report_error(self, error: Exception) -> None:
        self._runs = False
        if isinstance(error, ClusterError):
            self.failed.emit(f"{error.message}. {error.hint}".strip())
        elif isinstance(error, ValueError | OSError):
            self.failed.emit(f"{error}.")
        else:
            raise error
