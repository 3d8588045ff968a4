"""An export of entries as signals: the file is chosen, then written by the engine, with progress and a cancel."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.journal.search import JournalRequest
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.page import Context
from kafkaview.words import number, plural, size

_TASK: Final = "journal.export"


class EntriesExport(QObject):
    """Exports what was found; one at a time. Cancelled, it leaves no file."""

    told = Signal(str)  # what came of it

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def choose_file(self, request: JournalRequest) -> None:
        """Asks for the file, then exports."""
        begin = lambda path, _kind: self.begin(request, path)  # noqa: E731
        ask_where_to_save(
            self._context.window,
            "Export entries of the journal",
            "journal.jsonl",
            begin,
            kinds=("JSON lines (*.jsonl)",),
        )

    def begin(self, request: JournalRequest, path: Path) -> None:
        """Exports entries into a file."""
        work = self._write(request, path)
        self._context.tasks.start(
            _TASK, work, title="Exporting the journal", on_error=self._report_error, cancellable=True
        )

    async def _write(self, request: JournalRequest, path: Path) -> None:
        async with aclosing(self._context.engine.export_journal(request, path)) as steps:
            async for step in steps:
                words = f"{number(step.written)} of {plural(step.total, 'entry', 'entries')}"
                self._context.tasks.progress(_TASK, words, step.written / step.total if step.total else None)
                if step.ended:
                    written = plural(step.written, "entry", "entries")
                    self.told.emit(f"{written}, {size(step.size)}, written to {path}")

    def _report_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError | OSError):
            raise error
        self.told.emit(f"Not exported: {error.message if isinstance(error, ClusterError) else error}")
