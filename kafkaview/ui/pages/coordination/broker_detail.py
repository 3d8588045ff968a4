"""The detail below the brokers: what they carry, one broker's log directories and settings, and reassignments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment, Setting
from kafkaview.coordination.balance import Balance, DirectorySize
from kafkaview.coordination.setting_words import count_settings, describe_setting
from kafkaview.security.grant_line import DESCRIBE_CLUSTER, DESCRIBE_CONFIGS_OF_CLUSTER
from kafkaview.security.hidden_rows import TOPICS
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.explained_table import ExplainedTable
from kafkaview.ui.kit.layout import column, fill_widget, head, make_scroll_area
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.broker_columns import DIRECTORIES, REASSIGNMENTS, SETTINGS
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow
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
        theme = context.theme
        self._context = context
        self._again = again
        self._id: int | None = None  # of the broker that is shown
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "runs")
        self.elect = Button(theme, "Elect preferred leaders…")
        self.take_back = Button(theme, "Take back…")
        self.picture = LoadPicture(theme)
        self.directories: TableModel[DirectorySize] = TableModel(DIRECTORIES, lambda row: row.path)
        self.moves: TableModel[Reassignment] = TableModel(REASSIGNMENTS, lambda row: row.topic_partition)
        self.of_balance = self._room(_BALANCE_OF, make_scroll_area(self.picture))
        self.tabs: TabStack[QueryView] = TabStack(
            {
                "balance": ("Balance", self.of_balance),
                "directories": ("Log directories", lambda: self._room(_DIRECTORIES_OF, self._directories_table())),
                "settings": ("Settings", lambda: self._room(_SETTINGS_OF, self.settings)),
                "moving": ("Moves", lambda: self._room(_MOVING_OF, self.moves_table)),
            }
        )
        self.tabs.setMinimumHeight(1)  # where there is little room, the buttons above it are not cut
        heading = head(self.tabs.segments, self._name, self.chip, right=(self.elect, self.take_back))
        fill_widget(self, column(heading, last=self.tabs))
        self.tabs.turned.connect(self._turn)
        self._turn("balance")

    @cached_property
    def settings(self) -> ExplainedTable[Setting]:
        """The selected broker's settings."""
        theme = self._context.theme
        model: TableModel[Setting] = TableModel(SETTINGS, lambda row: row.name)
        table: Table[Setting] = Table(theme, model, "Settings of the broker", menu=RowMenu(self._settings_line))
        return ExplainedTable(
            theme, table, "Filter settings", describe_setting, lambda rows: count_settings(rows.rows, rows.total)
        )

    @cached_property
    def moves_table(self) -> Table[Reassignment]:
        """The reassignments in progress."""
        menu: RowMenu[Reassignment] = RowMenu(links=self._links)
        return Table(self._context.theme, self.moves, "Replicas on the move", menu=menu)

    @property
    def of_directories(self) -> QueryView:
        """The tab of the log directories."""
        return self.tabs.tabs["directories"]

    @property
    def of_settings(self) -> QueryView:
        """The tab of the settings."""
        return self.tabs.tabs["settings"]

    @property
    def of_moves(self) -> QueryView:
        """The tab of the reassignments."""
        return self.tabs.tabs["moving"]

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
        self.settings.show_rows(sorted(settings, key=lambda one: (one.is_default, one.name)))
        self.of_settings.show_content()

    def await_settings(self) -> None:
        """Shows that the settings of another broker are being read."""
        if "settings" in self.tabs.tabs.made:
            self.of_settings.show_loading()

    def refuse_settings(self, error: ClusterError) -> None:
        """Shows why the settings are unknown."""
        self.of_settings.show_error(error)

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

    def _room(self, subject: Subject, content: QWidget) -> QueryView:
        return QueryView(self._context.theme, self._context.profile, subject, content, again=self._again)

    def _directories_table(self) -> QWidget:
        menu: RowMenu[DirectorySize] = RowMenu(lambda _row: self._context.command_line("brokers"))
        return Table(self._context.theme, self.directories, "Log directories of the broker", menu=menu)

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
