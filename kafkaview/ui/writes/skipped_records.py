"""The records that a change of committed offsets would skip on the selected partition."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import Record, TopicPartition
from kafkaview.triage.neighbours import SkippedRecords
from kafkaview.ui.kit.bytes_text import text_of
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel, created_column
from kafkaview.words import number
from kafkaview.writes.offsets.plan import OffsetRow

_MOST = 20  # records that are read of a partition
_HEIGHT = 180
_PREVIEW = 300  # bytes of a value


def _value(record: Record) -> str:
    return "tombstone: deletes this key" if record.value is None else text_of(record.value, _PREVIEW)


_COLUMNS: tuple[Column[Record], ...] = (
    Column("Offset", lambda record: record.offset, align=Align.RIGHT, width=90),
    created_column(lambda record: record.timestamp_ms, 190),
    Column("Key", lambda record: text_of(record.key), mono=True, width=120, italic=lambda record: record.key is None),
    Column("Value", _value, mono=True, stretch=True, italic=lambda record: record.value is None),
)


class SkippedRecordsTable(QWidget):
    """Empty until a partition is selected; then it reads the first of its skipped records."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._row: OffsetRow | None = None
        self.words = Text(size=12, tone="text_2", wrap=True)
        self.model: TableModel[Record] = TableModel(_COLUMNS, lambda record: record.offset)
        self._table: Table[Record] = Table(context.theme, self.model, "Records that are passed over")
        self._table.setFixedHeight(context.theme.px(_HEIGHT))
        self.setLayout(column(self.words, self._table, gap=6))

    def show_row(self, row: OffsetRow) -> None:
        """Shows the records that the group skips on one partition."""
        self._row = row
        self.model.set_rows(())
        span, place = row.skipped_span, row.topic_partition
        self._table.setVisible(bool(row.records_skipped))
        if span is None or not row.records_skipped:
            self.words.setText(_without_skip(row))
            return
        self.words.setText(f"Reading the records that would be passed over on {place}")
        self._context.tasks.start("skipped", self._read(row, place, span), on_error=self._show_error, owner=self)

    async def _read(self, row: OffsetRow, place: TopicPartition, span: tuple[int, int]) -> None:
        found = (await self._context.engine.read_skipped({place: span}, _MOST)).get(place)
        if self._row is not row:
            return
        self.model.set_rows(found.records if found is not None else ())
        self.words.setText(_words(row, found))

    def _show_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self.words.setText(f"The records that would be passed over could not be read: {error.message}. {error.hint}")


def _without_skip(row: OffsetRow) -> str:
    if row.records_skipped is None:
        return f"Whether records are passed over on {row.topic_partition} is unknown: nothing is committed there."
    return f"No record is passed over on {row.topic_partition}."


def _words(row: OffsetRow, found: SkippedRecords | None) -> str:
    place = row.topic_partition
    if found is None or not found.records:
        return f"Only offsets without a record are passed over on {place}: markers, aborted or compacted records."
    if found.complete:
        return f"The records that are passed over on {place}:"
    count = number(len(found.records))
    return f"The first {count} of at most {number(row.records_skipped)} records that are passed over on {place}:"
