"""One record at the right of the table: its facts, the views of its value and key, its headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from kafkaview.decode.header_names import header_problem
from kafkaview.log_files import keep_traceback
from kafkaview.records.decoding import DecodedField
from kafkaview.records.detail import FieldBytes, RecordDetail
from kafkaview.terms import Header, RecordId, TimestampType
from kafkaview.ui.kit.bytes_text import text_of
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, Text, ground, hairline
from kafkaview.ui.kit.flow_layout import Flow, make_flow
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.headers import HeadersTable
from kafkaview.ui.record.record_views import RecordViews
from kafkaview.words import clock, number, plural, size

CopyForms = Callable[[RecordDetail], Sequence[tuple[str, str | None]]]  # a name and the text; None if it is not whole
_PARTS_HIGH = 400  # pixels of the views and headers: where there is less, the pane scrolls
_STAMPS = {TimestampType.CREATE_TIME: "producer's clock", TimestampType.LOG_APPEND_TIME: "broker's clock"}


class RecordPane(QWidget):
    """Shows one record. `step` asks for the one above or below in the table, `same_key` for the one before or after
    with the same key.
    """

    step = Signal(int)
    closed = Signal()
    same_key = Signal(int)

    def __init__(self, theme: Theme, copies: CopyForms) -> None:
        super().__init__()
        self._copies = copies
        self._theme = theme
        self.record: RecordDetail | None = None
        self.place = Elided(size=13)
        self.place.setProperty("mono", "true")
        self.place.setProperty("weight", "600")
        self.facts = {name: Elided(size=12) for name in ("Created", "Key", "Decoded as", "Size")}
        self.views = RecordViews(theme)
        self.headers = HeadersTable(theme)
        self._headers_head = Text(size=12, weight=600)
        self.foot = QWidget()
        self._copy_as = Button(theme, "Copy as", icon="chevron-down", clicked=self._open_copies)
        self._lay_out()

    def add_action(self, button: QWidget) -> None:
        """Adds a button to the foot, before the copies."""
        foot = self.foot.layout()
        assert isinstance(foot, Flow)
        foot.insert_last_but_one(button)

    def shows(self, record: RecordId) -> bool:
        """Returns whether this record is shown."""
        return self.record is not None and self.record.id == record

    def show_loading(self, place: str) -> None:
        """Shows which record is being read. What was shown before goes."""
        self._show_nothing()
        self.place.setText(place)

    def show_missing(self, why: str) -> None:
        """Says why the record that was to be shown is not there."""
        self.views.say(why)

    def show_record(self, record: RecordDetail) -> None:
        """Shows a record. Whatever fails is this record's alone, and nothing of another stays under its name."""
        place = f"{record.id.topic_partition} @ {number(record.id.offset)}"
        self.show_loading(place)
        try:
            self._fill(record)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this record's alone
            kept = keep_traceback(error)
            self.show_loading(place)
            where = f" What failed stands in {kept}." if kept else ""
            self.show_missing(f"The record could not be shown: {type(error).__name__}.{where}")

    def _fill(self, record: RecordDetail) -> None:
        self.record = record
        self.foot.show()
        key, value = record.key_reading, record.value_reading
        said = _STAMPS.get(record.timestamp_type)
        self.facts["Created"].setText(clock(record.timestamp_ms) + (f" ({said})" if said else ""))
        self.facts["Key"].setText(_text(record.key, key) if record.key is not None else "null")
        self.facts["Decoded as"].setText(_decoder(value) if record.value is not None else "tombstone")
        self.facts["Size"].setText(_sizes(record))
        self.views.show_record(record)
        self._show_headers(record)

    def show_more(self, record: RecordDetail) -> None:
        """Shows the same record with more of its value."""
        self.record = record
        self.views.show_more(record)

    def _show_headers(self, record: RecordDetail) -> None:
        if record.unreadable_header is not None:
            why = header_problem(record.unreadable_header).reason
            self._headers_head.setText("Headers")
            self.headers.show_headers((), f"The headers cannot be read: {why}.")
            return
        headers = record.headers or ()
        names = [header.key for header in headers]
        twice = ", one name twice, kept in order" if len(set(names)) < len(names) else ""
        self._headers_head.setText(f"{plural(len(headers), 'header')}{twice}")
        self.headers.show_headers(
            [Header(header.key, _head(header.value)) for header in headers],
            sizes=[header.value.size if header.value is not None else None for header in headers],
        )

    def _show_nothing(self) -> None:
        self.record = None
        self.foot.hide()
        self.views.show_nothing()
        for fact in self.facts.values():
            fact.setText("")
        self.headers.show_headers((), "")
        self._headers_head.setText("")

    def _copy_place(self) -> None:
        if self.record is not None:
            QGuiApplication.clipboard().setText(str(self.record.id))

    def _open_copies(self) -> None:
        """Opens the menu of the forms in which the record is copied; one that lacks a part of it says so."""
        if self.record is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, text in self._copies(self.record):
            action = menu.addAction(name if text is not None else f"{name}: too large, export it")
            action.setEnabled(text is not None)
            action.triggered.connect(partial(QGuiApplication.clipboard().setText, text or ""))
        save = menu.addAction("Save the value to a file…")
        save.setEnabled(self.record.value is not None)
        save.triggered.connect(self.views.save_wanted.emit)
        menu.popup(self._copy_as.mapToGlobal(self._copy_as.rect().topLeft()) - QPoint(0, menu.sizeHint().height()))

    def _lay_out(self) -> None:
        theme = self._theme
        ground(self, "surface")
        icons = (
            ("copy", "Copy the record's name", self._copy_place),
            ("arrow-up", "The record above", lambda: self.step.emit(-1)),
            ("arrow-down", "The record below", lambda: self.step.emit(1)),
            ("x", "Close", self.closed.emit),
        )
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 2)
        head.setSpacing(2)
        head.addWidget(self.place, 1)
        for icon, tip, do in icons:
            head.addWidget(Button(theme, kind=ButtonKind.ICON, icon=icon, tip=tip, clicked=do))
        facts = QGridLayout()
        facts.setContentsMargins(16, 0, 16, 10)
        facts.setHorizontalSpacing(10)
        facts.setVerticalSpacing(2)
        facts.setColumnMinimumWidth(0, theme.px(78))
        facts.setColumnStretch(1, 1)
        for place, (name, words) in enumerate(self.facts.items()):
            facts.addWidget(Text(name, size=12, tone="text_2"), place, 0)
            facts.addWidget(words, place, 1)
        headers = fill_widget(QWidget(), column(self._headers_head, last=self.headers, margins=(16, 8, 16, 4), gap=4))
        ground(self.views, "surface")
        parts = Splitter("Record", (self.views, headers), (560, 110))
        self.views.choice.chosen.connect(lambda view: headers.setVisible(view != "compare"))  # it compares them too
        foot = make_flow(Text("Same key:", size=12, tone="text_2"))
        foot.setContentsMargins(16, 6, 12, 6)
        self.foot.setLayout(foot)
        for title, way in (("before", -1), ("after", 1)):
            foot.addWidget(Button(theme, title, kind=ButtonKind.LINK, clicked=partial(self.same_key.emit, way)))
        foot.push()
        foot.addWidget(self._copy_as)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(Roomy(theme, (fill_widget(QWidget(), facts), hairline()), parts, _PARTS_HIGH), 1)
        layout.addWidget(hairline())
        layout.addWidget(self.foot)


def _head(data: FieldBytes | None) -> bytes | None:
    return None if data is None else data.head


def _decoder(field: DecodedField | None) -> str:
    if field is None or field.decoder is None:
        return "no format is known"
    schema = f", {field.schema}" if field.schema else ""
    return field.problem or f"{field.decoder}{schema}"


def _text(data: FieldBytes, field: DecodedField | None) -> str:
    return field.text if field is not None and field.text is not None else text_of(data.head, 300)


def _sizes(record: RecordDetail) -> str:
    if record.value is None:
        return "null"
    return f"{size(record.value.size)}, key {size(record.key.size if record.key is not None else 0)}"
