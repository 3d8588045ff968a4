"""The record itself: bytes, text, headers, key and its neighbours, beside the report of every decoder tried."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.terms import Record
from kafkaview.ui.controls import Segments, Text
from kafkaview.ui.formats import number, size, time
from kafkaview.ui.hexview import HexView
from kafkaview.ui.theme import Theme
from kafkaview.ui.triage.around import Around
from kafkaview.ui.triage.bytes_text import CodeText, readable
from kafkaview.ui.triage.decoders import DecodersTried
from kafkaview.ui.triage.headers import HeadersTable
from kafkaview.ui.triage.neighbours import NeighboursTable

_SIDE = 180


class RecordBlock(QWidget):
    """Shows one record of an `Around`. Decoders and bytes select each other."""

    record_picked = Signal(int)  # the offset of a neighbour to look at instead

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Around, int] | None = None
        self._title = Text("Value", weight=600)
        self._facts = Text(size=12, tone="text_2")
        self.segments = Segments(
            (("hex", "Hex"), ("text", "Text"), ("headers", "Headers"), ("key", "Key"), ("neighbours", "Neighbours")),
            low=True,
        )
        self.hex = HexView(theme)
        self._text = CodeText()
        self._headers = HeadersTable(theme)
        self._key = HexView(theme)
        self._neighbours = NeighboursTable(theme)
        self._views = QStackedWidget()
        self.decoders = DecodersTried(theme)
        self._tried = self._side(theme)
        for view in (self.hex, self._text, self._headers, self._key, self._neighbours):
            self._views.addWidget(view)
        self.segments.chosen.connect(self._choose)
        self.decoders.picked.connect(self._mark)
        self._neighbours.picked.connect(self.record_picked)
        self._lay_out()

    def show_record(self, around: Around, offset: int) -> None:
        """Show the record at an offset, or say what stands there instead."""
        if self._shown == (around, offset):
            return
        self._shown = (around, offset)
        record = around.records.get(offset)
        self._facts.setText(_facts(record, offset))
        self._neighbours.show_around(around, offset)
        if record is None:
            self._show_nothing()
            return
        problem = around.problems.get(offset)
        self._show_value(record, problem)
        self._text.setPlainText(_text(around, record))
        self._headers.show_headers(record.headers)
        self._key.show_bytes(record.key)
        self.segments.set_title("headers", f"Headers {number(len(record.headers))}")
        self.decoders.show_tried(around.tried(record))
        self._tried.setVisible(record.value is not None)

    def _show_value(self, record: Record, problem: Undecodable | None) -> None:
        if problem is not None and problem.position is not None:
            self.hex.show_bytes(record.value, problem.position, problem.length)
        else:
            self.hex.show_bytes(record.value)

    def _show_nothing(self) -> None:
        self.hex.show_bytes(None)
        self._key.show_bytes(None)
        self._text.setPlainText("")
        self._headers.show_headers(())
        self.segments.set_title("headers", "Headers")
        self._tried.hide()

    def _choose(self, name: str) -> None:
        order = ("hex", "text", "headers", "key", "neighbours")
        self._views.setCurrentIndex(order.index(name))
        self._title.setText("Key" if name == "key" else "Value" if name in ("hex", "text") else name.capitalize())

    def _mark(self, position: int, length: int) -> None:
        self.segments.choose("hex")
        self.hex.mark(position, length)

    def _side(self, theme: Theme) -> QWidget:
        side = QWidget()
        side.setFixedWidth(theme.px(_SIDE))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Text("Decoders tried", size=12, weight=600))
        column.addWidget(self.decoders, stretch=1)
        return side

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title)
        head.addWidget(self._facts)
        head.addStretch(1)
        head.addWidget(self.segments)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(head)
        left.addWidget(self._views, stretch=1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addLayout(left, stretch=1)
        row.addWidget(self._tried)


def _facts(record: Record | None, offset: int) -> str:
    if record is None:
        return f"no record at {number(offset)}: a transaction marker, aborted or compacted"
    value = "tombstone" if record.value is None else size(len(record.value))
    return f"{value}, created {time(record.timestamp_ms)}" if record.timestamp_ms is not None else value


def _text(around: Around, record: Record) -> str:
    if record.value is not None and around.decoder is not None:
        decoded = around.decoder.decode(record.value)
        if isinstance(decoded, Decoded):
            return decoded.text
    return readable(record.value)
