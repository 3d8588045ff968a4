"""The Brokers tab: machines, what they carry, how much room they have, and what is on the move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.brokers import Machine, Reassignment, Setting
from kafkaview.coordination.balance import Balance, DirectorySize
from kafkaview.engine.port import Engine
from kafkaview.ui.kit.banner import BannerKind
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import Subject, lacking
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.coordination.broker_columns import BROKERS
from kafkaview.ui.pages.coordination.broker_detail import DIRECTORIES_OF, BrokerDetail
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow, Told, broker_rows, finding
from kafkaview.ui.pages.coordination.reading_tab import ReadingTab
from kafkaview.ui.writes.change_dialog import ChangeDialog, Make
from kafkaview.writes.plan import ChangePlan

_BROKERS_OF = Subject("the brokers", "Asking which brokers there are", "a way in", ("--operation", "All", "--cluster"))


class BrokersTab(ReadingTab):
    """Every broker, the worst first; below, what all carry and one in detail."""

    name = "brokers"
    title = "Brokers"
    granted = DIRECTORIES_OF

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._machines: Sequence[Machine] = ()
        self._told: Told = {}
        self._complete = False  # directories were told or refused: it is known which broker is worst
        self._balance: Balance | None = None
        self._wanted: int | None = None
        self._of: int | None = None  # whose settings are shown
        self.model: TableModel[BrokerRow] = TableModel(BROKERS, lambda row: row.id)
        self.table: Table[BrokerRow] = Table(context.theme, self.model, "Brokers")
        self.detail = BrokerDetail(context, self.read)
        self.asked = self.fill(_BROKERS_OF, self.table, self.detail, (250, 330))
        self.table.chosen.connect(self._show_broker)
        self.detail.elect.clicked.connect(self._open_elections)
        self.detail.take_back.clicked.connect(self._open_cancellations)

    def read(self) -> None:
        """Brokers, directories, replicas on the move, and the selected broker's settings: each on its own."""
        engine = self.context.engine
        self.ask("machines", engine.machines, self._show_machines, self.asked.show_error)
        self.ask("directories", engine.directory_sizes, self._show_directories, self._refuse_directories)
        self.ask("balance", engine.balance, self._show_balance, lambda _error: None)
        self.ask("moves", engine.reassignments, self._show_moves, self.detail.refuse_moves)
        self._read_settings(self.table.selected)

    def what(self) -> str:
        """The broker that is selected."""
        return str(self.table.selected.id) if self.table.selected is not None else ""

    def choose(self, what: str) -> None:
        """Select a broker."""
        if what.isdecimal() and not self.table.choose(int(what)):
            self._wanted = int(what)

    def filter_focus(self) -> None:
        """Put the cursor into the filter of the settings."""
        self.detail.leaves.choose("settings")
        self.detail.settings.filter.setFocus()

    def _show_machines(self, machines: Sequence[Machine]) -> None:
        self._machines = machines
        self._show()

    def _show_directories(self, told: Mapping[int, tuple[DirectorySize, ...] | ClusterError]) -> None:
        self._told, self._complete = told, True
        errors = [answer for answer in told.values() if isinstance(answer, ClusterError)]
        if errors and isinstance(errors[0], NotAuthorized):
            self._refuse_directories(errors[0])
            return
        self._say_silent(errors)
        self._show()

    def _show_balance(self, balance: Balance | None) -> None:
        self._balance = balance
        self._show()

    def _show_moves(self, moves: Sequence[Reassignment]) -> None:
        self.detail.show_moves(moves)
        self._allow()

    def _refuse_directories(self, error: ClusterError) -> None:
        self._complete = True
        self.detail.of_directories.show_error(error)
        if isinstance(error, NotAuthorized):
            news = lacking(self.context.profile, DIRECTORIES_OF)
            text = "What the brokers hold, what is free and what is on the move are not shown."
            self.banner.say(BannerKind.PARTIAL, news, text, "Copy the ACL command")
        else:
            self._say_silent([error])
        self._show()

    def _say_silent(self, errors: Sequence[ClusterError]) -> None:
        if errors:
            self.banner.say(BannerKind.PARTIAL, f"{errors[0].message.rstrip('.')}.", "Its sizes are unknown, not 0.")
        else:
            self.banner.hide()

    def _show(self) -> None:
        if not self._machines:
            return
        rows = broker_rows(self._machines, self._balance, self._told)
        self.line.setText(finding(rows, self._balance))
        self.asked.show_content()
        self.table.set_rows(rows)
        self.detail.show_balance(self._balance)
        self._allow()
        if self._wanted is not None and self.table.choose(self._wanted):
            self._wanted = None
        elif self._complete and self.table.selected is None:
            self.table.choose(rows[0].id)

    def _show_broker(self, row: BrokerRow | None) -> None:
        if row is None:
            return
        self.detail.show_broker(row)
        if row.id != self._of:
            self._of = row.id
            self.detail.of_settings.setCurrentWidget(self.detail.of_settings.loading)
            self.context.tasks.cancel("coordination.brokers.settings")
            self._read_settings(row)

    def _read_settings(self, row: BrokerRow | None) -> None:
        if row is None:
            return

        async def asking() -> tuple[Setting, ...]:
            return await self.context.engine.broker_settings(row.id)

        self.ask("settings", asking, self.detail.show_settings, self.detail.of_settings.show_error)

    def _allow(self) -> None:
        misled = self._balance.misled if self._balance is not None else 0
        for button, why in (
            (self.detail.elect, "" if misled else "Every preferred replica leads already, as far as is seen"),
            (self.detail.take_back, "" if self.detail.moves.total else "Nothing is on the move"),
        ):
            reason = "This profile is read-only" if self.context.profile.read_only else why
            button.setEnabled(not reason)
            button.setToolTip(reason)

    def _open_elections(self) -> None:
        async def make(engine: Engine) -> ChangePlan:
            return await engine.plan_elections()

        self._open(make)

    def _open_cancellations(self) -> None:
        chosen = [row.topic_partition for row in self.detail.moves_table.selection] or None

        async def make(engine: Engine) -> ChangePlan:
            return await engine.plan_cancellations(chosen)

        self._open(make)

    def _open(self, make: Make) -> None:
        ChangeDialog(self.context, make, lambda _result: self.refresh()).open()
