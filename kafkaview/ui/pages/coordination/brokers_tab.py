"""The Brokers tab: the brokers, what they carry, how much room they have, and reassignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import BrokerDescription, Reassignment, Setting
from kafkaview.coordination.balance import Balance
from kafkaview.coordination.brokers import Directories
from kafkaview.engine.port import Engine
from kafkaview.security.grant_line import DESCRIBE_CLUSTER
from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tab_order import enter
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.broker_columns import BROKERS
from kafkaview.ui.pages.coordination.broker_detail import BrokerDetail
from kafkaview.ui.pages.coordination.broker_rows import BrokerRow, broker_rows, finding
from kafkaview.ui.pages.coordination.quorum_tab import node_key
from kafkaview.ui.pages.coordination.tab import QueryTab
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.writes.plan import ChangePlan

_SUBJECT = Subject("the brokers", "Asking which brokers there are", "DESCRIBE on Cluster", DESCRIBE_CLUSTER)


class BrokersTab(QueryTab):
    """Every broker, the worst first; below, the balance of all and the detail of one."""

    name = "brokers"
    title = "Brokers"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._brokers: Sequence[BrokerDescription] = ()
        self._directories: Directories = {}
        self._refusal: ClusterError | None = None  # of the directories of all brokers at once
        self._complete = False  # directories were read or refused: it is known which broker is worst
        self._balance: Balance | None = None
        self._of: int | None = None  # whose settings are shown
        self.model: TableModel[BrokerRow] = TableModel(BROKERS, lambda row: row.id)
        menu: RowMenu[BrokerRow] = RowMenu(lambda _row: context.command_line("brokers"))
        self.table: Table[BrokerRow] = Table(context.theme, self.model, "Brokers", menu=menu)
        self.detail = BrokerDetail(context, self.read)
        self.master = MasterDetail(
            context.theme,
            self.table,
            self.detail,
            self._show_broker,
            sizes=(250, 330),
            key_of=node_key,
            text_of=lambda row: str(row.id),
            stays=True,
        )
        self.line = self.master.line
        self.room = QueryView(context.theme, context.profile, _SUBJECT, self.master, again=self.read)
        self.setLayout(column(self.room))
        self.table.opened.connect(lambda _row: enter(self.detail))
        self.detail.elect.clicked.connect(self.open_elections)
        self.detail.take_back.clicked.connect(self.open_cancellations)

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the tabs of the detail."""
        return (self.detail.tabs.tabs,)

    def read(self) -> None:
        """Reads brokers, log directories, reassignments and the selected broker's settings, each on its own."""
        engine = self.context.engine
        self.ask("brokers", engine.brokers, self._show_brokers, self.room.show_error)
        self.ask("directories", engine.directory_sizes, self._show_directories, self._refuse_directories)
        self.ask("balance", engine.balance, self._show_balance, self.detail.of_balance.show_error)
        self.ask("moves", engine.reassignments, self._show_moves, self.detail.refuse_moves)
        self._read_settings(self.table.selected)

    def filter_focus(self) -> None:
        """Puts the cursor into the filter of the settings."""
        self.detail.tabs.choose("settings")
        self.detail.settings.filter.setFocus()

    def _show_brokers(self, brokers: Sequence[BrokerDescription]) -> None:
        self._brokers = brokers
        self._show()

    def _show_directories(self, directories: Directories) -> None:
        self._directories, self._refusal, self._complete = directories, None, True
        self._say_errors([answer for answer in directories.values() if isinstance(answer, ClusterError)])

    def _show_balance(self, balance: Balance | None) -> None:
        self._balance = balance
        self.detail.show_balance(balance)
        self._show()

    def _show_moves(self, moves: Sequence[Reassignment]) -> None:
        self.detail.show_moves(moves)
        self._allow()

    def _refuse_directories(self, error: ClusterError) -> None:
        self._refusal, self._complete = error, True
        self.detail.of_directories.show_error(error)
        self._say_errors([error])

    def _say_errors(self, errors: Sequence[ClusterError]) -> None:
        self._show()
        denied = "What the brokers hold, what is free and what is on the move are not shown."
        self.room.show_partial(errors, denied=denied, silent="Its sizes are unknown, not 0.")

    def _show(self) -> None:
        if not self._brokers:
            return
        directories = self._directories
        if self._refusal is not None:
            directories = dict.fromkeys((broker.id for broker in self._brokers), self._refusal)
        rows = broker_rows(self._brokers, self._balance, directories)
        self.master.say(finding(rows, self._balance))
        self.room.show_content()
        self.master.show_rows(rows, first=self._complete)
        self._allow()

    def _show_broker(self, row: BrokerRow | None) -> None:
        if row is None:
            return
        self.detail.show_broker(row)
        if row.id != self._of:
            self._of = row.id
            self.detail.await_settings()
            self.context.tasks.cancel("coordination.brokers.settings")
            self._read_settings(row)

    def _read_settings(self, row: BrokerRow | None) -> None:
        if row is None:
            return

        async def read() -> tuple[Setting, ...]:
            return await self.context.engine.broker_settings(row.id)

        self.ask("settings", read, self.detail.show_settings, self.detail.refuse_settings)

    def _allow(self) -> None:
        for button, why in (
            (self.detail.elect, self.why_no_elections()),
            (self.detail.take_back, self.why_no_cancellations()),
        ):
            reason = "This profile is read-only" if self.context.profile.read_only else why
            button.setEnabled(not reason)
            button.setToolTip(escape_tip(reason))

    def why_no_elections(self) -> str:
        """Returns why no leader can be elected; empty if one can."""
        if self._balance is None:
            return "Which replicas lead is not known yet"
        return "" if self._balance.misled else "Every preferred replica leads already, as far as is seen"

    def why_no_cancellations(self) -> str:
        """Returns why no reassignment can be cancelled; empty if one can."""
        return "" if self.detail.moves.total else "Nothing is on the move"

    def open_elections(self) -> None:
        """Plans to let the preferred replicas lead."""

        async def make(engine: Engine) -> ChangePlan:
            return await engine.plan_elections()

        self._open(make)

    def open_cancellations(self) -> None:
        """Plans to cancel the selected reassignments, or all of them."""
        chosen = [row.topic_partition for row in self.detail.moves_table.selection] or None

        async def make(engine: Engine) -> ChangePlan:
            return await engine.plan_cancellations(chosen)

        self._open(make)

    def _open(self, make: Make) -> None:
        open_change(self.context, make, lambda _result: self.refresh())
