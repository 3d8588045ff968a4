"""One record: bytes, text, headers, key and its neighbours, beside the report of every decoder that was tried."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedWidget, QWidget

from kafkaview.decode.header_names import header_problem
from kafkaview.log_files import keep_traceback
from kafkaview.terms import Record
from kafkaview.triage.neighbours import Around
from kafkaview.ui.kit.bytes_text import CodeText, readable
from kafkaview.ui.kit.controls import Segments, Text, ground
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.bytes_view import BytesView
from kafkaview.ui.record.decoders import DecodersTried
from kafkaview.ui.record.headers import HeadersTable
from kafkaview.ui.record.neighbours import NeighboursTable
from kafkaview.words import clock, number, size

_SIDE, _NARROW = 166, 640


class RecordBlock(QWidget):
    """Shows one record of an `Around`. Decoders and bytes select each other."""

    record_picked = Signal(int)  # the offset of a neighbour to look at instead

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Around, int] | None = None
        self._title = Text("Value", weight=600)
        self.facts = Text(size=12, tone="text_2")
        self.segments = Segments(
            (("hex", "Hex"), ("text", "Text"), ("headers", "Headers"), ("key", "Key"), ("neighbours", "Neighbours")),
            low=True,
            wraps=True,
        )
        self.value = BytesView(theme)
        self._text = CodeText()
        self._headers = HeadersTable(theme)
        self.key = BytesView(theme)
        self._neighbours = NeighboursTable(theme)
        self._views = QStackedWidget()
        self.decoders = DecodersTried(theme)
        self._tried = self._side(theme)
        for view in (self.value, self._text, self._headers, self.key, self._neighbours):
            self._views.addWidget(view)
        self.segments.chosen.connect(self._choose)
        self.decoders.picked.connect(self._mark)
        self._neighbours.picked.connect(self.record_picked)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow the decoders go below the bytes."""
        super().resizeEvent(event)
        narrow = self.width() < self._theme.px(_NARROW)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._halves.setDirection(down if narrow else across)
        self._tried.setMaximumWidth(16_777_215 if narrow else self._theme.px(_SIDE))

    def show_record(self, around: Around, offset: int) -> None:
        """Shows the record at an offset, or says why there is none. What was shown before never stays."""
        if self._shown == (around, offset):
            return
        self._shown = (around, offset)
        self._show_nothing()
        try:
            self._fill(around, offset)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this record's alone
            kept = keep_traceback(error)
            self._show_nothing()
            self.facts.setText(_not_shown(offset, error, kept))

    def _fill(self, around: Around, offset: int) -> None:
        record = around.records.get(offset)
        self.facts.setText(_facts(record, offset))
        self._neighbours.show_around(around, offset)
        if record is None:
            return
        tombstone = "Tombstone: a null value deletes this key where the topic is compacted."
        problem = around.problems.get(offset)
        in_key = problem is not None and problem.field == "key"
        in_value = problem is not None and problem.field == "value"
        self.value.show_bytes(record.value, problem if in_value else None, tombstone)
        self._text.setPlainText(_text(around, record))
        self._show_headers(record)
        self.key.show_bytes(record.key, problem if in_key else None, null="The key is null.")
        if in_key:
            self.segments.choose("key")
        if problem is not None and problem.field == "headers":
            self.segments.choose("headers")
        reading = around.readings.get(offset)
        self.decoders.show_tried(reading.tried if reading is not None else ())
        self._tried.setVisible(record.value is not None)

    def _show_headers(self, record: Record) -> None:
        if record.unreadable_header is not None:
            why = header_problem(record.unreadable_header).reason
            self._headers.show_headers((), f"The headers cannot be read: {why}.")
        else:
            self._headers.show_headers(record.headers or ())
        self.segments.set_title("headers", f"Headers {number(None if record.headers is None else len(record.headers))}")

    def _show_nothing(self) -> None:
        self.facts.setText("")
        self.value.show_bytes(None, null="")
        self.key.show_bytes(None, null="")
        self._text.setPlainText("")
        self._headers.show_headers(())
        self.segments.set_title("headers", "Headers")
        self.decoders.show_tried(())
        self._tried.hide()

    def _choose(self, name: str) -> None:
        order = ("hex", "text", "headers", "key", "neighbours")
        self._views.setCurrentIndex(order.index(name))
        self._title.setText("Key" if name == "key" else "Value" if name in ("hex", "text") else name.capitalize())

    def _mark(self, position: int, length: int) -> None:
        self.segments.choose("hex")
        self.value.mark(position, length)

    def _side(self, theme: Theme) -> QWidget:
        side = QWidget()
        side.setMinimumWidth(theme.px(_SIDE))
        side.setLayout(
            column(Text("Decoders tried", size=12, weight=600), last=_make_scroll_area(self.decoders), gap=4)
        )
        return side

    def _lay_out(self) -> None:
        head = make_flow(self._title, self.facts, gap=10)
        head.push()
        head.addWidget(self.segments)
        left = column(head, last=self._views, gap=8)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(12)
        self._halves.addLayout(left, stretch=1)
        self._halves.addWidget(self._tried)


def _make_scroll_area(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    ground(widget, "surface")
    area.setWidget(widget)
    return area


def _not_shown(offset: int, error: Exception, kept: Path | None) -> str:
    where = f". What failed stands in {kept}" if kept else ""
    return f"the record at {number(offset)} could not be shown: {type(error).__name__}{where}"


def _facts(record: Record | None, offset: int) -> str:
    if record is None:
        return f"no record at {number(offset)}: a transaction marker, aborted or compacted"
    value = "tombstone" if record.value is None else size(len(record.value))
    return f"{value}, created {clock(record.timestamp_ms)}" if record.timestamp_ms is not None else value


def _text(around: Around, record: Record) -> str:
    reading = around.readings.get(record.offset)
    return reading.text if reading is not None and reading.text is not None else readable(record.value)
