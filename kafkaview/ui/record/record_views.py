"""The views of one record's value and key: laid out text, tree, bytes, schema, decoders, and what differs from another
record. Each is made when it is looked at: a text of 64 KiB takes the window 20 ms.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from kafkaview.decode.result import Undecodable
from kafkaview.records.comparison import compare_records
from kafkaview.records.decoding import DecodedField
from kafkaview.records.detail import FieldBytes, RecordDetail
from kafkaview.ui.kit.bytes_text import CodeText, readable
from kafkaview.ui.kit.controls import Button, ButtonKind, Segments
from kafkaview.ui.kit.layout import column, make_scroll_area
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.syntax import JsonColours
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.bytes_view import BytesView
from kafkaview.ui.record.comparison_view import ComparisonView
from kafkaview.ui.record.decoders import DecodersTried
from kafkaview.ui.record.schema_view import SchemaView
from kafkaview.ui.record.tree_view import ValueTree
from kafkaview.words import size

SHOWN_LENGTH: Final = 262_144  # bytes or characters of a value: a field of more text would hold the window up
_TITLES: Final = (
    ("value", "Value"),
    ("tree", "Tree"),
    ("text", "Text"),
    ("hex", "Hex"),
    ("key", "Key"),
    ("schema", "Schema"),
    ("decoders", "Decoders"),
    ("compare", "Compare"),
)
_ALL: Final = frozenset(name for name, _ in _TITLES)
_FILLED_ONCE: Final = frozenset(("value", "tree", "text", "hex", "key", "decoders"))  # for each record
_BY_ID: Final = b"\x00"  # the first byte where a schema id stands in front
_SCHEMA_HEADERS: Final = ("__value_schema_id", "__key_schema_id")
_TOMBSTONE: Final = "Tombstone: a null value deletes this key where the topic is compacted."


class RecordViews(QWidget):
    """Shows one record in the view that was chosen last. `more_wanted` asks for more of a large value, `save_wanted`
    for a file of it, `schema_wanted` for the schemas of the record that is shown. Only views that are `offered` can be
    chosen.
    """

    more_wanted = Signal()
    save_wanted = Signal()
    schema_wanted = Signal()

    def __init__(self, theme: Theme, offered: Collection[str] = _ALL) -> None:
        super().__init__()
        self._theme = theme
        self._offered = frozenset(offered)
        self._record: RecordDetail | None = None
        self._pinned: RecordDetail | None = None
        self._unfilled: set[str] = set()  # views that do not show the record yet
        self.choice = Segments(_TITLES, low=True, wraps=True)
        self.value = CodeText()
        self.colours = JsonColours(theme, self.value)
        self.stack = QStackedWidget()
        self._views: LazyParts[str, QWidget] = LazyParts(dict(_TITLES), self._make, self.stack.addWidget)
        self.stack.setCurrentWidget(self._views["value"])
        self.more = Button(theme, kind=ButtonKind.LINK, clicked=self.more_wanted.emit)
        self.save = Button(theme, "Save to a file…", kind=ButtonKind.LINK, clicked=self.save_wanted.emit)
        foot = QHBoxLayout()
        foot.addWidget(self.more)
        foot.addWidget(self.save)
        foot.addStretch(1)
        self.setLayout(column(self.choice, self.stack, foot, grows=self.stack, margins=(16, 10, 16, 8), gap=8))
        self.choice.chosen.connect(self._choose)
        self.choice.show_only(self._offered)
        self.show_nothing()

    @cached_property
    def tree(self) -> ValueTree:
        """The value as a tree."""
        return ValueTree(self._theme)

    @cached_property
    def text(self) -> CodeText:
        """The value's bytes as text."""
        return CodeText()

    @cached_property
    def hex(self) -> BytesView:
        """The value's bytes."""
        return BytesView(self._theme)

    @cached_property
    def key(self) -> BytesView:
        """The key's bytes."""
        return BytesView(self._theme)

    @cached_property
    def schema(self) -> SchemaView:
        """The schemas of value and key."""
        return SchemaView(self._theme)

    @cached_property
    def decoders(self) -> DecodersTried:
        """What each decoder says of the value."""
        made = DecodersTried(self._theme)
        made.picked.connect(self._mark)
        return made

    @cached_property
    def comparison(self) -> ComparisonView:
        """What differs from the pinned record."""
        made = ComparisonView(self._theme)
        made.turned.connect(self.turn_pin)
        return made

    def _make(self, name: str) -> QWidget:
        view: QWidget = self.comparison if name == "compare" else getattr(self, name)
        return make_scroll_area(view) if name == "decoders" else view

    def show_nothing(self) -> None:
        """Shows no record."""
        self._record = None
        self._unfilled.clear()
        self.more.hide()
        self.save.hide()
        self.colours.on = True
        self.value.setPlainText("")
        self._choose(self.choice.current)

    def say(self, text: str) -> None:
        """Says something in place of the value."""
        self.colours.on = False
        self.value.show_code(text)
        self.stack.setCurrentWidget(self.value)
        self.choice.choose("value")

    def show_record(self, record: RecordDetail) -> None:
        """Shows a record, compared with the pinned one if there is one."""
        self._record = record
        self._unfilled = {*_FILLED_ONCE}
        self._show_links(record)
        self.choice.show_only(_views_of(record) & self._offered)
        self._choose(self.choice.current)

    def show_more(self, record: RecordDetail) -> None:
        """Shows the same record with more of its value; what is seen of the text stays where it is."""
        before, now = self._record and self._record.value_reading, record.value_reading
        self._record = record
        shown, text = before.text if before else None, now.text if now is not None else None
        if shown is not None and text is not None and "value" not in self._unfilled:
            self.value.add_code(text[len(shown) :])
            self._unfilled |= _FILLED_ONCE - {"value"}
        else:
            self._unfilled |= _FILLED_ONCE
        self._show_links(record)
        self._choose(self.choice.current)

    def turn_pin(self) -> None:
        """Pins the record that is shown, or lets the pinned one go."""
        self._pinned = None if self._pinned is not None else self._record
        self.choice.choose("compare")

    def _show_links(self, record: RecordDetail) -> None:
        self.save.setVisible(is_cut(record))
        self.more.setVisible(is_cut(record))
        if record.value is not None:
            full = shown_length(record) >= SHOWN_LENGTH
            rest = "the rest can be saved to a file" if full else "Show more"
            self.more.setText(f"{size(record.value.size)}, shown in part. {rest}")
            self.more.setEnabled(not full)

    def _choose(self, name: str) -> None:
        """Shows a view, and fills it if that was not done."""
        if self._record is None and name != "compare":
            name = "value"  # which is empty then, or says why
        self.stack.setCurrentWidget(self._views[name])
        if name == "compare":
            self._show_comparison()
        elif self._record is None:
            return
        elif name == "schema":
            self.schema.say("The registry is being asked")
            self.schema_wanted.emit()
        elif name in self._unfilled:
            self._unfilled.discard(name)
            self._fill(name, self._record)

    def _fill(self, name: str, record: RecordDetail) -> None:
        reading, value = record.value_reading, record.value
        if name == "value":
            self.colours.on = reading is not None and reading.text is not None
            self.value.show_code(_TOMBSTONE if value is None else _value(value, reading))
        elif name == "tree":
            self._show_tree()
        elif name == "text":
            self.text.show_code(readable(_head(value), SHOWN_LENGTH))
        elif name == "hex":
            self.hex.show_bytes(_head(value), _marked(reading), _TOMBSTONE)
        elif name == "key":
            self.key.show_bytes(_head(record.key), _marked(record.key_reading), "The key is null.")
        else:
            self.decoders.show_tried(reading.reports if reading is not None else ())

    def _show_tree(self) -> None:
        reading = self._record.value_reading if self._record is not None else None
        if reading is None:
            self.tree.show_text(None, _TOMBSTONE)
        elif reading.text is None:
            self.tree.show_text(None, reading.problem or "No format is known that this value has.")
        else:
            self.tree.show_text(reading.text)

    def _show_comparison(self) -> None:
        pinned, shown = self._pinned, self._record
        if pinned is None or shown is None or pinned.id == shown.id:
            self.comparison.show_alone(None if pinned is None else str(pinned.id), shown=shown is not None)
        else:
            self.comparison.show_comparison(str(pinned.id), compare_records(pinned, shown))

    def _mark(self, position: int, length: int) -> None:
        self.choice.choose("hex")
        self.hex.mark(position, length)


