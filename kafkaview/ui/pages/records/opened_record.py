"""The record in the pane: read in full, a large value in parts, and the one before or after it with the same key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.detail import PART_BYTES, FieldBytes, RecordDetail, RecordField
from kafkaview.records.request import ReadRequest
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation, RecordId
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.records.copy_forms import copy_forms
from kafkaview.ui.pages.records.record_pane import RecordPane
from kafkaview.words import number, size


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
        self.pane.views.more_wanted.connect(self._show_more)
        self.pane.views.save_wanted.connect(self._choose_file)
        self.pane.views.schema_wanted.connect(self._show_schemas)
        self.pane.same_key.connect(self._find_same_key)

    def open(self, record: RecordId, *, uncommitted: bool) -> None:
        """Reads a record and shows it, unless it is shown."""
        self.id, self._uncommitted = record, uncommitted
        self.pane.show()
        if self.pane.shows(record):
            return
        self.pane.show_loading(f"{record.topic_partition} @ {number(record.offset)}")
        self._context.tasks.ask("records.one", self._read(record), self._show_missing)

    def read_again(self) -> None:
        """Shows the record as the topic's formats read it now."""
        if self.id is not None:
            self._context.tasks.ask("records.one", self._read(self.id), self._show_missing)

    @property
    def source(self) -> tuple[RecordId, bool] | None:
        """The record, and whether it may be uncommitted; None while none is shown."""
        return (self.id, self._uncommitted) if self.id is not None and self.pane.shows(self.id) else None

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
        self.pane.show_missing(sentences(error))

    def _show_more(self) -> None:
        if self.pane.record is not None and self.pane.record.value is not None:
            self._context.tasks.ask("records.one", self._read_more(self.pane.record), self._report_part)

    async def _read_more(self, record: RecordDetail) -> None:
        """Reads the next part of the value, and of the text that is made of it."""
        assert record.value is not None
        place, offset, reading = record.id.topic_partition, record.id.offset, record.value_reading
        engine, value = self._context.engine, record.value
        if not value.complete:
            have = len(value.head)
            part = await engine.record_bytes(
                place, offset, RecordField.VALUE, have, PART_BYTES, uncommitted=self._uncommitted
            )
            value = FieldBytes(value.head + part, value.size)
        if reading is not None and reading.text is not None:
            have = len(reading.text)
            text = await engine.record_text(place, offset, have, PART_BYTES, uncommitted=self._uncommitted)
            reading = replace(reading, text=reading.text + text)
        if self.pane.shows(record.id):
            self.pane.show_more(replace(record, value=value, value_reading=reading))

    def _report_part(self, error: ClusterError) -> None:
        self.told.emit(sentences(error))

    def _show_schemas(self) -> None:
        if self.pane.record is not None:
            schema = self.pane.views.schema
            work = self._read_schemas(self.pane.record.id)
            self._context.tasks.ask("records.schema", work, lambda error: schema.say(sentences(error)))

    async def _read_schemas(self, record: RecordId) -> None:
        schemas = await self._context.engine.record_schemas(
            record.topic_partition, record.offset, uncommitted=self._uncommitted
        )
        if self.pane.shows(record):
            self.pane.views.schema.show_schemas(schemas)

    def _choose_file(self) -> None:
        """Asks for the file that takes the bytes of the value."""
        record = self.pane.record
        if record is None:
            return
        name, save = f"{record.id.partition}-{record.id.offset}.bin", lambda path, _kind: self.save(record.id, path)
        ask_where_to_save(self._context.window, f"Save the value of {record.id}", name, save)

    def save(self, record: RecordId, path: Path) -> None:
        """Writes the bytes of a record's value into a file."""
        work = self._save(record, path)
        self._context.tasks.start("records.save", work, title=f"Saving {record}", on_error=self._report_save)

    async def _save(self, record: RecordId, path: Path) -> None:
        written = await self._context.engine.save_value(
            record.topic_partition, record.offset, path, uncommitted=self._uncommitted
        )
        self.told.emit(f"{size(written)}, the value of {record}, written to {path}")

    def _report_save(self, error: Exception) -> None:
        if not isinstance(error, ClusterError | OSError):
            raise error
        self.told.emit(f"Not saved: {error.message if isinstance(error, ClusterError) else error}")

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
            key=key,
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
        if not isinstance(error, ClusterError):
            raise error
        self.told.emit(sentences(error))
