"""One way to begin: an icon, words, and a button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.theme import Theme


class WelcomeOption(QWidget):
    """A block with a hairline; the recommended one has a frame."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str,
        button: Button,
        *,
        framed: bool = False,
        below: QWidget | None = None,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._framed = framed
        self._icon = icon
        self._picture = QLabel()
        self._picture.setFixedWidth(theme.px(20))
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(Text(title, size=15, weight=600))
        words.addWidget(Text(text, tone="text_2", wrap=True))
        if below is not None:
            words.addWidget(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 14, 20, 14)
        row.setSpacing(16)
        row.addWidget(self._picture, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, stretch=1)
        if beside is not None:
            beside.setMinimumWidth(theme.px(110))
            beside.setMaximumWidth(theme.px(190))
            row.addWidget(beside, stretch=1)
        row.addWidget(button)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self._framed else 1
        painter.setBrush(self._theme.color("surface"))
        painter.setPen(QPen(self._theme.color("accent" if self._framed else "line"), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        painter.end()

    def _paint_icon(self) -> None:
        token = "accent" if self._framed else "text_2"
        self._picture.setPixmap(self._theme.pixmap(self._icon, token, 20, self.devicePixelRatioF()))
        self.update()
