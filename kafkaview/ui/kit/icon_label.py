"""An icon that is no button, painted anew in each look."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from kafkaview.ui.kit.theme import Theme


class IconLabel(QLabel):
    """An icon in the size of the text and the colours of the theme."""

    def __init__(self, theme: Theme, icon: str, tone: str, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = (icon, tone, size)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        self.setPixmap(self._theme.pixmap(*self._look, self.devicePixelRatioF()))
