"""The records of an entry: their list, and the selected one as the record views show it, or why it cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.journal.payloads import MaskedPart
from kafkaview.records.detail import FieldBytes, RecordDetail
from kafkaview.terms import Header, RecordId
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.layout import clear_grid, column
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.journal.column_looks import PAYLOADS
from kafkaview.ui.pages.journal.words import describe_payloads
from kafkaview.ui.record.headers import HeadersTable
from kafkaview.ui.record.record_views import RecordViews
from kafkaview.words import number, size
from kafkaview.writes.journal_view import EntryView, PayloadRow, PayloadView

_LISTED: Final = 200  # records at once
_ROWS: Final = 5  # in sight
_VIEWS_HIGH, _HEADERS_HIGH = 300, 130
_VIEWS: Final = ("value", "tree", "text", "hex", "key", "decoders")
_LIST, _RECORD, _SAVE = "journal.payloads", "journal.payload", "journal.save"


class PayloadBlock(QWidget):
    """Shows the records of one entry. `told` says what came of saving one."""

    told = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._entry: EntryView | None = None
        self._rows: list[PayloadRow] = []
        self.shown: PayloadView | None = None
        self.head = Text(size=12, weight=600, wrap=True)
        self.model: TableModel[PayloadRow] = TableModel(PAYLOADS, lambda row: row.record)
        menu: RowMenu[PayloadRow] = RowMenu(None, self._links)
        self.table: Table[PayloadRow] = Table(theme, self.model, "Records of the entry", menu=menu)
        self.more = Button(theme, kind=ButtonKind.LINK, clicked=self._read_more)
        self.problem = Text(size=12, tone="warn_text", wrap=True)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self._grid.setHorizontalSpacing(12)
        self.masked = QWidget()
        self.masked.setLayout(self._grid)
        self.views = RecordViews(theme, _VIEWS)
        self.views.setFixedHeight(theme.px(_VIEWS_HIGH))
        self.headers = HeadersTable(theme)
        self.headers.setFixedHeight(theme.px(_HEADERS_HIGH))
        self.views.save_wanted.connect(self._choose_file)
        self.table.chosen.connect(self._choose)
        below = (self.table, self.more, self.problem, self.masked, self.views, self.headers)
        self.setLayout(column(self.head, *below, gap=6))
        self._show_nothing()

    def show_entry(self, entry: EntryView) -> None:
        """Shows the records of an entry, the first one in full."""
        anew = self._entry is None or self._entry.id != entry.id
        self._entry = entry
        count, gone = entry.payloads.count, entry.payloads.removed_at_ms is not None
        self.setVisible(count > 0)
        self.head.setText(describe_payloads(entry.payloads))
        if anew or gone:
            self._rows = []
            self._show_nothing()
            if count and not gone:
                self._read_more()

    def _read_more(self) -> None:
        if self._entry is not None:
            work = self._list(self._entry, len(self._rows))
            self._context.tasks.ask(_LIST, work, self._refuse)

    async def _list(self, entry: EntryView, first: int) -> None:
        rows = await self._context.engine.journal_payloads(entry.id, first, _LISTED)
        if not self._shows(entry):
            return
        self._rows += rows
        count = max(entry.payloads.count, len(self._rows))
        self.table.set_rows(tuple(self._rows))
        self.table.setVisible(count > 1)
        self.table.fit_rows(_ROWS)
        self.more.setText(f"Show more of {number(count)}")
        self.more.setVisible(len(rows) == _LISTED and len(self._rows) < count)
        if first == 0 and rows:
            self.table.choose(rows[0].record)

    def _choose(self, row: PayloadRow | None) -> None:
        if row is not None and self._entry is not None:
            self._context.tasks.ask(_RECORD, self._read(self._entry, row.record), self._refuse)

    async def _read(self, entry: EntryView, record: RecordId) -> None:
        found = await self._context.engine.journal_payload(entry.id, record)
        if found is not None and self._shows(entry):
            self._show_payload(found)

    def _shows(self, entry: EntryView) -> bool:
        """Whether it is the entry that is shown, which may have been read again meanwhile."""
        return self._entry is not None and self._entry.id == entry.id

    def _show_payload(self, payload: PayloadView) -> None:
        self.shown, detail = payload, payload.detail
        self._say(payload.problem)
        self._show_masked(payload.masked)
        for part in (self.views, self.headers):
            part.setVisible(detail is not None)
        if detail is not None:
            self.views.show_record(detail)
            self.views.more.setEnabled(False)
            self.views.more.setText(f"{size(detail.value.size)}, shown in part" if detail.value is not None else "")
            self._show_headers(detail)

    def _show_headers(self, detail: RecordDetail) -> None:
        headers = detail.headers or ()
        self.headers.show_headers(
            [Header(header.key, _head(header.value)) for header in headers],
            sizes=[header.value.size if header.value is not None else None for header in headers],
        )

    def _show_masked(self, parts: tuple[MaskedPart, ...]) -> None:
        clear_grid(self._grid)
        for row, part in enumerate(parts):
            name = f"Header {part.header}" if part.header is not None else part.part.capitalize()
            digest = "null" if part.sha256 is None else f"SHA-256 {part.sha256}"
            self._grid.addWidget(Text(name, size=12, tone="text_2"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Text(size(part.size), size=12), row, 1, Qt.AlignmentFlag.AlignTop)
            words = Text(digest, size=12, mono=part.sha256 is not None, wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(words, row, 2)
        self.masked.setVisible(bool(parts))

    def _show_nothing(self) -> None:
        self.shown = None
        self.views.show_nothing()
        for part in (self.table, self.more, self.problem, self.masked, self.views, self.headers):
            part.hide()

    def _refuse(self, error: ClusterError) -> None:
        self._say(error)

    def _say(self, error: ClusterError | None) -> None:
        self.problem.setText(sentences(error) if error is not None else "")
        self.problem.setVisible(error is not None)

    def _links(self, row: PayloadRow) -> list[RowLink]:
        """Returns the way to a record; one that was produced had no place yet."""
        record = row.record
        return [self._context.link(f"Read {record}", "records", str(record))] if record.offset >= 0 else []

    def _choose_file(self) -> None:
        """Asks for the file that takes the bytes of the value."""
        if self.shown is None:
            return
        record = self.shown.record
        name, save = f"{record.partition}-{record.offset}.bin", lambda path, _kind: self.save(record, path)
        ask_where_to_save(self._context.window, f"Save the value of {record}", name, save)

    def save(self, record: RecordId, path: Path) -> None:
        """Writes the bytes of a record's value into a file."""
        if self._entry is not None:
            work = self._save(self._entry.id, record, path)
            self._context.tasks.start(_SAVE, work, title=f"Saving {record}", on_error=self._report_save)

    async def _save(self, entry_id: int, record: RecordId, path: Path) -> None:
        written = await self._context.engine.save_journal_value(entry_id, record, path)
        self.told.emit(f"{size(written)}, the value of {record}, written to {path}")

    def _report_save(self, error: Exception) -> None:
        if not isinstance(error, ClusterError | OSError):
            raise error
        self.told.emit(f"Not saved: {error.message if isinstance(error, ClusterError) else error}")


def _head(data: FieldBytes | None) -> bytes | None:
    return None if data is None else data.head
