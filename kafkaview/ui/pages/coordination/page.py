"""The Coordination page: who coordinates the cluster, and how well, watched as long as the window is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from kafkaview.coordination.view import CoordinationView
from kafkaview.triage.watch.view import SilentBroker, View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.features_tab import FeaturesTab
from kafkaview.ui.pages.coordination.quorum_tab import QuorumTab
from kafkaview.ui.pages.coordination.quorum_words import describe_quorum
from kafkaview.ui.pages.coordination.tab import CoordinationTab
from kafkaview.ui.pages.coordination.transactions_tab import TransactionsTab
from kafkaview.ui.pages.coordination.words import finding
from kafkaview.ui.pages.coordination.zookeeper_tab import ZooKeeperTab

T = TypeVar("T", bound=CoordinationTab)
TABS: Final[tuple[type[CoordinationTab], ...]] = (QuorumTab, FeaturesTab, BrokersTab, TransactionsTab, ZooKeeperTab)


class CoordinationPage(Page):
    """Tabs under one head. A place here is `TAB` or `TAB:SELECTION`: `quorum:3` is controller 3."""

    id = "coordination"
    title = "Coordination"
    icon = "network"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.view: CoordinationView | None = None
        self._sample: View | None = None
        self._silent: tuple[SilentBroker, ...] = ()
        self._seen: dict[str, CoordinationView] = {}  # what each tab shows
        self._stack: TabStack[CoordinationTab] = TabStack(
            {tab.name: (tab.title, partial(self._make, tab)) for tab in TABS}, dress=context.theme.dress
        )
        self.tabs = self._stack.tabs
        self.setLayout(column(self._stack))
        self._stack.turned.connect(self._turn)
        context.tasks.start("coordination", self._watch())

    @property
    def tab(self) -> CoordinationTab:
        """The tab in front."""
        return self._stack.front

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the tabs."""
        return (self.tabs,)

    def dressed_parts(self) -> Sequence[QWidget]:
        """Returns nothing: each tab is styled by itself."""
        return ()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the segments of the tabs."""
        return (self._stack.segments,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns an action for each tab, and the writes of the tabs."""
        tabs = tuple(
            Action(
                f"coordination.{tab.name}",
                f"Coordination: {tab.title}",
                partial(self.context.go, Place(self.id, tab.name)),
                icon=self.icon,
                where=self.title,
            )
            for tab in TABS
        )
        return (*tabs, *self._writes())

    def _tell_standing(self) -> None:
        if self.view is not None:
            self.standing_changed.emit(describe_quorum(self.view, self._silent))

    def _writes(self) -> tuple[Action, ...]:
        """Returns the writes, each of which leads to its tab first."""
        elect, cancel = "Elect the preferred leaders…", "Cancel reassignments…"
        abort, vote = "Abort the selected transaction…", "Add or remove the selected node as a voter…"
        return (
            self._write("elect", elect, BrokersTab, BrokersTab.open_elections, self._why_no_election),
            self._write("cancel-moves", cancel, BrokersTab, BrokersTab.open_cancellations, self._why_no_move),
            self._write("abort", abort, TransactionsTab, TransactionsTab.abort, self._why_no_abort),
            self._write("vote", vote, QuorumTab, QuorumTab.vote, self._why_no_vote),
        )

    def _write(
        self, name: str, title: str, tab_type: type[T], deed: Callable[[T], object], why_not: Callable[[], str]
    ) -> Action:
        def do() -> None:
            self.context.go(Place(self.id, tab_type.name))
            tab = self.tab
            assert isinstance(tab, tab_type)
            deed(tab)

        return Action(f"coordination.{name}", title, do, (), self.icon, self.title, why_not)

    def _why_no_write(self) -> str:
        return "This profile is read-only" if self.context.profile.read_only else ""

    def _why_no_election(self) -> str:
        return self._why_no_write() or (self._brokers.why_no_elections() if self._brokers is not None else "")

    def _why_no_move(self) -> str:
        return self._why_no_write() or (self._brokers.why_no_cancellations() if self._brokers is not None else "")

    @property
    def _brokers(self) -> BrokersTab | None:
        """The tab of the brokers; None before it was opened: then their plans say that there is nothing to do."""
        tab = self.tabs.made.get(BrokersTab.name)
        return tab if isinstance(tab, BrokersTab) else None

    def _why_no_abort(self) -> str:
        tab = self.tabs.made.get(TransactionsTab.name)
        return self._why_no_write() or (
            tab.why_no_abort() if isinstance(tab, TransactionsTab) else "No transaction is selected"
        )

    def _why_no_vote(self) -> str:
        tab = self.tabs.made.get(QuorumTab.name)
        return self._why_no_write() or (
            tab.why_no_vote() if isinstance(tab, QuorumTab) else "No controller is selected"
        )

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows a view of the coordination in the tab in front, and emits the state of the quorum."""
        self.view = view
        self.finding_changed.emit(finding(view))
        self._tell_standing()
        self._show_tab()

    def note_view(self, view: View) -> None:
        """Takes from a sample which brokers are silent: one that leads the quorum may be gone."""
        self._silent = view.silent
        self._tell_standing()

    def show_view(self, view: View) -> None:
        """Passes a sample to every tab."""
        self._sample = view
        for tab in self.tabs.made.values():
            tab.show_view(view)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: what came meanwhile is shown now."""
        super().showEvent(event)
        self._show_tab()

    def refresh(self) -> None:
        """Looks at the coordination now."""
        self.context.tasks.start("coordination.refresh", self.context.engine.refresh_coordination())
        if self._stack.current in self.tabs.made:
            self.tab.refresh()

    def filter_focus(self) -> None:
        """Puts the cursor into the filter of the tab in front."""
        self.tab.filter_focus()

    def place(self) -> Place:
        """Returns the tab in front and its selection."""
        text = self.tab.place_text()
        return Place(self.id, f"{self.tab.name}:{text}" if text else self.tab.name)

    def go_to(self, place: Place) -> None:
        """Brings a tab to the front and selects there."""
        name, _, text = place.what.partition(":")
        if name not in self.tabs:
            return
        if name != self._stack.current:
            self._stack.choose(name)
        if text:
            self.tab.select(text)

    def _make(self, tab_type: type[CoordinationTab]) -> CoordinationTab:
        tab = tab_type(self.context)
        tab.look_now.connect(self.refresh)
        if self._sample is not None:
            tab.show_view(self._sample)
        return tab

    def _turn(self, _name: str) -> None:
        self._show_tab()
        self.moved.emit()

    def _show_tab(self) -> None:
        """Shows the newest view in the tab in front; another tab gets it when it comes to the front."""
        view = self.view
        if view is not None and self.isVisible() and self._seen.get(self.tab.name) is not view:
            self._seen[self.tab.name] = view
            self.tab.show_coordination(view)

    async def _watch(self) -> None:
        async with aclosing(self.context.engine.coordination_views()) as views:
            async for view in views:
                self.show_coordination(view)
