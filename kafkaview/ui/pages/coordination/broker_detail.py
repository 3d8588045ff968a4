"""The detail below the brokers: what they carry, one broker's log directories and settings, and reassignments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment, Setting
from kafkaview.coordination.balance import Balance, DirectorySize
from kafkaview.security.grant_line import DESCRIBE_CLUSTER, DESCRIBE_CONFIGS_OF_CLUSTER
from kafkaview.security.hidden_rows import TOPICS
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.layout import column, fill_widget, head, make_scroll_area
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.broker_columns import DIRECTORIES, REASSIGNMENTS
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow
from kafkaview.ui.pages.coordination.broker_settings import BrokerSettings
from kafkaview.ui.pages.coordination.load_picture import LoadPicture
from kafkaview.words import number

_BALANCE_OF = Subject("the balance", "Asking what each broker carries", "DESCRIBE on Topic *", TOPICS.grant)
_DIRECTORIES_OF = Subject(
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
    """Four tabs; the first and the last are about all brokers, the others about the selected one."""

    def __init__(self, context: Context, again: Callable[[], object]) -> None:
        super().__init__()
        theme, profile = context.theme, context.profile
        self._context = context
        self._id: int | None = None  # of the broker that is shown
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "runs")
        self.elect = Button(theme, "Elect preferred leaders…")
        self.take_back = Button(theme, "Take back…")
        self.picture = LoadPicture(theme)
        self.directories: TableModel[DirectorySize] = TableModel(DIRECTORIES, lambda row: row.path)
        self.settings = BrokerSettings(theme, RowMenu(self._settings_line))
        self.moves: TableModel[Reassignment] = TableModel(REASSIGNMENTS, lambda row: row.topic_partition)
        self.moves_table: Table[Reassignment] = Table(
            theme, self.moves, "Replicas on the move", menu=RowMenu(links=self._links)
        )
        brokers: RowMenu[DirectorySize] = RowMenu(lambda _row: context.command_line("brokers"))
        directories = Table(theme, self.directories, "Log directories of the broker", menu=brokers)
        self.of_balance = QueryView(theme, profile, _BALANCE_OF, make_scroll_area(self.picture), again=again)
        self.of_directories = QueryView(theme, profile, _DIRECTORIES_OF, directories, again=again)
        self.of_settings = QueryView(theme, profile, _SETTINGS_OF, self.settings, again=again)
        self.of_moves = QueryView(theme, profile, _MOVING_OF, self.moves_table, again=again)
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "balance": ("Balance", self.of_balance),
                "directories": ("Log directories", self.of_directories),
                "settings": ("Settings", self.of_settings),
                "moving": ("Moves", self.of_moves),
            }
        )
        self.tabs.setMinimumHeight(1)  # where there is little room, the buttons above it are not cut
        heading = head(self.tabs.segments, self._name, self.chip, right=(self.elect, self.take_back))
        fill_widget(self, column(heading, last=self.tabs))
        self.tabs.turned.connect(self._turn)
        self._turn("balance")

    def show_broker(self, row: BrokerRow) -> None:
        """Shows another broker, or new facts of the same."""
        self._id = row.id
        self._name.setText(f"Broker {row.id}")
        self.chip.set_state(row.mark, row.word)
        self.chip.setToolTip(row.state)
        if row.broker.error is not None:
            self.of_directories.show_error(row.broker.error)
        elif row.broker.directories is not None:
            self.directories.set_rows(row.broker.directories)
            self.of_directories.show_content()

    def show_balance(self, balance: Balance | None) -> None:
        """Shows the replicas and leaders of every broker; None if no topic is visible."""
        if balance is None:
            self.of_balance.show_empty("No topic is seen", "There is none, or none that you may describe.")
            return
        self.picture.show_balance(balance)
        self.of_balance.show_content()

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """Shows the selected broker's settings."""
        self.settings.show_settings(settings)
        self.of_settings.show_content()

    def show_moves(self, moves: Sequence[Reassignment]) -> None:
        """Shows the reassignments in progress."""
        self.tabs.set_title("moving", f"Moves {number(len(moves))}")
        self.moves_table.set_rows(moves)
        if moves:
            self.of_moves.show_content()
        else:
            text = "No reassignment is in progress: every replica is where it is meant to be."
            self.of_moves.show_empty("Nothing is on the move", text, good=True)

    def refuse_moves(self, error: ClusterError) -> None:
        """Shows why the reassignments are unknown."""
        self.tabs.set_title("moving", "Moves")
        self.of_moves.show_error(error)

    def _settings_line(self, _row: object) -> str:
        return self._context.command_line("configs", "broker", str(self._id), options=["--all"])

    def _links(self, row: Reassignment) -> Sequence[RowLink]:
        topic = row.topic_partition.topic
        return [self._context.link(f"Go to the topic {topic}", "topics", topic)]

    def _turn(self, tab: str) -> None:
        self.take_back.setVisible(tab == "moving")
        self.elect.setVisible(tab != "moving")
        for part in (self._name, self.chip):
            part.setVisible(tab in ("directories", "settings"))
