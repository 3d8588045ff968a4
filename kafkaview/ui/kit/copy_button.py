"""A button that copies a text and says so."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from kafkaview.ui.kit.controls import Button, ButtonKind
from kafkaview.ui.kit.theme import Theme


class CopyButton(Button):
    """Copies the text that it was given last."""

    def __init__(self, theme: Theme, title: str = "Copy") -> None:
        super().__init__(theme, title, kind=ButtonKind.LINK, clicked=self._copy)
        self._title = title
        self._copied_text = ""

    def offer(self, text: str) -> None:
        """Takes another text to copy."""
        self._copied_text = text
        self.setText(self._title)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._copied_text)
        self.setText("Copied")
