"""The head of a page: its title, its finding in a sentence, its filters and actions."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from kafkaview.ui.controls import Text, ground
from kafkaview.ui.page import Page
from kafkaview.ui.theme import Theme

_HEIGHT = 48


class PageHead(QStackedWidget):
    """One head for each page, shown with it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._fit)
        self._fit()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(_HEIGHT))

    def add(self, page: Page) -> None:
        """Make the head of a page."""
        head = QWidget()
        ground(head, "surface")
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(Text(page.title, size=18, weight=600))
        row.addSpacing(8)
        finding = Finding()
        row.addWidget(finding, 1)
        for widget in page.head_actions():
            row.addWidget(widget)
        page.finding_changed.connect(finding.setText)
        self.addWidget(head)


class Finding(Text):
    """The finding gives way to the actions: it is cut where there is no room, with the whole in its tooltip."""

    def __init__(self) -> None:
        super().__init__(tone="text_2")
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's name
        """Qt's."""
        super().setText(text)
        self.setToolTip(text)
        self.setAccessibleName(text)
