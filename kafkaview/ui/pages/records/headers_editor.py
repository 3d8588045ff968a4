"""An editor of headers: their order, duplicates, null and binary values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafkaview.terms import Header
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.field_bytes import Notation, read_bytes, text_problem
from kafkaview.words import size

_NULL: Final = "null"
_KEPT: Final = "kept"  # too large to be edited
_EDITABLE_BYTES: Final = 16_384  # of a value: its hex is one line, which Qt lays out anew at each key
_NO_LIMIT: Final = 2**31 - 1  # Qt's own cuts a longer text
_KINDS: Final = ((Notation.TEXT.value, "Text"), (Notation.HEX.value, "Hex"), (_NULL, "Null"))


class HeadersEditor(QWidget):
    """A line for each header. Emits `changed`. A header that nobody has edited stays the one that was shown."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[HeaderFields] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.add = Button(theme, "Add a header", kind=ButtonKind.LINK, icon="plus", clicked=self._add_empty)
        foot = QHBoxLayout()
        foot.addWidget(self.add)
        self.said = Text(size=12, tone="bad_text", wrap=True)
        foot.addWidget(self.said, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._list)
        layout.addLayout(foot)

    def show_headers(self, headers: Sequence[Header]) -> None:
        """Shows headers in their order."""
        for row in tuple(self._rows):
            self._drop(row)
        for header in headers:
            self._append(header)

    @property
    def headers(self) -> tuple[Header, ...]:
        """The headers in their order. Raises ValueError for one that cannot be read."""
        return tuple(row.header for row in self._rows)

    @property
    def problem(self) -> str:
        """Why a header cannot be read; empty if all can."""
        try:
            self.headers  # noqa: B018  # whether it raises
        except ValueError as error:
            return str(error)
        return ""

    @property
    def rows(self) -> tuple[HeaderFields, ...]:
        """The lines."""
        return tuple(self._rows)

    def _add_empty(self) -> None:
        row = self._append(Header("", b""))
        row.name.setFocus()
        self.changed.emit()

    def _append(self, header: Header) -> HeaderFields:
        row = HeaderFields(self._theme, header)
        row.changed.connect(self._change)
        row.refused.connect(self.said.setText)
        row.dropped.connect(lambda: self._remove(row))
        row.raised.connect(lambda: self._raise(row))
        self._rows.append(row)
        self._list.addWidget(row)
        return row

    def _change(self) -> None:
        self.said.setText("")
        self.changed.emit()

    def _remove(self, row: HeaderFields) -> None:
        self._drop(row)
        self.changed.emit()

    def _drop(self, row: HeaderFields) -> None:
        self._rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _raise(self, row: HeaderFields) -> None:
        """Puts a header before the one above it."""
        at = self._rows.index(row)
        if at:
            self._rows.insert(at - 1, self._rows.pop(at))
            self._list.removeWidget(row)
            self._list.insertWidget(at - 1, row)
            self.changed.emit()


class HeaderFields(QWidget):
    """The fields of one header. What is not edited of it stays as it was. Emits `refused` with the reason where its
    value cannot be shown as text.
    """

    changed = Signal()
    refused = Signal(str)
    dropped = Signal()
    raised = Signal()

    def __init__(self, theme: Theme, header: Header) -> None:
        super().__init__()
        self._shown = header
        keeps = header.value is not None and len(header.value) > _EDITABLE_BYTES
        self._data = b"" if header.value is None or keeps else header.value
        self._problem = ""
        self.name = QLineEdit()
        self.name.setMaxLength(_NO_LIMIT)
        self.name.setText(header.key)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the header")
        if self.name.text() != header.key:
            self.name.setReadOnly(True)
            self.name.setToolTip("It holds characters that a field cannot hold, and is sent as it is")
        self.kind = ChoiceList("Kind of the value")
        self.kind.setMinimumContentsLength(4)
        for name, title in (*(((_KEPT, "As it is"),) if keeps else ()), *_KINDS):
            self.kind.addItem(title, name)
        self.value = QLineEdit()
        self.value.setMaxLength(_NO_LIMIT)
        self.value.setAccessibleName("Value of the header")
        self.value.setProperty("mono", "true")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.name, 2)
        row.addWidget(self.kind)
        row.addWidget(self.value, 3)
        up = Button(theme, kind=ButtonKind.ICON, icon="arrow-up", tip="Before the one above", clicked=self.raised.emit)
        drop = Button(theme, kind=ButtonKind.ICON, icon="x", tip="Remove this header", clicked=self.dropped.emit)
        row.addWidget(up)
        row.addWidget(drop)
        text = Notation.HEX if _text_problem(self._data) else Notation.TEXT
        self._show(_NULL if header.value is None else _KEPT if keeps else text)
        self.name.textChanged.connect(self.changed)
        self.value.textChanged.connect(self._read)
        self.kind.currentIndexChanged.connect(self._turn)

    @property
    def header(self) -> Header:
        """The header. Raises ValueError with the reason why it cannot be read."""
        name, kind = self._shown.key if self.name.isReadOnly() else self.name.text(), self.kind.currentData()
        if self._problem:
            raise ValueError(f"Header {name}: {self._problem}")
        if kind == _KEPT:
            return Header(name, self._shown.value)
        return Header(name, None if kind == _NULL else self._data)

    def _read(self, text: str) -> None:
        try:
            self._data = read_bytes(text, Notation(self.kind.currentData()))
            self._problem = ""
        except ValueError as error:
            self._problem = str(error)
        self.changed.emit()

    def _turn(self) -> None:
        """Shows the same bytes as another kind."""
        kind = self.kind.currentData()
        why = _text_problem(self._data) if kind == Notation.TEXT else ""
        self._show(Notation.HEX if why else kind)
        self.changed.emit()
        if why:
            self.refused.emit(f"Header {self.name.text()}: {why}")

    def _show(self, kind: str) -> None:
        for one in (self.kind, self.value):
            one.blockSignals(True)
        self.kind.setCurrentIndex(self.kind.findData(str(kind)))
        text = self._data.decode() if kind == Notation.TEXT else self._data.hex(" ") if kind == Notation.HEX else ""
        self.value.setText(text)
        for one in (self.kind, self.value):
            one.blockSignals(False)
        kept = kind == _KEPT
        self.value.setPlaceholderText(f"{size(len(self._shown.value or b''))}, sent as they are" if kept else "")
        self.value.setEnabled(kind not in (_NULL, _KEPT))
        self._problem = ""


def _text_problem(data: bytes) -> str:
    """Returns why the value of a header cannot be edited as text on one line; empty if it can."""
    return text_problem(data) or ("A value of several lines is edited in hex" if b"\n" in data else "")
