"""The Transactions tab: open and hanging transactions, what they hold up, and how to end them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import aclosing

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.transactions import OpenTransaction, Transactions
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactions
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryState, QueryView, Subject, sentences
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.tab import QueryTab
from kafkaview.ui.pages.coordination.transaction_columns import transaction_columns
from kafkaview.ui.pages.coordination.transaction_detail import TransactionDetail
from kafkaview.ui.pages.coordination.transaction_rows import (
    HeldUp,
    TransactionRow,
    find_held_up,
    finding,
    transaction_rows,
)

_SUBJECT = Subject(
    "the transactions",
    "Asking every coordinator for its transactions, every leader for its producers",
    "DESCRIBE on TransactionalId *",
    ("--operation", "Describe", "--transactional-id", "*"),
)
_NONE = (
    "No producer has a transaction open, so nothing that is committed waits behind one. Consumers that read only what "
    "is committed see every record."
)


class TransactionsTab(QueryTab):
    """The transactions, hanging ones first. A place here is `transactions:TOPIC:PARTITION`."""

    name = "transactions"
    title = "Transactions"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._view: View | None = None
        self._transactions: Sequence[OpenTransaction] | None = None
        self._found: Sequence[OpenOnPartition] | None = None
        self._refused: dict[str, tuple[ClusterError, ...]] = {}
        self._hidden: ClusterError | None = None  # partitions were left out of the look
        self._bounds: Mapping[TopicPartition, PartitionOffsets] = {}
        self._listed = False  # the coordinators have been asked in this look
        self.model: TableModel[TransactionRow] = TableModel(
            transaction_columns(self._find_held_up), lambda row: row.key
        )
        menu: RowMenu[TransactionRow] = RowMenu(lambda _row: context.command_line("transactions"), self._links)
        self.table: Table[TransactionRow] = Table(context.theme, self.model, "Transactions", menu=menu)
        self.detail = TransactionDetail(context, self.read)
        self.master = MasterDetail(
            context.theme,
            self.table,
            self.detail,
            self._show_row,
            sizes=(330, 230),
            key_of=self._key_of,
            text_of=lambda row: str(row.partitions[0]) if row.partitions else "",
        )
        self.line = self.master.line
        self.room = QueryView(context.theme, context.profile, _SUBJECT, self.master, again=self.read)
        self.setLayout(column(self.room))

    def read(self) -> None:
        """Reads what the partitions' leaders say, then asks the coordinators once."""
        self.ask("found", self._find, self._show_found, self._refuse_found)

    def show_view(self, view: View) -> None:
        """Takes from a sample the records that wait behind the transactions."""
        super().show_view(view)
        self._view = view
        if self.room.shows_content and self.isVisible():
            self._read_bounds()

    def abort(self) -> None:
        """Plans to abort the selected transaction."""
        self.detail.abort.click()

    def why_no_abort(self) -> str:
        """Returns why the selected transaction cannot be aborted; empty if it can."""
        if self.table.selected is None:
            return "No transaction is selected"
        return "" if self.detail.abort.isEnabled() else self.detail.abort.toolTip()

    async def _find(self) -> OpenTransactions:
        self._listed = False
        async with aclosing(self.context.engine.open_transactions()) as answers:
            async for answer in answers:
                if isinstance(answer, OpenTransactions):
                    return answer
                self._listed = True
                if isinstance(answer, ClusterError):
                    self._refuse("open", answer)
                else:
                    self._show_coordination(answer)
        raise AssertionError("the engine ends such a stream with what it found")

    def _list_yet(self) -> None:
        """Lists what the coordinators may know: no transaction is open on any partition, or that is unknown."""
        if not self._listed:
            self.ask(
                "open",
                self.context.engine.transactions,
                self._show_coordination,
                lambda error: self._refuse("open", error),
            )

    def _refuse_found(self, error: ClusterError) -> None:
        self._refuse("found", error)
        self._list_yet()

    def _show_coordination(self, answer: Transactions) -> None:
        self._transactions = answer.open
        self._refused["open"] = answer.errors
        self._show()

    def _show_found(self, answer: OpenTransactions) -> None:
        self._found = answer.found
        self._refused["found"] = answer.errors
        self._hidden = answer.hidden
        self._show()
        self._list_yet()

    def _refuse(self, part: str, error: ClusterError) -> None:
        self._refused[part] = (error,)
        self._show()

    def _show(self) -> None:
        errors = [error for part in self._refused.values() for error in part]
        rows = transaction_rows(self._transactions or (), self._found or (), now_ms())
        if not rows and errors:
            denied = next((error for error in errors if isinstance(error, NotAuthorized)), errors[0])
            self.room.show_error(denied)
            return
        if not rows:
            if self._transactions is not None and self._found is not None:
                self._show_none()
            return
        complete = not errors and self._found is not None and self._hidden is None
        self.master.say(finding(rows, complete=complete))
        self.room.show_content()
        self.room.show_partial(errors, silent="What is shown may be old, and more may be open.")
        self.master.show_rows(rows, first=len(self._refused) == 2)  # both have answered: the worst is known
        self._read_bounds()

    def _show_none(self) -> None:
        if self._hidden is None:
            self.room.show_empty("No transaction is open", _NONE, good=True)
        else:
            seen = "No coordinator has one, and none is open on a partition that you may see."
            self.room.show_state(QueryState.UNKNOWN, "No open transaction is seen", f"{seen} {sentences(self._hidden)}")

    def _read_bounds(self) -> None:
        """Reads the records that wait behind the transactions from a sample."""
        partitions = {partition for row in self.model.rows for partition in row.partitions}
        if partitions - self._bounds.keys() or self._view is not None:
            self.ask("bounds", lambda: self.context.engine.bounds(partitions), self._show_bounds)

    def _show_bounds(self, bounds: Mapping[TopicPartition, PartitionOffsets]) -> None:
        if bounds != self._bounds:
            self._bounds = bounds
            self.table.viewport().update()
        self._show_row(self.table.selected)

    def _key_of(self, text: str) -> Hashable | None:
        """Returns the key of the first transaction on a partition: a hanging one comes before an open one."""
        return next((row.key for row in self.model.rows if text in map(str, row.partitions)), None)

    def _links(self, row: TransactionRow) -> Sequence[RowLink]:
        link, topics = self.context.link, dict.fromkeys(one.topic for one in row.partitions)
        groups = [
            link(f"Go to the group {group} that waits", "triage", group) for group in self._find_held_up(row).groups
        ]
        return [*groups, *(link(f"Go to the topic {topic}", "topics", topic) for topic in topics)]

    def _show_row(self, row: TransactionRow | None) -> None:
        if row is not None:
            self.detail.show_row(row, self._find_held_up(row), now_ms())

    def _find_held_up(self, row: TransactionRow) -> HeldUp:
        return find_held_up(row, self._bounds, self._view.stuck if self._view is not None else ())
