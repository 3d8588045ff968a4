"""The Quorum tab: figures, the picture, what fails if one more fails, and the table of replicas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.coordination.view import CoordinationView, Told
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.coordination.aside import QuorumAside
from kafkaview.ui.pages.coordination.columns import NODES
from kafkaview.ui.pages.coordination.dated import DatedBanner
from kafkaview.ui.pages.coordination.figures import Figures
from kafkaview.ui.pages.coordination.picture import QuorumPicture
from kafkaview.ui.pages.coordination.replicas import QuorumNode, nodes_of
from kafkaview.ui.pages.coordination.room import QuorumStates
from kafkaview.ui.pages.coordination.tab import Tab
from kafkaview.ui.pages.coordination.voting import Voting

_LEAST_HEIGHT, _LEAST_NARROW, _LEAST_ROOM = 430, 800, 240
_NARROW = 600


class QuorumTab(Tab):
    """Who votes, who follows, how far behind."""

    name = "quorum"
    title = "Quorum"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._view: CoordinationView | None = None
        self._wanted: int | None = None
        self._shown: tuple[CoordinationView | None, int | None] = (None, None)
        self.figures = Figures(theme)
        self.banner = DatedBanner(theme, self.look_now.emit)
        self.picture = QuorumPicture(theme)
        self.aside = QuorumAside(theme)
        self.voting = Voting(self)
        self.aside.lessons.below.addWidget(self.voting)
        self.model: TableModel[QuorumNode] = TableModel(NODES, lambda node: node.id)
        self.table: Table[QuorumNode] = Table(theme, self.model, "Replicas of the metadata log")
        self.room = QuorumStates(theme, context.profile, self.look_now.emit)
        self._above = QSplitter(Qt.Orientation.Horizontal)
        self._body = QSplitter(Qt.Orientation.Vertical)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    def show_told(self, view: CoordinationView) -> None:
        """Show what a look told."""
        self._view = view
        self.figures.show_told(view)
        self._say_dated(view)
        nodes = nodes_of(view)
        if not nodes:
            self.room.show_told(view)
            self._stack.setCurrentWidget(self.room)
            return
        self._stack.setCurrentWidget(self._body)
        self.picture.show_nodes(nodes)
        self.table.set_rows(nodes)
        if self._wanted is not None and self.table.choose(self._wanted):
            self._wanted = None
        self._show_node(self.table.selected)

    def show_view(self, view: View) -> None:
        """The mode that any principal is told, for those who may not see more."""
        self.figures.say_mode(view.info.mode if view.info is not None else None)

    def what(self) -> str:
        """The node that is selected."""
        node = self.table.selected
        return str(node.id) if node is not None else ""

    def choose(self, what: str) -> None:
        """Select a node."""
        if what.isdecimal() and not self.table.choose(int(what)):
            self._wanted = int(what)

    def _show_node(self, node: QuorumNode | None) -> None:
        shown = (self._view, node.id if node is not None else None)
        if shown == self._shown:  # the table tells its selection anew with every look
            return
        self._shown = shown
        self.picture.set_current(shown[1])
        if self._view is not None:
            self.aside.show_told(self._view, node)
            self.voting.show_node(self._view, node)

    def _say_dated(self, view: CoordinationView) -> None:
        if view.dated:
            leaderless = view.answer is Told.LEADERLESS
            self.banner.say_old(view, view.quorum_at_ms, "Nobody leads the quorum" if leaderless else "Not told")
        else:
            self.banner.say_new()

    def _connect(self) -> None:
        self.table.chosen.connect(self._show_node)
        self.picture.chosen.connect(self.table.choose)
        self.context.theme.changed.connect(self._fit)
        self._stack.currentChanged.connect(self._fit)

    def _lay_out(self) -> None:
        above = self._above
        above.setHandleWidth(1)
        above.addWidget(self._left())
        above.addWidget(self.aside)
        above.setSizes([600, 500])
        above.setChildrenCollapsible(False)
        self._body.setHandleWidth(1)
        self._body.addWidget(above)
        self._body.addWidget(self.table)
        self._body.setSizes([390, 200])
        self._body.setStretchFactor(0, 1)
        self._body.setChildrenCollapsible(False)
        self._stack.addWidget(self.room)
        self._stack.addWidget(self._body)
        self._scroll = Roomy(self.context.theme, (self.figures, hairline(), self.banner), self._stack, 0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Large text in a small window: picture and words stand one upon the other, and the tab scrolls."""
        narrow = self.width() < self.context.theme.px(_NARROW)
        self._above.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        least = _LEAST_NARROW if narrow else _LEAST_HEIGHT
        self._scroll.need(least if self._stack.currentWidget() is self._body else _LEAST_ROOM)

    def _left(self) -> QWidget:
        left = QWidget()
        ground(left, "surface")
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 12, 8, 8)
        column.setSpacing(2)
        column.addWidget(Text("The further out, the further behind the leader", size=12, weight=600))
        column.addWidget(self.picture, 1)
        column.addWidget(Text("round: votes   ·   square: observes   ·   dashed: silent", size=11, tone="text_3"))
        return left
