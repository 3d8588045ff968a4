"""A field of two parts: what kind of thing is meant, in words, and beside it what that kind has to be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.profiles.file_paths import typed_path
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.theme import Theme


class Told(Enum):
    """What a kind has to be told."""

    NOTHING = "nothing"
    LINE = "a line"
    FILE = "a file"
    PART_OF_FILE = "a file, and the name of something in it"
    CHOICE = "one of a few"


@dataclass(frozen=True, slots=True)
class ValueKind:
    """One kind. Its values begin with `opening`, as the code reads them; what it is told follows. That is called `name`
    where it is missing, and `hint` is an example of it; a line holds `begin` first.
    """

    opening: str
    title: str
    told: Told = Told.NOTHING
    name: str = ""
    hint: str = ""
    begin: Callable[[], str] = str
    choices: tuple[tuple[str, str], ...] = ()  # what follows, and its words


class KindField(QWidget):
    """A list of kinds, and a line, a file or a second list for the one that is chosen."""

    changed = Signal()
    entered = Signal()  # Enter was pressed in a line

    def __init__(self, theme: Theme, name: str, kinds: Sequence[ValueKind]) -> None:
        super().__init__()
        self._all = tuple(kinds)
        self.kinds = ChoiceList(name)
        self.kinds.addItems([kind.title for kind in kinds])
        self.line, self.part = QLineEdit(), QLineEdit()
        self.choices = ChoiceList(f"{name}: which")
        self.choose = Button(theme, "Choose…", clicked=self._choose_file)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (self.kinds, self.line, self.choices, self.part):
            row.addWidget(part, 1)
        row.addWidget(self.choose)
        self.setFocusProxy(self.kinds)
        self.kinds.currentIndexChanged.connect(self._turn)
        self.choices.currentIndexChanged.connect(lambda _place: self.changed.emit())
        for line in (self.line, self.part):
            line.textChanged.connect(lambda _text: self.changed.emit())
            line.returnPressed.connect(self.entered)
        self._turn()

    @property
    def kind(self) -> ValueKind:
        """The kind that is chosen."""
        return self._all[self.kinds.currentIndex()]

    @property
    def value(self) -> str:
        """The kind and what it was told, as the code reads them."""
        kind, line = self.kind, self.line.text().strip()
        if kind.told is Told.CHOICE:
            return f"{kind.opening}{self.choices.currentData()}"
        if kind.told is Told.FILE:
            return f"{kind.opening}{typed_path(line)}"
        if kind.told is Told.PART_OF_FILE:
            return f"{kind.opening}{typed_path(line)}:{self.part.text().strip()}"
        return f"{kind.opening}{line}" if kind.told is Told.LINE else kind.opening

    @property
    def why_not(self) -> str:
        """What is missing; empty if nothing is."""
        kind = self.kind
        lines = {Told.LINE: (self.line,), Told.FILE: (self.line,), Told.PART_OF_FILE: (self.line, self.part)}
        empty = any(not line.text().strip() for line in lines.get(kind.told, ()))
        return f"{kind.name} is missing." if empty else ""

    def show_value(self, value: str) -> None:
        """Shows a value: its kind is the one with the longest opening that it begins with."""
        told = [kind for kind in self._all if _fits(kind, value)]
        kind = max(told, key=lambda one: len(one.opening))
        self.kinds.setCurrentIndex(self._all.index(kind))
        rest = value[len(kind.opening) :]
        if kind.told is Told.CHOICE:
            self.choices.setCurrentIndex(self.choices.findData(rest))
        elif kind.told is Told.PART_OF_FILE:
            file, _, part = rest.rpartition(":")
            self.line.setText(file)
            self.part.setText(part)
        else:
            self.line.setText(rest)
        self.line.setCursorPosition(0)  # its begin is seen

    def set_titles(self, write: Callable[[ValueKind], str]) -> None:
        """Writes the words of the kinds in another way."""
        for place, kind in enumerate(self._all):
            self.kinds.setItemText(place, write(kind))

    def _turn(self, _place: int = 0) -> None:
        kind = self.kind
        files = (Told.FILE, Told.PART_OF_FILE)
        self.line.setVisible(kind.told is Told.LINE or kind.told in files)
        self.part.setVisible(kind.told is Told.PART_OF_FILE)
        self.choices.setVisible(kind.told is Told.CHOICE)
        self.choose.setVisible(kind.told in files)
        hint, _, of_part = kind.hint.partition("|")
        self.line.setPlaceholderText(hint)
        self.part.setPlaceholderText(of_part)
        for line, name in ((self.line, kind.name), (self.part, of_part)):
            line.setAccessibleName(f"{self.kinds.accessibleName()}: {name}")
        self.line.setText(kind.begin())
        self.line.setCursorPosition(0)
        self.choices.blockSignals(True)  # one change is told, of the kind
        self.choices.clear()
        for value, title in kind.choices:
            self.choices.addItem(title, value)
        self.choices.blockSignals(False)
        self.changed.emit()

    def _choose_file(self) -> None:
        ask_for_file(self, self.kind.title, "", lambda path: self.line.setText(str(path)), begin=self.line.text())


def _fits(kind: ValueKind, value: str) -> bool:
    if kind.told is Told.NOTHING:
        return value == kind.opening
    rest = value.removeprefix(kind.opening)
    known = any(rest == one for one, _title in kind.choices) if kind.told is Told.CHOICE else True
    return value.startswith(kind.opening) and known
