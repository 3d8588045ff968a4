"""A field to type into, with a list of known names to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QListView, QSizePolicy

from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import visible_alone


class Picker(ChoiceList):
    """A combo box that takes any text: a name that is not in the list may exist all the same."""

    def __init__(self, theme: Theme, name: str, width: int) -> None:
        super().__init__(name)
        self._theme = theme
        self._wanted = width
        self._offered: tuple[str, ...] = ()
        self._names: dict[str, str] = {}  # what is shown of a name, and the name
        self._filled = True
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        line, completer = self.lineEdit(), self.completer()
        if line is not None:
            line.setProperty("kind", "bare")
            line.setPlaceholderText(name)
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            popup = completer.popup()
            if popup is not None:
                if isinstance(popup, QListView):
                    popup.setUniformItemSizes(True)
                theme.dress(popup)  # a window of its own

    @property
    def text(self) -> str:
        """The name in the field, blanks and all. An offered name is shown escaped and is itself here."""
        shown = self.currentText()
        return self._names.get(shown, shown)

    def show_text(self, text: str) -> None:
        """Sets the name and shows its beginning."""
        shown = visible_alone(text)
        self._names.setdefault(shown, text)
        self._show(shown)

    def _show(self, shown: str) -> None:
        self.setEditText(shown)
        line = self.lineEdit()
        if line is not None:
            line.setCursorPosition(0)

    @property
    def first(self) -> str:
        """The first name of the list; empty if there is none."""
        return self._offered[0] if self._offered else ""

    def offers(self, name: str) -> bool:
        """Whether a name is in the list."""
        return name in self._offered

    def offer(self, names: Iterable[str]) -> None:
        """Sets the names to choose from; the text stays. The list is filled when opened: there may be 10,000 names."""
        offered = tuple(dict.fromkeys(names))
        if offered != self._offered:
            self._offered, self._filled = offered, False
            if self.hasFocus():
                self._fill()

    def showPopup(self) -> None:
        """Qt's: the list is opened."""
        self._fill()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's: what is typed is completed from the list."""
        self._fill()
        super().focusInEvent(event)

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        kept = self.currentText()
        self.blockSignals(True)
        self.clear()
        shown = {visible_alone(name): name for name in self._offered}
        self._names |= shown
        self.addItems([*shown])
        self._show(kept)
        self.blockSignals(False)

    def sizeHint(self) -> QSize:
        """Qt's: as wide as it was made, in the text's scale."""
        return QSize(self._theme.px(self._wanted), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Qt's: it gives way in a small window."""
        return QSize(self._theme.px(100), super().minimumSizeHint().height())
