"""The bytes of a key or a value in hex, or words if there are none: null and empty differ."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.decode.result import Undecodable
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.hex_view import HexView
from kafkaview.ui.kit.theme import Theme


class BytesView(QStackedWidget):
    """Shows bytes, or says that they are null or empty."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: bytes | None = None
        self.hex = HexView(theme)
        self._none = Text(tone="text_2", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.addWidget(self.hex)
        self.addWidget(self._none)

    def show_bytes(self, data: bytes | None, problem: Undecodable | None = None, null: str = "null") -> None:
        """Shows these bytes and marks the one at which a decoder failed."""
        self._data = data
        self.setCurrentIndex(0 if data else 1)
        if data:
            self.hex.set_bytes(data, problem.position if problem else None, problem.length if problem else 1)
        else:
            self._none.setText(null if data is None else "Empty: 0 bytes. Null would be something else.")

    def mark(self, position: int, length: int) -> None:
        """Marks other bytes."""
        if self._data:
            self.hex.set_bytes(self._data, position, length)
