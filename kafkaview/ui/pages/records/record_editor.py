"""The editor of a record that is produced: made anew, or another one that is sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.clock import is_time, parse_time
from kafkaview.records.decoding import DecodedField
from kafkaview.records.detail import FieldBytes
from kafkaview.terms import Header
from kafkaview.ui.kit.choice_field import EditableChoice
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.pages.records.headers_editor import HeadersEditor
from kafkaview.ui.pages.records.source_record import SourceRecord
from kafkaview.ui.record.bytes_editor import BytesEditor
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.words import number, utc_iso
from kafkaview.writes.records.request import ProductionRequest, SourcePart

_REST_MS: Final = 250  # of typing, before the topic's decoders are asked
_BY_KEY: Final = ("", "Where Java clients put the key (murmur2)")
_NOW: Final = ("", "The present time")


class RecordEditor(FormSheet):
    """Stays open below the dialog of its plan, so that a plan that is refused or not wanted can be mended. What nobody
    has edited is the source's, byte for byte.
    """

    def __init__(
        self, context: Context, plan: Plan, topics: Sequence[str], topic: str, source: SourceRecord | None = None
    ) -> None:
        title, subtitle = _title(source)
        super().__init__(context, title, subtitle, plan, width=760)
        theme = context.theme
        self._context = context
        self._source = source
        self._headers_before: tuple[Header, ...] = ()
        self._key_reading: DecodedField | None = None
        self._value_reading: DecodedField | None = None
        partitions, times = [_BY_KEY], [_NOW]
        if source is not None:
            was = source.detail
            partitions.insert(0, (str(was.id.partition), f"{was.id.partition}, as it was"))
            if was.timestamp_ms is not None and was.timestamp_ms > 0:
                shown = utc_iso(was.timestamp_ms) if is_time(was.timestamp_ms) else str(was.timestamp_ms)
                times.append((f"@{was.timestamp_ms}ms", f"{shown}, as it was"))
        self.topic = Picker(theme, "Topic", 320)
        self.topic.offer(topics)
        self.topic.show_text(topic)
        self.partition = EditableChoice(theme, "Partition", partitions)
        key, value = (source.detail.key, source.detail.value) if source is not None else (None, None)
        self.key = BytesEditor(theme, height=46, keeps=_is_large(key))
        self.value = BytesEditor(theme, height=170, null="Null (tombstone)", keeps=_is_large(value))
        self.headers = HeadersEditor(theme)
        self.timestamp = EditableChoice(theme, "Timestamp", times, asks="@")
        self.timestamp.setToolTip("@2026-01-31T14:02:11Z, or Unix milliseconds: @1795917000000")
        self._mark = MarkLabel(theme, Mark.IDLE, 14)
        self.reading = Text(size=12, tone="text_2", wrap=True)
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._ask_decoders)
        self._fill_form()
        self._show_source()
        self._connect()
        self.check()
        self._ask_decoders()

    @property
    def request(self) -> ProductionRequest:
        """The record as it is typed. Raises ValueError with the reason why it cannot be one."""
        for editor, name in ((self.key, "key"), (self.value, "value")):
            if editor.problem:
                raise ValueError(f"The {name}: {editor.problem}.")
        headers: tuple[Header, ...] | SourcePart = self.headers.headers
        source = self._source
        if source is not None and source.headers is not None and headers == self._headers_before:
            headers = SourcePart.KEPT
        return ProductionRequest(
            self.topic.text,
            self.key.content,
            self.value.content,
            headers,
            _partition(self.partition.value),
            _milliseconds(self.timestamp.value),
            source.detail.id if source is not None else None,
            uncommitted=source is not None and source.uncommitted,
        )

    def why_not(self) -> str:
        """Returns what is missing or cannot be read."""
        if not self.topic.text:
            return "A topic is missing."
        try:
            self.request  # noqa: B018  # whether it raises
        except ValueError as error:
            return str(error)
        return ""

    def make(self) -> Make:
        """Returns the function that plans the record."""
        request = self.request
        return lambda engine: engine.plan_produce_record(request)

    def lift(self) -> None:
        """Closes the editor."""
        self._rest.stop()
        self._context.tasks.cancel("records.draft")
        super().lift()

    def _show_source(self) -> None:
        source = self._source
        if source is None:
            self.key.modes.choose("null")
            return
        self.key.show_source(source.detail.key)
        self.value.show_source(source.detail.value)
        if source.headers is not None:
            self._headers_before = source.headers
            self.headers.show_headers(source.headers)

    def _change(self) -> None:
        self.check()
        self._rest.start()

    def _ask_decoders(self) -> None:
        """Asks what the topic's decoders say of the bytes that are typed."""
        key, value = self.key.shown_bytes, self.value.shown_bytes
        if not value and self._source is None:  # nothing is typed yet
            value = None
        if not self.topic.text or self.key.problem or self.value.problem or self.headers.problem:
            self._show_reading(None, None)
            return
        work = self._decode(self.topic.text, key, value, self.headers.headers)
        self._context.tasks.ask("records.draft", work, lambda _error: self._show_reading(None, None))

    async def _decode(self, topic: str, key: bytes | None, value: bytes | None, headers: tuple[Header, ...]) -> None:
        self._show_reading(*await self._context.engine.decode_bytes(topic, key, value, headers))

    def _show_reading(self, key: DecodedField | None, value: DecodedField | None) -> None:
        said = [_reading_words(name, field) for name, field in (("value", value), ("key", key))]
        problem = next((words for words, good in said if not good), None)
        good = next((words for words, fits in said if fits and words), "")
        self._mark.set_mark(Mark.BAD if problem else Mark.OK if good else Mark.IDLE)
        self._mark.setVisible(bool(problem or good))
        self.reading.set_tone("bad_text" if problem else "text_2")
        self.reading.setText(problem or good)

    def _connect(self) -> None:
        for signal in (
            self.topic.currentTextChanged,
            self.partition.currentTextChanged,
            self.timestamp.currentTextChanged,
            self.key.changed,
            self.value.changed,
            self.headers.changed,
        ):
            signal.connect(self._change)

    def _fill_form(self) -> None:
        told = QHBoxLayout()
        told.setSpacing(6)
        told.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.reading, 1)
        value = QWidget()
        value.setLayout(column(self.value, told, gap=4))
        headers = QWidget()
        unreadable = self._source is not None and self._source.headers is None
        why = "Its headers cannot be read: it is sent with those that you add here."
        headers.setLayout(
            column(*((Text(why, size=12, tone="warn_text", wrap=True),) if unreadable else ()), self.headers, gap=4)
        )
        self.field("Topic", self.topic)
        self.field("Partition", self.partition)
        for name, control in (("Key", self.key), ("Value", value), ("Headers", headers)):
            self.field(name, control)
            self.form.setAlignment(self._labels[control], Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.field("Timestamp", self.timestamp)


def _title(source: SourceRecord | None) -> tuple[str, str]:
    if source is None:
        return "Send a record", "Nothing is written before you have seen its plan."
    id_ = source.detail.id
    where = f"{id_.topic_partition} @ {number(id_.offset)}"
    return f"Send {where} again", "The record itself stays. What you do not edit is sent byte for byte."


def _is_large(data: FieldBytes | None) -> bool:
    return data is not None and not data.complete


def _reading_words(name: str, field: DecodedField | None) -> tuple[str, bool]:
    """Returns what a decoder says of a key or value, and whether it reads it."""
    if field is None or field.decoder is None:
        return "", True
    if field.problem:
        return f"As the topic's format ({field.decoder}) it cannot be read: {field.problem}", False
    schema = f", {field.schema}" if field.schema else ""
    return f"{field.decoder} reads the {name}{schema}", True


def _partition(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError(f"'{text}' is no partition.")
    return int(text)


def _milliseconds(text: str) -> int | None:
    if not text:
        return None
    try:
        return parse_time(text.removeprefix("@"))
    except ValueError as error:
        raise ValueError(f"{error}.") from None
