"""The Coordination page: who runs the cluster, and how well, looked at for as long as the window is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kafkaview.coordination.view import CoordinationView
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.lazy_parts import Made
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.pages.coordination.standing import standing
from kafkaview.ui.pages.coordination.tab import Tab
from kafkaview.ui.pages.coordination.tabs import TABS
from kafkaview.ui.pages.coordination.words import finding

_TYPES = {tab.name: tab for tab in TABS}


class CoordinationPage(Page):
    """Its tabs under one head. A place here is `TAB` or `TAB:WHAT`: `quorum:3` is controller 3."""

    id = "coordination"
    title = "Coordination"
    icon = "network"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.view: CoordinationView | None = None
        self._sample: View | None = None
        self._seen: dict[str, CoordinationView] = {}  # what each tab shows
        self.tabs: Made[str, Tab] = Made(_TYPES, self._make)
        self.segments = Segments(tuple((tab.name, tab.title) for tab in TABS))
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._stack.addWidget(QWidget())  # in front until a tab is: Qt would take the first one that is made
        self.segments.chosen.connect(self._turn)
        context.tasks.start("coordination", self._watching())

    @property
    def tab(self) -> Tab:
        """The tab in front."""
        return self.tabs[self.segments.current]

    def parts(self) -> Mapping[str, QWidget]:
        """Every tab that was opened."""
        return self.tabs.made

    def made_later(self) -> Sequence[Made[Any, Any]]:
        """The tabs."""
        return (self.tabs,)

    def head_actions(self) -> Sequence[QWidget]:
        """The tabs."""
        return (self.segments,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Every tab from the palette."""
        return tuple(
            Action(
                f"coordination.{tab.name}",
                f"Coordination: {tab.title}",
                partial(self.context.go, Place(self.id, tab.name)),
                icon=self.icon,
                where=self.title,
            )
            for tab in TABS
        )

    def show_told(self, view: CoordinationView) -> None:
        """Say how the cluster is coordinated, and show a look in the tab in front."""
        self.view = view
        self.finding_changed.emit(finding(view))
        self.standing_changed.emit(standing(view))
        self._show_tab()

    def show_view(self, view: View) -> None:
        """Hand a sample to every tab."""
        self._sample = view
        for tab in self.tabs.made.values():
            tab.show_view(view)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: what was told meanwhile is shown now."""
        super().showEvent(event)
        self._stack.setCurrentWidget(self.tab)
        self._show_tab()

    def refresh(self) -> None:
        """Look now."""
        self.context.tasks.start("coordination.refresh", self.context.engine.refresh_coordination())
        if self.segments.current in self.tabs.made:
            self.tab.refresh()

    def filter_focus(self) -> None:
        """Put the cursor into the filter of the tab in front."""
        self.tab.filter_focus()

    def place(self) -> Place:
        """The tab in front, and what is selected there."""
        what = self.tab.what()
        return Place(self.id, f"{self.tab.name}:{what}" if what else self.tab.name)

    def go_to(self, place: Place) -> None:
        """Bring a tab to the front and select there."""
        name, _, what = place.what.partition(":")
        if name not in self.tabs:
            return
        if name != self.segments.current:
            self.segments.choose(name)
        if what:
            self.tab.choose(what)

    def _make(self, name: str) -> Tab:
        tab = _TYPES[name](self.context)
        self._stack.addWidget(tab)
        tab.look_now.connect(self.refresh)
        tab.moved.connect(self.moved)
        if self._sample is not None:
            tab.show_view(self._sample)
        self.part_made.emit(name, tab)
        return tab

    def _turn(self, name: str) -> None:
        tab = self.tabs[name]
        if self._stack.currentWidget() is not tab:
            self._stack.setCurrentWidget(tab)
            self._show_tab()
            tab.opened()
            self.moved.emit()

    def _show_tab(self) -> None:
        """Only what is seen is painted anew; another tab is when it comes to the front."""
        view = self.view
        if view is not None and self.isVisible() and self._seen.get(self.tab.name) is not view:
            self._seen[self.tab.name] = view
            self.tab.show_told(view)

    async def _watching(self) -> None:
        async with aclosing(self.context.engine.coordination_views()) as views:
            async for view in views:
                self.show_told(view)
