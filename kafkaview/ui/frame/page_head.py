"""The head of a page: its title, its finding in a sentence, its filters and actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from kafkaview.ui.controls import Text, ground
from kafkaview.ui.flow import flowing
from kafkaview.ui.page import Page
from kafkaview.ui.theme import Theme

_HEIGHT = 48
_LEAST_FINDING = 60


class PageHead(QStackedWidget):
    """One head for each page, shown with it, as high as it needs to be."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._fit)
        self.currentChanged.connect(self._fit)
        self._fit()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add(self, page: Page) -> None:
        """Make the head of a page."""
        self.addWidget(_Head(self._theme, page))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        head = self.currentWidget()
        more = head.arrange(self.width()) if isinstance(head, _Head) else 0
        self.setFixedHeight(self._theme.px(_HEIGHT) + more)


class _Head(QWidget):
    """Title and finding, and the actions beside them; or below them, where there is little room."""

    def __init__(self, theme: Theme, page: Page) -> None:
        super().__init__()
        self._theme = theme
        self._title = Text(page.title, size=18, weight=600)
        self._actions = QWidget()
        self._actions.setLayout(flowing(*page.head_actions()))
        finding = Finding()
        page.finding_changed.connect(finding.setText)
        said = QHBoxLayout()
        said.setSpacing(16)
        said.addWidget(self._title)
        said.addWidget(finding, 1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(16, 0, 12, 0)
        self._parts.setSpacing(8)
        self._parts.addLayout(said, 1)
        self._parts.addWidget(self._actions, alignment=Qt.AlignmentFlag.AlignVCenter)
        ground(self, "surface")

    def arrange(self, width: int) -> int:
        """Put the actions where there is room for them; the height that they take below the title."""
        edges = self._parts.contentsMargins()
        room = width - edges.left() - edges.right()
        beside = self._title.sizeHint().width() + self._theme.px(_LEAST_FINDING) + self._actions.sizeHint().width()
        below = beside > room
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._parts.setDirection(down if below else across)
        self._parts.setContentsMargins(16, 0, 12, 8 if below else 0)
        return self._actions.heightForWidth(room) + 8 if below else 0


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
