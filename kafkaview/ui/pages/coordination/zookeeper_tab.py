"""The ZooKeeper tab: the ensemble, the controller, the brokers' sessions, the move to KRaft, what Kafka keeps there."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperServer, ZooKeeperState
from kafkaview.coordination.migration import migration_sight
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.controls import Segments, Text, ground, hairline
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.states import Empty, Failed, Loading, StateAction
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.coordination.dated import DatedBanner
from kafkaview.ui.pages.coordination.migration_view import MigrationView
from kafkaview.ui.pages.coordination.tab import Tab
from kafkaview.ui.pages.coordination.zookeeper_columns import REGISTRATIONS, SERVERS
from kafkaview.ui.pages.coordination.zookeeper_tree import ZooKeeperTree
from kafkaview.ui.pages.coordination.zookeeper_words import HEALTH_MARKS, absence, controller_sentence, finding
from kafkaview.words import number

_LEAST_HEIGHT = 300
_LEAVES = ("brokers", "migration", "nodes")


class ZooKeeperTab(Tab):
    """A place here is `zookeeper:/config/topics`, a node."""

    name = "zookeeper"
    title = "ZooKeeper"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self.mark = MarkLabel(theme, Mark.UNKNOWN, 18)
        self.line = Text(size=15, weight=600, wrap=True)
        self.controller = Text(tone="text_2", wrap=True)
        self.model: TableModel[ZooKeeperServer] = TableModel(SERVERS, lambda row: row.server)
        self.table: Table[ZooKeeperServer] = Table(theme, self.model, "Servers of the ensemble")
        self.registrations: TableModel[ZooKeeperBroker] = TableModel(REGISTRATIONS, lambda row: row.id)
        self.migration = MigrationView(theme)
        self.nodes = ZooKeeperTree(context)
        self.leaves = Segments(
            (("brokers", "Registrations"), ("migration", "Move to KRaft"), ("nodes", "What Kafka keeps there"))
        )
        self.loading = Loading(theme, "Asking every broker whether ZooKeeper coordinates it")
        self.absent = Empty(theme, "")
        self.failed = Failed(theme, "", ways=(StateAction("Look again", self.look_now.emit, "refresh-cw"),))
        self._views = QStackedWidget()
        self._stack = QStackedWidget()
        self.banner = DatedBanner(theme, self.look_now.emit)
        self._lay_out()
        self.leaves.chosen.connect(lambda leaf: self._views.setCurrentIndex(_LEAVES.index(leaf)))

    def show_told(self, view: CoordinationView) -> None:
        """Show what a look told."""
        self.banner.say_of(view)
        told = view.told
        if told is None:
            if view.error is not None:
                self.failed.say("Nobody tells who coordinates", f"{sentences(view.error)} Nothing was changed.")
                self._stack.setCurrentWidget(self.failed)
            return
        missing = absence(told)
        if missing is not None:
            self.absent.say(missing.title, missing.text)
            self._stack.setCurrentWidget(self.absent)
        elif told.zookeeper is not None:
            self._show_state(told, told.zookeeper)

    def what(self) -> str:
        """The node that is read."""
        return self.nodes.path.text() if self.leaves.current == "nodes" else ""

    def choose(self, what: str) -> None:
        """Read a node."""
        self.leaves.choose("nodes")
        self.nodes.choose(what)

    def _show_state(self, told: Coordination, state: ZooKeeperState) -> None:
        self.mark.set_mark(HEALTH_MARKS[state.health])
        self.line.setText(finding(state))
        self.controller.setText(controller_sentence(state, time.time_ns() // 1_000_000))
        self.table.set_rows(state.ensemble)
        self.registrations.set_rows(state.brokers)
        self.leaves.set_title("brokers", f"Registrations {number(len(state.brokers))}")
        sight = migration_sight(told)
        if sight is not None:
            self.migration.show_sight(sight)
        self._stack.setCurrentWidget(self._body)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.line, 1)
        head = QVBoxLayout()
        head.setContentsMargins(16, 10, 16, 10)
        head.setSpacing(4)
        head.addLayout(top)
        head.addWidget(self.controller)
        said = QWidget()
        said.setLayout(head)
        self._body = Roomy(self.context.theme, (said, hairline()), self._halves(), _LEAST_HEIGHT)
        ground(self._body.inside, "surface")
        for state in (self.loading, self.absent, self.failed):
            ground(state, "surface")
            self._stack.addWidget(state)
        self._stack.addWidget(self._body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.banner)
        whole.addWidget(self._stack, 1)

    def _halves(self) -> QSplitter:
        registrations = Table(self.context.theme, self.registrations, "Brokers registered in ZooKeeper")
        for view in (registrations, self.migration, self.nodes):
            self._views.addWidget(view)
        below = QWidget()
        ground(below, "surface")
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        leaves = QHBoxLayout()
        leaves.setContentsMargins(16, 8, 16, 4)
        leaves.addWidget(self.leaves)
        leaves.addStretch(1)
        column.addLayout(leaves)
        column.addWidget(self._views, 1)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setHandleWidth(1)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.table)
        halves.addWidget(below)
        halves.setSizes([190, 360])
        halves.setStretchFactor(1, 1)
        return halves
