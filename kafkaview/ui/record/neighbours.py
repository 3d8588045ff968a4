"""The records around one on its partition, for comparison: most often they can be read and it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.decode.result import Undecodable
from kafkaview.terms import Record
from kafkaview.triage.neighbours import Around
from kafkaview.ui.kit.bytes_text import text_of
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel, created_column, mark_column
from kafkaview.ui.kit.theme import Theme

_PREVIEW = 300


@dataclass(frozen=True, slots=True)
class _NeighbourRow:
    record: Record
    problem: Undecodable | None
    judged: bool

    @property
    def mark(self) -> Mark:
        if not self.judged:
            return Mark.UNKNOWN
        return Mark.OK if self.problem is None else Mark.BAD

    @property
    def value(self) -> str:
        if self.record.value is None:
            return "tombstone: deletes this key"
        text = text_of(self.record.value, _PREVIEW)
        return f"{self.problem.reason}  {text}" if self.problem else text


COLUMNS: tuple[Column[_NeighbourRow], ...] = (
    mark_column(lambda row: row.mark, lambda row: row.mark.value),
    Column("Offset", lambda row: row.record.offset, align=Align.RIGHT, width=76),
    created_column(lambda row: row.record.timestamp_ms, 106),
    Column(
        "Key",
        lambda row: text_of(row.record.key),
        mono=True,
        width=78,
        italic=lambda row: row.record.key is None,
    ),
    Column(
        "Value",
        lambda row: row.value,
        mono=True,
        width=120,
        stretch=True,
        italic=lambda row: row.record.value is None,
        tone=lambda row: "bad_text" if row.problem else None,
    ),
)


class NeighboursTable(QWidget):
    """The records around the one that is shown; a double click shows another."""

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TableModel(COLUMNS, lambda row: row.record.offset)
        self._table = Table(theme, self._model, "Records around this one")
        self._table.opened.connect(lambda row: self.picked.emit(row.record.offset))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._table)

    def show_around(self, around: Around, offset: int) -> None:
        """Shows the records around one and selects it."""
        rows = [
            _NeighbourRow(record, around.problems.get(o), around.judged) for o, record in sorted(around.records.items())
        ]
        self._model.set_rows(rows)
        self._table.choose(offset)
