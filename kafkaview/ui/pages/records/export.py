"""An export of the range as signals: the file is chosen, then written by the engine, with progress and a cancel."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.export import ExportFormat
from kafkaview.records.export_file import ExportRequest
from kafkaview.records.request import ReadRequest
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.records.words import describe_run
from kafkaview.words import plural, size

_TASK: Final = "records.export"
_KINDS: Final = {
    "JSON lines, every byte (*.jsonl)": (ExportFormat.JSON, ".jsonl", False),
    "CSV (*.csv)": (ExportFormat.CSV, ".csv", False),
    "CSV for spreadsheets, formulas as text (*.csv)": (ExportFormat.CSV, ".csv", True),
    "Values as they are, a line each (*.txt)": (ExportFormat.RAW, ".txt", False),
}


class Export(QObject):
    """Exports one range at a time; closing the window ends it and leaves no file."""

    told = Signal(str)  # what came of it

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def choose_file(self, request: ReadRequest) -> None:
        """Asks for the file and its format, then exports."""
        begin = lambda path, kind: self.begin(request, path, kind)  # noqa: E731
        ask_where_to_save(
            self._context.window, f"Export records of {request.topic}", "records", begin, kinds=tuple(_KINDS)
        )

    def begin(self, request: ReadRequest, path: Path, kind: str) -> None:
        """Exports a range into a file of one of the kinds."""
        format_, suffix, neutralized = _KINDS[kind]
        whole = path if path.suffix else path.with_suffix(suffix)
        work = self._write(ExportRequest(request, whole, format_, neutralize_formulas=neutralized))
        self._context.tasks.start(
            _TASK, work, title=f"Exporting {request.topic}", on_error=self._report_error, cancellable=True
        )

    async def _write(self, request: ExportRequest) -> None:
        async with aclosing(self._context.engine.export_records(request)) as steps:
            async for step in steps:
                read = step.read
                fraction = read.passed / read.total if read.total else None
                words = describe_run(read, step.written, searches=bool(request.records.where))
                self._context.tasks.progress(_TASK, words, fraction)
                if step.ended:
                    part = "" if read.complete else ", not all of the range could be read"
                    written = f"{plural(step.written, 'record')}, {size(step.size)}"
                    self.told.emit(". ".join([f"{written}, written to {request.path}{part}", *step.notes]))

    def _report_error(self, error: Exception) -> None:
        if isinstance(error, ClusterError):
            self.told.emit(f"Not exported: {sentences(error)}")
        elif isinstance(error, ValueError | OSError):
            self.told.emit(f"Not exported: {error}")
        else:
            raise error