def _views_of(record: RecordDetail) -> frozenset[str]:
    """Returns the views that show something of a record: bytes behind the id of a schema are no text."""
    named = any(header.key in _SCHEMA_HEADERS for header in record.headers or ())
    named = named or any(data is not None and data.head[:1] == _BY_ID for data in (record.value, record.key))
    return _ALL - {"text" if named else "schema"}


def is_cut(record: RecordDetail) -> bool:
    """Returns whether a value, or the text that is made of it, is here in part."""
    value, reading = record.value, record.value_reading
    if value is None:
        return False
    text_cut = reading is not None and reading.text is not None and (reading.characters or 0) > len(reading.text)
    return text_cut or not value.complete


def shown_length(record: RecordDetail) -> int:
    """Returns how much of a value is here, in bytes or in characters of its text, whichever is more."""
    reading = record.value_reading
    text = reading.text if reading is not None else None
    return max(len(_head(record.value) or b""), len(text or ""))


def _head(data: FieldBytes | None) -> bytes | None:
    return None if data is None else data.head


def _marked(field: DecodedField | None) -> Undecodable | None:
    if field is None or field.problem is None:
        return None
    return Undecodable(field.decoder or "", field.problem, field.position, field.length)


def _value(data: FieldBytes, field: DecodedField | None) -> str:
    if field is not None and field.text is not None:
        return field.text
    reason = f"{field.problem}\n\n" if field is not None and field.problem else ""
    return f"{reason}{readable(data.head, SHOWN_LENGTH)}"
