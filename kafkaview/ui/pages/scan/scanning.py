"""A scan and what it found, as signals."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.triage.scan.request import ScanRequest
from kafkaview.triage.scan.scan import Finding, ScanProgress
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.scan.words import cut_off_line, end_line, found_line, progress_line

_TASK = "scan"


@dataclass
class ScanResult:
    """What a scan has read and found so far."""

    request: ScanRequest
    progress: ScanProgress = field(default_factory=ScanProgress)
    findings: list[Finding] = field(default_factory=list)
    records: set[RecordId] = field(default_factory=set)  # that were found, by a value, a key or a header
    complete: bool = False  # it came to its end, and nothing was left out
    words: str = ""


class Scanning(QObject):
    """Runs one scan at a time in the window's tasks; the status bar shows it too. What the last one found stays until
    another one has read something.
    """

    changed = Signal()
    found = Signal()  # more findings, or none any more

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.result: ScanResult | None = None
        self.runs = False
        self.wrong = ""  # why the last scan could not go on,
        self.refused: ScanRequest | None = None  # and what it was of
        self._before: ScanResult | None = None

    @property
    def request(self) -> ScanRequest | None:
        """What the result is of."""
        return self.result.request if self.result is not None else None

    @property
    def findings(self) -> Sequence[Finding]:
        """What is found."""
        return self.result.findings if self.result is not None else ()

    @property
    def head(self) -> str:
        """The result in a few words."""
        result = self.result
        if result is None:
            return ""
        return found_line(result.request.topic, result.progress, runs=self.runs, complete=result.complete)

    @property
    def fraction(self) -> float:
        """The part that is read, from 0 to 1."""
        if self.result is None:
            return 0.0
        done = self.result.progress
        return done.passed / done.total if done.total else float(not self.runs)

    def start(self, request: ScanRequest) -> None:
        """Scans a range of a topic."""
        self._before, self.result = self.result, ScanResult(request, words=f"Asking for the ends of {request.topic}")
        self.runs, self.wrong, self.refused = True, "", None
        self._context.tasks.start(
            _TASK,
            self._scan(self.result),
            title=f"Scanning {request.topic}",
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

    async def _scan(self, result: ScanResult) -> None:
        try:
            async with aclosing(self._context.engine.scan(result.request)) as steps:
                async for progress in steps:
                    self._step(result, progress)
        except asyncio.CancelledError:
            self._finish(cancelled=True)  # from the status bar
            raise
        self._finish(cancelled=False)

    def _step(self, result: ScanResult, progress: ScanProgress) -> None:
        result.progress = progress
        result.words = progress_line(progress)
        fraction = progress.passed / progress.total if progress.total else None
        self._context.tasks.progress(_TASK, result.words, fraction)
        if progress.findings:
            result.findings.extend(progress.findings)
            result.records.update(finding.record for finding in progress.findings)
            self.found.emit()
        self.changed.emit()

    def _finish(self, *, cancelled: bool) -> None:
        """Says once how the scan ended."""
        if self.runs and self.result is not None:
            self.runs = False
            self.result.complete = self.result.progress.complete and not cancelled
            self.result.words = end_line(self.result.progress, cancelled=cancelled)
            self.changed.emit()

    def _report_error(self, error: Exception) -> None:
        result = self.result
        assert result is not None
        self.runs, self.refused = False, result.request
        if isinstance(error, ClusterError):
            self.wrong = sentences(error)
        elif isinstance(error, ValueError | OSError):
            self.wrong = f"{str(error).rstrip('.')}."
        else:
            self.result = self._before
            raise error
        if result.progress.scanned:
            result.words = cut_off_line(result.progress)
        else:
            self.result = self._before  # nothing was read: what was found before is not given up for that
        self.found.emit()
        self.changed.emit()
