"""The field that says what values are held to before they are sent."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.profiles.file_paths import typed_path
from kafkaview.triage.mending.rules import Acceptance, AcceptKind
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.theme import Theme

_VERSION: Final = "version"
_CHOICES: Final = (
    (AcceptKind.NONE.value, "Nothing: all are sent"),
    (AcceptKind.TOPIC.value, "The rules of the topic, or else its own format"),
    (AcceptKind.JSON.value, "JSON (RFC 8259)"),
    (AcceptKind.JSON_SCHEMA.value, "A JSON Schema in a file"),
    (AcceptKind.REGISTRY.value, "The latest schema of the topic in the registry"),
    (_VERSION, "A version of that schema"),
)
_MORE: Final = {AcceptKind.JSON_SCHEMA.value: "/home/me/order.schema.json", _VERSION: "3"}


class AcceptanceField(QWidget):
    """A list, and beside it the file or the version that some of its choices take."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.kinds = ChoiceList("Held to")
        for value, title in _CHOICES:
            self.kinds.addItem(title, value)
        self.more = QLineEdit()
        self.more.setAccessibleName("File or version")
        self.choose = Button(theme, "Choose…", clicked=self._choose_file)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.kinds, 1)
        row.addWidget(self.more, 1)
        row.addWidget(self.choose)
        self.setLayout(row)
        self.kinds.currentIndexChanged.connect(self._turn)
        self.more.textChanged.connect(lambda _text: self.changed.emit())
        self._turn()

    def why_not(self) -> str:
        """Returns what is missing; empty if nothing is."""
        kind, more = self._kind, self.more.text().strip()
        if kind == AcceptKind.JSON_SCHEMA and not more:
            return "The file of the JSON Schema is missing."
        if kind == _VERSION and not (more.isascii() and more.isdecimal() and int(more)):
            return "The version is a number from 1 on."
        return ""

    @property
    def acceptance(self) -> Acceptance:
        """What is chosen. The engine reads the file."""
        kind, more = self._kind, self.more.text().strip()
        if kind == AcceptKind.JSON_SCHEMA:
            return Acceptance(AcceptKind.JSON_SCHEMA, file=str(typed_path(more)))
        return Acceptance(AcceptKind.REGISTRY, version=int(more)) if kind == _VERSION else Acceptance(AcceptKind(kind))

    @property
    def _kind(self) -> str:
        return str(self.kinds.currentData())

    def _turn(self, _place: int = 0) -> None:
        kind = self._kind
        self.more.setVisible(kind in _MORE)
        self.choose.setVisible(kind == AcceptKind.JSON_SCHEMA)
        self.more.setPlaceholderText(_MORE.get(kind, ""))
        self.changed.emit()

    def _choose_file(self) -> None:
        ask_for_file(self, "JSON Schema", "JSON (*.json)", lambda path: self.more.setText(str(path)))
