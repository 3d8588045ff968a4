"""Below the brokers: what they carry, one broker's log directories and settings, and replicas on the move."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment, Setting
from kafkaview.coordination.balance import Balance, DirectorySize
from kafkaview.security.grant_line import DESCRIBE_CLUSTER, DESCRIBE_CONFIGS_OF_CLUSTER
from kafkaview.ui.kit.controls import Button, Segments, Text, ground
from kafkaview.ui.kit.flow_layout import flowing
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.states import Empty
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.coordination.broker_columns import DIRECTORIES, REASSIGNMENTS
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow
from kafkaview.ui.pages.coordination.broker_settings import BrokerSettings
from kafkaview.ui.pages.coordination.load_picture import LoadPicture
from kafkaview.words import number

_LEAVES = ("balance", "directories", "settings", "moving")
DIRECTORIES_OF = Subject(
    "the log directories", "Asking each broker for its log directories", "DESCRIBE on Cluster", DESCRIBE_CLUSTER
)
_SETTINGS_OF = Subject(
    "the broker's settings",
    "Asking the broker for its settings",
    "DESCRIBE_CONFIGS on Cluster",
    DESCRIBE_CONFIGS_OF_CLUSTER,
)
_MOVING_OF = Subject(
    "replicas on the move", "Asking the controller what is on the move", "DESCRIBE on Cluster", DESCRIBE_CLUSTER
)


class BrokerDetail(QWidget):
    """Four leaves; the first and the last are about all brokers, the others about the selected one."""

    def __init__(self, context: Context, again: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme, profile = context.theme, context.profile
        self._context = context
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "runs")
        self.leaves = Segments(
            (("balance", "Balance"), ("directories", "Log directories"), ("settings", "Settings"), ("moving", "Moves"))
        )
        self.elect = Button(theme, "Elect preferred leaders…")
        self.take_back = Button(theme, "Take back…")
        self.picture = LoadPicture(theme)
        self.directories: TableModel[DirectorySize] = TableModel(DIRECTORIES, lambda row: row.path)
        self.settings = BrokerSettings(theme)
        self.moves: TableModel[Reassignment] = TableModel(REASSIGNMENTS, lambda row: row.topic_partition)
        self.moves_table: Table[Reassignment] = Table(theme, self.moves, "Replicas on the move")
        directories = Table(theme, self.directories, "Log directories of the broker")
        self.no_topic = Empty(theme, "No topic is seen", "There is none, or none that you may describe.")
        ground(self.no_topic, "surface")
        self._balance = QStackedWidget()
        self.of_directories = QueryView(theme, profile, DIRECTORIES_OF, directories, again)
        self.of_settings = QueryView(theme, profile, _SETTINGS_OF, self.settings, again)
        self.of_moves = QueryView(theme, profile, _MOVING_OF, self.moves_table, again)
        self._views = QStackedWidget()
        self._views.setMinimumHeight(1)  # where there is little room, the buttons above it are not cut
        self._lay_out()
        self.leaves.chosen.connect(self._turn)
        self._turn("balance")

    def show_broker(self, row: BrokerRow) -> None:
        """Show another broker, or the same anew."""
        self._name.setText(f"Broker {row.id}")
        self.chip.set_state(row.mark, row.word)
        self.chip.setToolTip(row.state)
        if row.error is not None:
            self.of_directories.show_error(row.error)
        elif row.directories is not None:
            self.directories.set_rows(row.directories)
            self.of_directories.show_content()

    def show_balance(self, told: Balance | None) -> None:
        """Show what every broker carries; None where no topic is seen."""
        if told is not None:
            self.picture.show_balance(told)
        self._balance.setCurrentIndex(0 if told is not None else 1)

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """Show the selected broker's settings."""
        self.settings.show_settings(settings)
        self.of_settings.show_content()

    def show_moves(self, moves: Sequence[Reassignment]) -> None:
        """Show reassignments in progress."""
        self.leaves.set_title("moving", f"Moves {number(len(moves))}")
        self.moves_table.set_rows(moves)
        if moves:
            self.of_moves.show_content()
        else:
            text = "No reassignment is in progress: every replica is where it is meant to be."
            self.of_moves.show_empty("Nothing is on the move", text, good=True)

    def refuse_moves(self, error: ClusterError) -> None:
        """They were not told."""
        self.leaves.set_title("moving", "Moves")
        self.of_moves.show_error(error)

    def _turn(self, leaf: str) -> None:
        self._views.setCurrentIndex(_LEAVES.index(leaf))
        self.take_back.setVisible(leaf == "moving")
        self.elect.setVisible(leaf != "moving")
        for part in (self._name, self.chip):
            part.setVisible(leaf in ("directories", "settings"))

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground(self.picture, "surface")
        scroll.setWidget(self.picture)
        self._balance.addWidget(scroll)
        self._balance.addWidget(self.no_topic)
        for view in (self._balance, self.of_directories, self.of_settings, self.of_moves):
            self._views.addWidget(view)
        head = flowing(self.leaves, self._name, self.chip, gap=12)
        head.setContentsMargins(16, 8, 12, 6)
        head.push()
        head.addWidget(self.elect)
        head.addWidget(self.take_back)
        ground(self, "surface")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._views, 1)
