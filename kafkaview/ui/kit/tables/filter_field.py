"""The field that filters a table while the user types."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from kafkaview.ui.kit.theme import Theme


class FilterField(QLineEdit):
    """Emits the text that was typed; Esc clears it."""

    filtered = Signal(str)

    def __init__(self, theme: Theme, hint: str = "Filter", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setToolTip("Words must all be there, -word must not, lag>1000 compares")
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.textChanged.connect(self.filtered)
        theme.changed.connect(self._paint_glass)
        self._paint_glass()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def _paint_glass(self) -> None:
        self._glass.setIcon(self._theme.icon("search", "text_3"))
