"""The field that says what values are held to before they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.port import Engine
from kafkaview.profiles.file_paths import typed_path
from kafkaview.triage.mending.rules import Acceptance, AcceptKind
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import name_text

_VERSION: Final = "version"
_CHOICES: Final = (
    (AcceptKind.NONE.value, "Nothing: all are sent"),
    (AcceptKind.TOPIC.value, "The rules of the topic, or else its own format"),
    (AcceptKind.JSON.value, "JSON (RFC 8259)"),
    (AcceptKind.JSON_SCHEMA.value, "A JSON Schema in a file"),
    (AcceptKind.REGISTRY.value, "The latest schema of the topic in the registry"),
    (_VERSION, "A version of that schema"),
)
_UNCHECKED: Final = "Whether their readers take them is not checked."
_MORE: Final = {AcceptKind.JSON_SCHEMA.value: "/home/me/order.schema.json", _VERSION: "3"}


class AcceptanceField(QWidget):
    """A list, and beside it the file or the version that some of its choices take; below it the reason of what is
    chosen by itself.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.kinds = ChoiceList("Held to")
        for value, title in _CHOICES:
            self.kinds.addItem(title, value)
        self.more = QLineEdit()
        self.more.setAccessibleName("File or version")
        self.choose = Button(theme, "Choose…", clicked=self._choose_file)
        self.why = Text(size=12, tone="text_2", wrap=True)
        self._reason = ""
        self._by_hand = False
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.kinds, 1)
        row.addWidget(self.more, 1)
        row.addWidget(self.choose)
        self.setLayout(column(row, self.why, gap=4))
        self.kinds.currentIndexChanged.connect(self._choose)
        self.more.textChanged.connect(lambda _text: self.changed.emit())
        self._turn()

    def offer_own(self, reason: str) -> None:
        """Chooses the topic's own rules or format, which the reason names, unless the user has chosen; without one
        nothing is known to hold values to.
        """
        self._reason = reason
        if not self._by_hand:
            own = AcceptKind.TOPIC if reason else AcceptKind.NONE
            self.kinds.setCurrentIndex(self.kinds.findData(own.value))
            self._by_hand = False
        self._turn()

    @property
    def checks(self) -> bool:
        """Whether values are held to anything."""
        return self._kind != AcceptKind.NONE

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

    def _choose(self, _place: int) -> None:
        self._by_hand = True
        self._turn()

    def _turn(self) -> None:
        kind = self._kind
        self.more.setVisible(kind in _MORE)
        self.choose.setVisible(kind == AcceptKind.JSON_SCHEMA)
        said = self._reason if kind == AcceptKind.TOPIC else "" if self.checks else _UNCHECKED
        self.why.setText(said)
        self.why.setVisible(bool(said))
        self.more.setPlaceholderText(_MORE.get(kind, ""))
        self.changed.emit()

    def _choose_file(self) -> None:
        ask_for_file(self, "JSON Schema", "JSON (*.json)", lambda path: self.more.setText(str(path)))


async def own_format(engine: Engine, topics: Iterable[str]) -> str:
    """Returns what each of the topics holds values to by itself, as a sentence; empty if one of them shows nothing."""
    try:
        known = {topic: await engine.topic_expectation(topic) for topic in topics}
    except ClusterError:
        return ""
    return "; ".join(f"{name_text(topic)}: {words}" for topic, words in known.items()) if all(known.values()) else ""
