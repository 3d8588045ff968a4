"""The sheet that takes pasted log lines: the records that they blame, and what can be done with one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel
from kafkaview.ui.record.finding_pane import FindingPane
from kafkaview.words import name_text, plural

_TASK: Final = "triage.log"
_REST_MS: Final = 200  # of typing and pasting, before it is read
_UNKNOWN: Final = "No line names a record: topic, partition and offset in the wording of a consumer."


class LogSheet(Sheet):
    """Reads what is pasted as soon as it rests. What was found is to be kept as incidents when it is closed."""

    send_wanted = Signal(object)  # BlamedRecord
    open_wanted = Signal(object)  # RecordId
    found = Signal(object)  # the BlamedRecords, when the sheet is closed

    def __init__(self, context: Context, why_not_write: str) -> None:
        super().__init__(context.theme, context.window, width=900)
        theme = context.theme
        self._context = context
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Log lines")
        self.text.setPlaceholderText(
            "Paste a line, or a stack trace of many, as the consumer or its collector wrote it"
        )
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.font(12, mono=True))
        self.text.setFixedHeight(theme.px(130))
        self._said = Text(size=12, tone="text_2", wrap=True)
        self.model: TableModel[BlamedRecord] = TableModel(_COLUMNS, lambda row: (row.topic, row.partition, row.offset))
        self.table: Table[BlamedRecord] = Table(theme, self.model, "Records that the lines blame")
        self.record = FindingPane(context)
        self.file_button = Button(theme, "Read a file…", icon="scroll-text", tall=True, clicked=self._choose_file)
        self.close_button = Button(theme, "Close", tall=True, clicked=self.lift)
        self.open_button = Button(theme, "Open in Records", tall=True, clicked=self._open)
        self.send_button = Button(
            theme, "Send to DLQ and skip…", kind=ButtonKind.PRIMARY, icon="send", tall=True, clicked=self._send
        )
        self._why_not_write = why_not_write
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._read)
        self.text.textChanged.connect(self._rest.start)
        self.table.chosen.connect(self._choose)
        self.table.opened.connect(lambda _row: self._open())
        self.set_title(
            "Paste a log line",
            "Finds the records that lines of the Java client, Spring, Connect, Streams, librdkafka and others blame. "
            "What is found is kept as incidents of this connection.",
        )
        self._fill()
        self._choose(None)

    def open(self) -> None:
        """Shows the sheet, ready for Ctrl+V."""
        super().open()
        self.text.setFocus()

    def lift(self) -> None:
        """Closes the sheet and tells what was found."""
        self._rest.stop()
        self._context.tasks.cancel(_TASK)
        found = tuple(self.model.rows)
        if found and not self.isHidden():
            self.found.emit(found)
        super().lift()

    def read_file(self, path: Path) -> None:
        """Reads a log file instead of pasted lines."""
        self._context.tasks.start(_TASK, self._find_in_file(path), on_error=self._show_error)

    def _read(self) -> None:
        self._context.tasks.start(_TASK, self._find(self.text.toPlainText()), on_error=self._show_error)

    async def _find(self, text: str) -> None:
        self._show(await self._context.engine.read_log(text) if text.strip() else (), blank=not text.strip())

    async def _find_in_file(self, path: Path) -> None:
        self._said.setText(f"Reading {path}")
        self._show(await self._context.engine.read_log_file(path))

    def _show(self, found: tuple[BlamedRecord, ...], *, blank: bool = False) -> None:
        self.model.set_rows(found)
        self.table.setVisible(bool(found))
        self.table.fit_rows(6)
        words = f"{plural(len(found), 'record is', 'records are')} blamed" if found else _UNKNOWN
        self._said.setText("" if blank else words)
        if found:
            first = found[0]
            self.table.choose((first.topic, first.partition, first.offset))
        else:
            self._choose(None)

    def _show_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError | OSError):
            raise error
        self._said.setText(f"The file cannot be read: {error}")

    def _choose(self, row: BlamedRecord | None) -> None:
        record = record_of(row)
        self.send_button.setVisible(record is not None)
        self.send_button.setEnabled(not self._why_not_write)
        self.send_button.setToolTip(escape_tip(self._why_not_write))
        self.open_button.setVisible(record is not None)
        if row is None or record is None:
            self.record.hide()
            return
        self.record.show_record(record, row.exception or row.message or "")

    def _open(self) -> None:
        record = record_of(self.table.selected)
        if record is not None:
            self.lift()
            self.open_wanted.emit(record)

    def _send(self) -> None:
        row = self.table.selected
        if record_of(row) is not None:
            self.lift()
            self.send_wanted.emit(row)

    def _choose_file(self) -> None:
        ask_for_file(self, "Read a log", "Logs (*.log *.txt *.jsonl *.json)", self.read_file)

    def _fill(self) -> None:
        for widget in (self.text, self._said, self.table, self.record):
            self.body.addWidget(widget)
        self.table.hide()
        buttons = make_flow(self.file_button)
        buttons.push()
        for button in (self.close_button, self.open_button, self.send_button):
            buttons.addWidget(button)
        self.footer.addLayout(buttons)


def record_of(row: BlamedRecord | None) -> RecordId | None:
    """Returns the record that is blamed; None where the lines name only its partition."""
    if row is None or row.offset is None:
        return None
    return RecordId(row.topic, row.partition, row.offset)


_COLUMNS: tuple[Column[BlamedRecord], ...] = (
    Column("Line", lambda row: row.line, align=Align.RIGHT, width=56),
    Column("Partition", lambda row: f"{row.topic}:{row.partition}", mono=True, width=150, elide_middle=True),
    Column("Offset", lambda row: row.offset, align=Align.RIGHT, width=90),
    Column("Group", lambda row: name_text(row.group) if row.group is not None else None, width=110),
    Column("Exception", lambda row: (row.exception or "").rpartition(".")[2], width=170),
    Column("Message", lambda row: row.message or "", width=160, stretch=True),
)
