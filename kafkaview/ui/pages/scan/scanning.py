"""A scan and what it found, as signals."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.triage.scan.request import ScanRequest
from kafkaview.triage.scan.scan import Finding, ScanProgress
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.scan.words import end_line, progress_line

_TASK = "scan"


class Scanning(QObject):
    """Runs one scan at a time in the window's tasks; the status bar shows it too. What the last one found stays until
    another begins.
    """

    changed = Signal()
    found = Signal()  # more findings, or none any more

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.request: ScanRequest | None = None
        self.progress = ScanProgress()
        self.findings: list[Finding] = []
        self.records: set[RecordId] = set()  # that were found, by a value, a key or a header
        self.runs = False
        self.complete = False  # it came to its end, and nothing was left out
        self.words = ""
        self.wrong = ""

    @property
    def fraction(self) -> float:
        """The part that is read, from 0 to 1."""
        if self.request is None or self.wrong:
            return 0.0
        done = self.progress
        return done.passed / done.total if done.total else float(not self.runs)

    def start(self, request: ScanRequest) -> None:
        """Scans a range of a topic."""
        self.request, self.progress, self.findings, self.records = request, ScanProgress(), [], set()
        self.runs, self.complete, self.wrong = True, False, ""
        self.words = f"Asking for the ends of {request.topic}"
        work = self._scan(request)
        title = f"Scanning {request.topic}"
        self._context.tasks.start(
            _TASK,
            work,
            title=title,
            on_error=self._report_error,
            on_unstarted=partial(self._finish, cancelled=True),
            cancellable=True,
        )
        self.found.emit()
        self.changed.emit()

    def cancel(self) -> None:
        """Cancels the scan, if it runs. Its findings stay."""
        self._context.tasks.cancel(_TASK)
        self._finish(cancelled=True)

    async def _scan(self, request: ScanRequest) -> None:
        try:
            async with aclosing(self._context.engine.scan(request)) as steps:
                async for progress in steps:
                    self._step(progress)
        except asyncio.CancelledError:
            self._finish(cancelled=True)  # from the status bar
            raise
        self._finish(cancelled=False)

    def _step(self, progress: ScanProgress) -> None:
        self.progress = progress
        self.words = progress_line(progress)
        fraction = progress.passed / progress.total if progress.total else None
        self._context.tasks.progress(_TASK, self.words, fraction)
        if progress.findings:
            self.findings.extend(progress.findings)
            self.records.update(finding.record for finding in progress.findings)
            self.found.emit()
        self.changed.emit()

    def _finish(self, *, cancelled: bool) -> None:
        """Says once how the scan ended."""
        if self.runs:
            self.runs = False
            self.complete = self.progress.complete and not cancelled
            self.words = end_line(self.progress, cancelled=cancelled)
            self.changed.emit()

    def _report_error(self, error: Exception) -> None:
        self.runs = False
        if isinstance(error, ClusterError):
            self.wrong = sentences(error)
        elif isinstance(error, ValueError | OSError):
            self.wrong = f"{error}."
        else:
            raise error
        self.words = ""
        self.changed.emit()
