"""One dead letter: where it came from, why it is here, and the record itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import Record, RecordId
from kafkaview.triage.dead_letters.dialects.kafka import KAFKA
from kafkaview.triage.dead_letters.letter import DeadLetter
from kafkaview.triage.dead_letters.reading import read_letter
from kafkaview.triage.neighbours import Around
from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button, hairline
from kafkaview.ui.kit.layout import clear_grid, column, make_scroll_area
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.dead_letters.words import created_at_origin, letter_fields, place_text
from kafkaview.ui.record.record_block import RecordBlock
from kafkaview.words import number, visible, visible_alone

_LEAST, _TRACE, _RECORD = 300, 180, 300
_LONG = 2_000  # characters: a label breaks more of them into lines in a time that the window stands still for
_LINES = "\n\t"
_NO_HEADERS = (
    "This record has no headers of a known dialect: where it came from is unknown. Connect writes none unless "
    "errors.deadletterqueue.context.headers.enable is true."
)


_NOT_COPIED = (
    "The broker copies key and value only where the group's errors.deadletterqueue.copy.record.enable is true: they "
    "are at the origin."
)


class LetterPane(QWidget):
    """Shows a dead letter, and asks for another place: its origin, or itself among the records."""

    origin_wanted = Signal(object)  # RecordId
    neighbour_wanted = Signal(int)  # the offset

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.id: RecordId | None = None
        self.letter: DeadLetter | None = None
        self.title = Text(size=15, weight=600)
        self.origin = Button(theme, "", kind=ButtonKind.LINK, clicked=self._go_to_origin)
        self._came = Text("Came from", size=12, tone="text_2")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self.fold = Button(theme, "Stack trace", kind=ButtonKind.FOLD, icon="chevron-right", clicked=self._turn_trace)
        self.trace = CodeText()
        self.trace.setFixedHeight(theme.px(_TRACE))
        self.record = RecordBlock(theme)
        self.record.setMinimumHeight(theme.px(_RECORD))
        self.record.record_picked.connect(self.neighbour_wanted)
        self.note = Text(size=12, tone="text_2", wrap=True)
        self._lay_out()
        self.setMinimumWidth(theme.px(_LEAST))

    def show_loading(self, record: RecordId) -> None:
        """Shows that a record is being read."""
        self.id = record
        self.title.setText(f"{record.topic_partition} @ {number(record.offset)}")
        self._show_letter(None)
        self.note.setText("Reading the record")
        self.note.show()
        self.record.hide()

    def show_around(self, around: Around) -> None:
        """Shows the record that was asked for with its headers read."""
        record = around.record
        if self.id is None or (around.topic_partition, around.offset) != (self.id.topic_partition, self.id.offset):
            return
        letter = read_letter(record.headers) if record is not None else None
        self._show_letter(letter, created_at_origin(letter, record) if letter is not None and record else None)
        self.note.setText(_note(letter, record) if record is not None else "")
        self.note.setVisible(bool(self.note.text()))
        self.record.show()
        self.record.show_record(around, around.offset)

    def show_error(self, error: ClusterError) -> None:
        """Shows why the record could not be read."""
        self.note.setText(sentences(error))
        self.note.show()

    def _show_letter(self, letter: DeadLetter | None, created_ms: int | None = None) -> None:
        self.letter = letter
        origin = letter.origin if letter is not None else None
        self._came.setVisible(origin is not None)
        self.origin.setVisible(origin is not None)
        place = place_text(origin) if origin is not None else ""
        self.origin.setText(escape_button(place))
        self.origin.setAccessibleName(f"Open the origin {visible_alone(place)}")
        self.origin.setEnabled(origin is not None and origin.record is not None)
        self.origin.setToolTip("" if self.origin.isEnabled() else "The headers do not name the whole place")
        clear_grid(self._grid)
        for row, (name, text) in enumerate(letter_fields(letter, created_ms) if letter is not None else ()):
            title = Text(name, size=12, tone="text_2")
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self._make_value(name, text), row, 1)
        trace = letter.stack_trace if letter is not None else None
        self.fold.setVisible(trace is not None)
        self.trace.show_code(visible(trace or "", keep=_LINES))
        self._fold(folded=True)

    def _make_value(self, name: str, text: str) -> QWidget:
        if len(text) > _LONG:
            field = CodeText()
            field.setFixedHeight(self._theme.px(_TRACE))
            field.setAccessibleName(name)
            field.show_code(visible(text, keep=_LINES))
            return field
        value = Text(text, size=12, wrap=True, tone="bad_text" if name == "Cannot be read" else "text")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return value

    def _turn_trace(self) -> None:
        self._fold(folded=not self.trace.isHidden())

    def _fold(self, *, folded: bool) -> None:
        self.trace.setHidden(folded)
        self.fold.set_icon("chevron-right" if folded else "chevron-down")

    def _go_to_origin(self) -> None:
        if self.letter is not None and self.letter.origin.record is not None:
            self.origin_wanted.emit(self.letter.origin.record)

    def _lay_out(self) -> None:
        came = QGridLayout()
        came.setHorizontalSpacing(10)
        came.addWidget(self._came, 0, 0)
        came.addWidget(self.origin, 0, 1, Qt.AlignmentFlag.AlignLeft)
        came.setColumnStretch(1, 1)
        body = QWidget()
        parts = (self.title, came, self.note, self._grid, self.fold, self.trace, hairline())
        body.setLayout(column(*parts, last=self.record, margins=(20, 12, 20, 12), gap=8))
        area: QScrollArea = make_scroll_area(body)
        self.setLayout(column(area))


def _note(letter: DeadLetter | None, record: Record) -> str:
    """Returns what is said of a record beside its headers."""
    if record.headers is None:
        return "Its headers cannot be read: the name of one is not UTF-8."
    if letter is None:
        return _NO_HEADERS
    if letter.dialect == KAFKA.word and letter.routed_ms is None and record.key is None and record.value is None:
        return _NOT_COPIED
    return ""
