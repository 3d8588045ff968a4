"""Tabs under segments. Each tab is made when it is first opened, or in pieces before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.turns import paint_in_turns

W = TypeVar("W", bound=QWidget)


class TabStack(QStackedWidget, Generic[W]):
    """The tab in front. `tabs` holds the title of each tab, and its widget or the function that makes it. The page
    places the `segments`. Each tab that is made is styled by itself if there is a function to `dress` it.
    """

    turned = Signal(str)  # another tab has come to the front

    def __init__(
        self,
        tabs: Mapping[str, tuple[str, W | Callable[[], W]]],
        *,
        low: bool = False,
        wraps: bool = False,
        dress: Callable[[QWidget], object] | None = None,
    ) -> None:
        super().__init__()
        self._tabs = {name: tab for name, (_title, tab) in tabs.items()}
        self._dress = dress
        self.tabs: LazyParts[str, W] = LazyParts(tabs, self._make, self._place)
        titles = tuple((name, title) for name, (title, _tab) in tabs.items())
        self.segments = Segments(titles, low=low, wraps=wraps)
        self.addWidget(QWidget())  # in front until a tab is: Qt would take the first one that is made
        for tab in self._tabs.values():
            if isinstance(tab, QWidget):
                self.addWidget(tab)
        self.segments.chosen.connect(self._turn)

    @property
    def current(self) -> str:
        """The name of the tab in front."""
        return self.segments.current

    @property
    def front(self) -> W:
        """The tab in front."""
        return self.tabs[self.current]

    def choose(self, name: str) -> None:
        """Brings a tab to the front."""
        self.segments.choose(name)

    def set_title(self, name: str, title: str) -> None:
        """Changes a tab's title, with its count."""
        self.segments.set_title(name, title)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: the first tab is made when somebody looks."""
        super().showEvent(event)
        self.setCurrentWidget(self.front)

    def _make(self, name: str) -> W:
        tab = self._tabs[name]
        if isinstance(tab, QWidget):
            return tab
        made = tab()
        made.setParent(self.window())  # which ends it, should it never get its place
        made.hide()
        return made

    def _place(self, tab: W) -> None:
        if self.indexOf(tab) < 0:
            self.addWidget(tab)
            if self._dress is not None:
                self._dress(tab)

    def _turn(self, name: str) -> None:
        tab: QWidget = self.tabs[name]
        if self.currentWidget() is not tab:
            with paint_in_turns(self):
                self.setCurrentWidget(tab)
            self.turned.emit(name)
