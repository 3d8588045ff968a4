"""The banner under a page's head. It is shown only where something is missing, old or read-only."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text, bold_text, escape_text, ground, repolish
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme


class BannerKind(StrEnum):
    """The reason of a banner: something is missing, what is shown is old, or nothing may be written."""

    PARTIAL = "partial"
    STALE = "stale"
    READ_ONLY = "read-only"


_LOOK = {
    BannerKind.PARTIAL: (Mark.WARN, "warn_fill"),
    BannerKind.STALE: (Mark.UNKNOWN, "unknown_fill"),
    BannerKind.READ_ONLY: (Mark.IDLE, "unknown_fill"),
}


class Banner(QWidget):
    """A line with the news in bold, its meaning and one button; as many lines as its words need. It is hidden while
    there is no news.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mark = MarkLabel(theme, Mark.WARN)
        self._text = Text(rich=True, wrap=True)
        self.action = Button(theme, "Try now", kind=ButtonKind.LINK)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(self.action)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def say(self, kind: BannerKind, news: str, meaning: str = "", action: str | None = None) -> None:
        """Shows the news, its meaning and the button."""
        mark, fill = _LOOK[kind]
        self._mark.set_mark(mark)
        ground(self, fill)
        repolish(self)
        self._text.setText(f"{bold_text(news)} {escape_text(meaning)}")
        self.setAccessibleName(f"{news} {meaning}")
        self.action.setText(action or "")
        self.action.setVisible(action is not None)
        self.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Takes the height of the words: Qt gives what wraps the height of a width that it guesses."""
        layout = self.layout()
        wanted = layout.totalHeightForWidth(self.width()) if layout is not None else 0
        self.setFixedHeight(max(self._theme.px(34), wanted))
