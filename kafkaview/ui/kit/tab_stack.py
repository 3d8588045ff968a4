"""Tabs under segments, each made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.lazy_parts import Made

W = TypeVar("W", bound=QWidget)


class TabStack(QStackedWidget, Generic[W]):
    """The tab in front. `tabs` holds the title of each and what makes it; `segments` are placed by whoever owns it."""

    turned = Signal(str)  # another tab has come to the front

    def __init__(
        self, tabs: Mapping[str, tuple[str, Callable[[], W]]], *, low: bool = False, wraps: bool = False
    ) -> None:
        super().__init__()
        self._makers = {name: make for name, (_title, make) in tabs.items()}
        self.tabs: Made[str, W] = Made(tabs, self._make)
        titles = tuple((name, title) for name, (title, _make) in tabs.items())
        self.segments = Segments(titles, low=low, wraps=wraps)
        self.addWidget(QWidget())  # in front until a tab is: Qt would take the first one that is made
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
        """Bring a tab to the front."""
        self.segments.choose(name)

    def set_title(self, name: str, title: str) -> None:
        """Write another title, with its count."""
        self.segments.set_title(name, title)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: the first tab is made when somebody looks."""
        super().showEvent(event)
        self.setCurrentWidget(self.front)

    def _make(self, name: str) -> W:
        tab = self._makers[name]()
        self.addWidget(tab)
        return tab

    def _turn(self, name: str) -> None:
        if self.currentWidget() is not cast("QWidget", self.tabs[name]):
            self.setCurrentWidget(self.tabs[name])
            self.turned.emit(name)
