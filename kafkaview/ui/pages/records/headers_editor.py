"""An editor of headers: their order, duplicates, null and binary values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafkaview.terms import Header
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button, ButtonKind
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.records.field_bytes import Notation, read_bytes, write_bytes

_NULL: Final = "null"
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
        foot.addStretch(1)
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
        row.changed.connect(self.changed)
        row.dropped.connect(lambda: self._remove(row))
        row.raised.connect(lambda: self._raise(row))
        self._rows.append(row)
        self._list.addWidget(row)
        return row

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
    """The fields of one header."""

    changed = Signal()
    dropped = Signal()
    raised = Signal()

    def __init__(self, theme: Theme, header: Header) -> None:
        super().__init__()
        self._shown = header
        self.name = QLineEdit(header.key)
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the header")
        self.kind = ChoiceList("Kind of the value")
        self.kind.setMinimumContentsLength(4)
        for name, title in _KINDS:
            self.kind.addItem(title, name)
        self.value = QLineEdit()
        self.value.setAccessibleName("Value of the header")
        self.value.setProperty("mono", "true")
        text = None if header.value is None else write_bytes(header.value, Notation.TEXT)
        if text is not None and "\n" in text:
            text = None
        kind = _NULL if header.value is None else Notation.HEX if text is None else Notation.TEXT
        self.kind.setCurrentIndex(self.kind.findData(str(kind)))
        self.value.setText(text if text is not None else (header.value or b"").hex(" "))
        self._edited = False
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
        self._turn()
        for signal in (self.name.textEdited, self.value.textEdited, self.kind.activated):
            signal.connect(self._edit)

    @property
    def header(self) -> Header:
        """The header. Raises ValueError with the reason why it cannot be read."""
        if not self._edited:
            return self._shown
        name = self.name.text() if self.name.isModified() else self._shown.key
        kind = self.kind.currentData()
        if kind == _NULL:
            return Header(name, None)
        try:
            read_bytes(name, Notation.TEXT)
            return Header(name, read_bytes(self.value.text(), Notation(kind)))
        except ValueError as error:
            raise ValueError(f"Header {name}: {error}") from None

    def _edit(self, _what: object) -> None:
        self._edited = True
        self._turn()
        self.changed.emit()

    def _turn(self) -> None:
        self.value.setEnabled(self.kind.currentData() != _NULL)
