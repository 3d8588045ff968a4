"""An editor of a key or a value: as text, hex or base64, null, or a source's bytes as they are."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.records.detail import FieldBytes
from kafkaview.ui.kit.bytes_text import CodeText, readable
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.field_bytes import (
    Notation,
    best_notation,
    is_too_long,
    read_bytes,
    text_problem,
    write_bytes,
)
from kafkaview.words import plural, size
from kafkaview.writes.records.request import SourcePart

_NULL: Final = "null"
_KEPT: Final = "kept"  # of a source, too large to be edited
_SHOWN_BYTES: Final = 2_048  # of what is kept


class BytesEditor(QWidget):
    """Emits `changed` as it is edited. A source's bytes that nobody has edited are KEPT; those that are too many to
    edit can be kept or replaced.
    """

    changed = Signal()

    def __init__(self, theme: Theme, *, height: int, null: str = "Null", keeps: bool = False) -> None:
        super().__init__()
        modes = [(str(name), title) for name, title in zip(Notation, ("Text", "Hex", "Base64"), strict=True)]
        kept = [(_KEPT, "As it is")] if keeps else []
        self.modes = Segments((*kept, *modes, (_NULL, null)), low=True, wraps=True)
        self.text = BytesField()
        self.text.setFixedHeight(theme.px(height))
        self.said = Text(size=12, tone="text_2")
        self._source: FieldBytes | None = None
        self._has_source = False
        self._data = b""
        self._problem = ""
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.modes)
        head.addWidget(self.said, 1)
        self.setLayout(column(head, self.text, gap=4))
        self.modes.chosen.connect(self._turn)
        self.text.textChanged.connect(self._read)
        self.text.refused.connect(self._say_refused)
        self._show(Notation.TEXT)

    def show_source(self, source: FieldBytes | None) -> None:
        """Shows the bytes of a source; None is null."""
        self._source, self._has_source = source, True
        if source is not None and not source.complete:
            self._show(_KEPT)
            return
        self._data = source.head if source is not None else b""
        self._show(_NULL if source is None else best_notation(self._data))

    @property
    def problem(self) -> str:
        """Why what is typed cannot be read; empty if it can."""
        return self._problem

    @property
    def content(self) -> bytes | SourcePart | None:
        """The bytes, null, or KEPT where they are the source's."""
        mode = self.modes.current
        data = None if mode == _NULL else self._data
        return SourcePart.KEPT if mode == _KEPT or (self._has_source and self._is_source(data)) else data

    @property
    def shown_bytes(self) -> bytes | None:
        """The bytes that can be looked at: none of null, or of what is kept because it is too large."""
        return None if self.modes.current in (_NULL, _KEPT) else self._data

    def _is_source(self, data: bytes | None) -> bool:
        if self._source is None or data is None:
            return self._source is None and data is None
        return self._source.complete and self._source.head == data

    def _turn(self, mode: str) -> None:
        """Shows the same bytes in another notation."""
        why = text_problem(self._data) if mode == Notation.TEXT else ""
        if why:
            self._show(Notation.HEX)
            self._say(why, problem=True)
        else:
            self._show(mode)
        self.changed.emit()

    def _show(self, mode: str) -> None:
        for one in (self.modes, self.text):
            one.blockSignals(True)
        self.modes.choose(mode)
        self.text.setPlainText(self._shown(mode))
        for one in (self.modes, self.text):
            one.blockSignals(False)
        self.text.setEnabled(mode not in (_NULL, _KEPT))
        self._problem = ""
        self._say_size()

    def _shown(self, mode: str) -> str:
        if mode == _NULL:
            return ""
        if mode == _KEPT:
            assert self._source is not None
            return readable(self._source.head[:_SHOWN_BYTES]) + "\n…"
        return write_bytes(self._data, Notation(mode)) or ""

    def _read(self) -> None:
        try:
            self._data = read_bytes(self.text.code, Notation(self.modes.current))
        except ValueError as error:
            self._problem = str(error)
            self._say(self._problem, problem=True)
        else:
            self._problem = ""
            self._say_size()
        self.changed.emit()

    def _say_size(self) -> None:
        mode = self.modes.current
        if mode == _NULL:
            self._say("null, not empty")
        elif mode == _KEPT:
            assert self._source is not None
            self._say(f"{size(self._source.size)}: sent as they are, too large to edit")
        else:
            self._say(plural(len(self._data), "byte") if self._data else "empty, 0 bytes")

    def _say_refused(self) -> None:
        self._say("Not pasted: it is too long to be edited. kafkaview records produce sends a file.", problem=True)

    def _say(self, words: str, *, problem: bool = False) -> None:
        self.said.setText(words)
        self.said.set_tone("bad_text" if problem else "text_2")


class BytesField(CodeText):
    """The field that is typed into. Lines are broken anywhere: between words is too slow. Emits `refused` where what is
    pasted would hold up the window.
    """

    refused = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802  # Qt's name
        """Qt's."""
        if is_too_long(source.text()):
            self.refused.emit()
        else:
            super().insertFromMimeData(source)
