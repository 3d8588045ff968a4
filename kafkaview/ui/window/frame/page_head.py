"""The head of a page: its title, its finding in a sentence, its filters and actions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from kafkaview.ui.kit.controls import Elided, Text, ground
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.page import Page
from kafkaview.ui.kit.theme import Theme

_HEIGHT = 48
_LEAST_FINDING = 300  # of a longer one; a shorter one is shown whole


class PageHead(QStackedWidget):
    """The heads of all pages; the one of the page in front is visible, and each is styled by itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heads: dict[str, _Head] = {}
        theme.changed.connect(self._fit)
        self.currentChanged.connect(self._fit)
        self._fit()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add(self, page: Page) -> None:
        """Makes the head of a page."""
        head = self._heads[page.id] = _Head(self._theme, page)
        head.resized.connect(self._fit)
        self.addWidget(head)
        self._theme.dress(head)
        page.finding_changed.connect(self._fit)

    def show_page(self, page: Page) -> None:
        """Brings the head of a page to the front."""
        self.setCurrentWidget(self._heads[page.id])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self, *_: object) -> None:
        head = self.currentWidget()
        more = head.arrange(self.width()) if isinstance(head, _Head) else 0
        self.setFixedHeight(self._theme.px(_HEIGHT) + more)


class _Head(QWidget):
    """Title and finding, with the actions beside them; or below, where there is little room. `resized` is emitted where
    a part of it may need more or less room.
    """

    resized = Signal()

    def __init__(self, theme: Theme, page: Page) -> None:
        super().__init__()
        self._theme = theme
        self._title = Text(page.title, size=18, weight=600)
        self._actions = QWidget()
        self._actions.setLayout(make_flow(*page.head_actions()))
        self._finding = Elided(tone="text_2")
        page.finding_changed.connect(self._finding.setText)
        said = QHBoxLayout()
        said.setSpacing(16)
        said.addWidget(self._title)
        said.addWidget(self._finding, 1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(16, 0, 12, 0)
        self._parts.setSpacing(8)
        self._parts.addLayout(said, 1)
        self._parts.addWidget(self._actions, alignment=Qt.AlignmentFlag.AlignVCenter)
        ground(self, "surface")

    def event(self, event: QEvent) -> bool:
        """Qt's: a new text size reaches the buttons after the window has laid itself out."""
        known = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.resized.emit()
        return known

    def arrange(self, width: int) -> int:
        """Puts the actions where there is room; returns the height that they take below the title."""
        edges = self._parts.contentsMargins()
        room = width - edges.left() - edges.right()
        said = min(self._finding.sizeHint().width(), self._theme.px(_LEAST_FINDING))
        beside = self._title.sizeHint().width() + said + self._actions.sizeHint().width() + 24
        below = beside > room
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._parts.setDirection(down if below else across)
        self._parts.setContentsMargins(16, 0, 12, 8 if below else 0)
        return self._actions.heightForWidth(room) + 8 if below else 0
