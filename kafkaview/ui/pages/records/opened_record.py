"""The record in the pane: read in full, a large value in parts, and the one before or after it with the same key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.detail import FieldBytes, RecordDetail, RecordField
from kafkaview.records.request import ReadRequest
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation, RecordId
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.records.copy_forms import copy_forms
from kafkaview.ui.pages.records.record_pane import RecordPane
from kafkaview.words import number, size

_PART: Final = 262_144  # bytes of a large value that are added at once, at least


class OpenedRecord(QObject):
    """Shows one record in its pane. It need not be in the table."""

    shown = Signal()  # a record is in the pane, in full or a part of it
    found = Signal(object)  # the RecordRow with the same key
    told = Signal(str)  # what came of a search for the same key

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.id: RecordId | None = None
        self._uncommitted = False
        self.pane = RecordPane(context.theme, self.copy_forms)
        self.pane.hide()
        self.pane.more_wanted.connect(self._show_more)
        self.pane.same_key.connect(self._find_same_key)

    def open(self, record: RecordId, *, uncommitted: bool) -> None:
        """Reads a record and shows it, unless it is shown."""
        self.id, self._uncommitted = record, uncommitted
        self.pane.show()
        if self.pane.shows(record):
            return
        self.pane.show_loading(f"{record.topic_partition} @ {number(record.offset)}")
        self._context.tasks.ask("records.one", self._read(record), self._show_missing)

    def close(self) -> None:
        """Shows no record."""
        self.id = None
        self.pane.hide()

    def command_line(self, record: RecordId) -> str:
        """Returns the `kafkaview` line that reads a record."""
        options = ("--partition", str(record.partition), "--from", str(record.offset), "--max", "1")
        return self._context.command_line("records", record.topic, options=options)

    def copy_forms(self, record: RecordDetail) -> Sequence[tuple[str, str | None]]:
        """Returns the forms in which a record is copied, each with its name; None where it is not whole."""
        return copy_forms(self._context.profile, self.command_line(record.id), record)

    async def _read(self, record: RecordId) -> None:
        place = record.topic_partition
        self.pane.show_record(await self._context.engine.record_at(place, record.offset, uncommitted=self._uncommitted))
        self.shown.emit()

    def _show_missing(self, error: ClusterError) -> None:
        self.pane.show_missing(f"{error.message} {error.hint}".strip())

    def _show_more(self) -> None:
        if self.pane.record is not None and self.pane.record.value is not None:
            self._context.tasks.ask("records.one", self._read_more(self.pane.record), self._show_missing)

    async def _read_more(self, record: RecordDetail) -> None:
        assert record.value is not None
        place, have = record.id.topic_partition, len(record.value.head)
        part = await self._context.engine.record_bytes(
            place, record.id.offset, RecordField.VALUE, have, max(have, _PART), uncommitted=self._uncommitted
        )
        if self.pane.shows(record.id):
            self.pane.show_record(replace(record, value=FieldBytes(record.value.head + part, record.value.size)))

    def _find_same_key(self, way: int) -> None:
        """Shows the record before or after this one on its partition that has the same key."""
        record = self.pane.record
        if record is None or record.key is None:
            return
        if not record.key.complete:
            self.told.emit(f"The key has {size(record.key.size)}: too large to look for")
            return
        title = f"Looking for the record {'before' if way < 0 else 'after'} with the same key"
        work = self._read_same_key(record.id, record.key.head, way)
        self._context.tasks.start(
            "records.same_key", work, title=title, on_error=self._report_same_key, cancellable=True
        )

    async def _read_same_key(self, record: RecordId, key: bytes, way: int) -> None:
        request = ReadRequest(
            record.topic,
            start="beginning" if way < 0 else str(record.offset + 1),
            end=str(record.offset) if way < 0 else "end",
            partitions=(record.partition,),
            key=key.decode(),
            isolation=Isolation.READ_UNCOMMITTED if self._uncommitted else Isolation.READ_COMMITTED,
            limit=None if way < 0 else 1,  # a search goes forwards: the one before is the last that it finds
        )
        found: RecordRow | None = None
        async with aclosing(self._context.engine.read_records(request)) as batches:
            async for batch in batches:
                found = batch.rows[-1] if batch.rows else found
        if found is None:
            self.told.emit(f"No record {'before' if way < 0 else 'after'} this one has its key")
        else:
            self.found.emit(found)

    def _report_same_key(self, error: Exception) -> None:
        if isinstance(error, UnicodeDecodeError):
            self.told.emit("The key is no text: records are found by keys that are UTF-8")
        elif isinstance(error, ClusterError):
            self.told.emit(f"{error.message} {error.hint}".strip())
        else:
            raise error
