"""A field to type into or to choose from, with what is known offered while one types."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QSizePolicy

from kafkaview.ui.theme import Theme


class Picker(QComboBox):
    """Anything may be typed: a name that nobody knows yet is a fair question."""

    def __init__(self, theme: Theme, name: str, width: int) -> None:
        super().__init__()
        self._theme = theme
        self._wanted = width
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        line, completer = self.lineEdit(), self.completer()
        if line is not None:
            line.setProperty("kind", "bare")
            line.setPlaceholderText(name)
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.currentText().strip()

    def show_text(self, text: str) -> None:
        """Another text, from its beginning."""
        self.setEditText(text)
        line = self.lineEdit()
        if line is not None:
            line.setCursorPosition(0)

    def offer(self, names: Iterable[str]) -> None:
        """Offer these; what stands in it stays."""
        wanted = list(dict.fromkeys(names))
        if wanted == [self.itemText(place) for place in range(self.count())]:
            return
        kept = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(wanted)
        self.show_text(kept)
        self.blockSignals(False)

    def sizeHint(self) -> QSize:
        """Qt's: as wide as it was made, in the text's scale."""
        return QSize(self._theme.px(self._wanted), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Qt's: it gives way in a small window."""
        return QSize(self._theme.px(100), super().minimumSizeHint().height())
