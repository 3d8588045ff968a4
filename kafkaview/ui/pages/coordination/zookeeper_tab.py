"""The ZooKeeper tab: the ensemble, the controller, the brokers' sessions, the migration to KRaft, the nodes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.clock import now_ms
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperServer, ZooKeeperState
from kafkaview.coordination.migration import migration_sight
from kafkaview.coordination.view import CoordinationView
from kafkaview.security.grant_line import DESCRIBE_CLUSTER
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.layout import Splitter, column, fill_widget, head
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.migration_view import MigrationView
from kafkaview.ui.pages.coordination.tab import CoordinationTab
from kafkaview.ui.pages.coordination.zookeeper_columns import REGISTRATIONS, SERVERS
from kafkaview.ui.pages.coordination.zookeeper_tree import ZooKeeperTree
from kafkaview.ui.pages.coordination.zookeeper_words import HEALTH_MARKS, absence, controller_sentence, finding
from kafkaview.words import number

_SUBJECT = Subject(
    "the coordination", "Asking every broker whether ZooKeeper coordinates it", "DESCRIBE on Cluster", DESCRIBE_CLUSTER
)
_LEAST_HEIGHT = 300


class ZooKeeperTab(CoordinationTab):
    """A place here is a node: `zookeeper:/config/topics`."""

    name = "zookeeper"
    title = "ZooKeeper"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        theme = context.theme
        self.mark = MarkLabel(theme, Mark.UNKNOWN, 18)
        self.line = Text(size=15, weight=600, wrap=True)
        self.controller = Text(tone="text_2", wrap=True)
        self.model: TableModel[ZooKeeperServer] = TableModel(SERVERS, lambda row: row.server)
        self._menu: RowMenu[object] = RowMenu(lambda _row: context.command_line("coordination"))
        self.table: Table[ZooKeeperServer] = Table(theme, self.model, "Servers of the ensemble", menu=self._menu)
        self.registrations: TableModel[ZooKeeperBroker] = TableModel(REGISTRATIONS, lambda row: row.id)
        self.migration = MigrationView(theme)
        self.nodes = ZooKeeperTree(context)
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "brokers": ("Registrations", self._registrations_table),
                "migration": ("Move to KRaft", self.migration),
                "nodes": ("What Kafka keeps there", self.nodes),
            }
        )
        self.room = QueryView(theme, context.profile, _SUBJECT, self._body(), again=self.look_now.emit)
        self.setLayout(column(self.room))

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows a view of the coordination."""
        coordination = view.coordination
        if coordination is None:
            if view.error is not None:
                self.room.show_error(view.error)
            return
        missing = absence(coordination)
        if missing is not None:
            self.room.show_empty(missing.title, missing.text)
        elif coordination.zookeeper is not None:
            self._show_state(coordination, coordination.zookeeper)
        self.say_age_of(view)

    def place_text(self) -> str:
        """Returns the node that is shown."""
        return self.nodes.path.text() if self.tabs.current == "nodes" else ""

    def select(self, text: str) -> None:
        """Reads a node."""
        self.tabs.choose("nodes")
        self.nodes.choose(text)

    def _show_state(self, coordination: Coordination, state: ZooKeeperState) -> None:
        self.mark.set_mark(HEALTH_MARKS[state.health])
        self.line.setText(finding(state))
        self.controller.setText(controller_sentence(state, now_ms()))
        self.table.set_rows(state.ensemble)
        self.registrations.set_rows(state.brokers)
        self.tabs.set_title("brokers", f"Registrations {number(len(state.brokers))}")
        sight = migration_sight(coordination)
        if sight is not None:
            self.migration.show_sight(sight)
        self.room.show_content()

    def _registrations_table(self) -> QWidget:
        return Table(self.context.theme, self.registrations, "Brokers registered in ZooKeeper", menu=self._menu)

    def _body(self) -> Roomy:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.mark, alignment=Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.line, 1)
        said = fill_widget(QWidget(), column(top, self.controller, margins=(16, 10, 16, 10), gap=4), surface=False)
        below = fill_widget(QWidget(), column(head(self.tabs.segments), last=self.tabs))
        halves = Splitter("ZooKeeper", (self.table, below), (190, 360))
        body = Roomy(self.context.theme, (said, hairline()), halves, _LEAST_HEIGHT)
        ground(body.inside, "surface")
        return body
