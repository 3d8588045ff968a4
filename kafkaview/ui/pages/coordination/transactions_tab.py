"""The Transactions tab: those that are open, those that nobody will ever end, what they hold up, and the way out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.transactions import OpenTransaction, Transactions
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactions
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.banner import BannerKind
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import Subject, lacking, sentences
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.coordination.reading_tab import ReadingTab
from kafkaview.ui.pages.coordination.transaction_columns import transaction_columns
from kafkaview.ui.pages.coordination.transaction_detail import TransactionDetail
from kafkaview.ui.pages.coordination.transaction_rows import HeldUp, TransactionRow, finding, held_up, transaction_rows

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


class TransactionsTab(ReadingTab):
    """Hanging ones first. A place here is `transactions:TOPIC:PARTITION`."""

    name = "transactions"
    title = "Transactions"
    granted = _SUBJECT

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._view: View | None = None
        self._told: Sequence[OpenTransaction] | None = None
        self._found: Sequence[OpenOnPartition] | None = None
        self._refused: dict[str, tuple[ClusterError, ...]] = {}
        self._bounds: Mapping[TopicPartition, PartitionOffsets] = {}
        self._wanted: TopicPartition | None = None
        self._listed = False  # the coordinators have been asked in this look
        self.model: TableModel[TransactionRow] = TableModel(transaction_columns(self._held), lambda row: row.key)
        self.table: Table[TransactionRow] = Table(context.theme, self.model, "Transactions")
        self.detail = TransactionDetail(context, self.read)
        self.asked = self.fill(_SUBJECT, self.table, self.detail, (330, 230))
        self.table.chosen.connect(self._show_row)

    def read(self) -> None:
        """What the partitions' leaders tell, then the coordinators, who are asked once."""
        self.ask("found", self._find, self._show_found, self._refuse_found)

    def show_view(self, view: View) -> None:
        """The sample says what waits behind them."""
        self._view = view
        if self.asked.shows_content and self.isVisible():
            self._read_bounds()

    def what(self) -> str:
        """The first partition of the transaction that is selected."""
        row = self.table.selected
        return str(row.partitions[0]) if row is not None and row.partitions else ""

    def choose(self, what: str) -> None:
        """Select the transaction that holds a partition."""
        topic, _, number = what.rpartition(":")
        if topic and number.isdecimal():
            self._wanted = TopicPartition(topic, int(number))
            self._choose_wanted()

    async def _find(self) -> OpenTransactions:
        self._listed = False
        async with aclosing(self.context.engine.open_transactions()) as answers:
            async for answer in answers:
                if isinstance(answer, OpenTransactions):
                    return answer
                self._listed = True
                if isinstance(answer, ClusterError):
                    self._refuse("told", answer)
                else:
                    self._show_told(answer)
        raise AssertionError("the engine ends such a stream with what it found")

    def _list_yet(self) -> None:
        """Nothing is open on any partition, or that was not told: the coordinators may know more."""
        if not self._listed:
            self.ask(
                "told", self.context.engine.transactions, self._show_told, lambda error: self._refuse("told", error)
            )

    def _refuse_found(self, error: ClusterError) -> None:
        self._refuse("found", error)
        self._list_yet()

    def _show_told(self, told: Transactions) -> None:
        self._told = told.open
        self._refused["told"] = told.errors
        self._show()

    def _show_found(self, told: OpenTransactions) -> None:
        self._found = told.found
        self._refused["found"] = told.errors
        self._show()
        self._list_yet()

    def _refuse(self, part: str, error: ClusterError) -> None:
        self._refused[part] = (error,)
        self._show()

    def _show(self) -> None:
        errors = [error for part in self._refused.values() for error in part]
        rows = transaction_rows(self._told or (), self._found or (), _now_ms())
        self._say_partial(errors)
        if not rows and errors:
            denied = next((error for error in errors if isinstance(error, NotAuthorized)), errors[0])
            self.asked.show_error(denied)
            return
        if not rows:
            if self._told is not None and self._found is not None:
                self.asked.show_empty("No transaction is open", _NONE, good=True)
            return
        self.line.setText(finding(rows, complete=not errors and self._found is not None))
        self.table.set_rows(rows)
        self.asked.show_content()
        self._choose_wanted()
        if self.table.selected is None and len(self._refused) == 2:  # both have answered: the worst is known
            self.table.choose(rows[0].key)
        self._show_row(self.table.selected)
        self._read_bounds()

    def _read_bounds(self) -> None:
        """The sample says what waits behind the transactions."""
        partitions = {partition for row in self.model.rows for partition in row.partitions}
        if partitions - self._bounds.keys() or self._view is not None:
            self.ask("bounds", lambda: self.context.engine.bounds(partitions), self._show_bounds, lambda _error: None)

    def _show_bounds(self, bounds: Mapping[TopicPartition, PartitionOffsets]) -> None:
        if bounds != self._bounds:
            self._bounds = bounds
            self.table.viewport().update()
        self._show_row(self.table.selected)

    def _choose_wanted(self) -> None:
        """The first that holds it: a hanging one stands before an open one."""
        found = next((row for row in self.model.rows if self._wanted in row.partitions), None)
        if self._wanted is not None and found is not None and self.table.choose(found.key):
            self._wanted = None

    def _show_row(self, row: TransactionRow | None) -> None:
        self.detail.setVisible(row is not None)
        if row is not None:
            self.detail.show_row(row, self._held(row), _now_ms())

    def _held(self, row: TransactionRow) -> HeldUp:
        return held_up(row, self._bounds, self._view.stuck if self._view is not None else ())

    def _say_partial(self, errors: Sequence[ClusterError]) -> None:
        denied = next((error for error in errors if isinstance(error, NotAuthorized)), None)
        if denied is not None:
            news = lacking(self.context.profile, _SUBJECT)
            self.banner.say(BannerKind.PARTIAL, news, sentences(denied), "Copy the ACL command")
        elif errors:
            self.banner.say(
                BannerKind.PARTIAL,
                f"{errors[0].message.rstrip('.')}.",
                "What is shown may be old, and more may be open.",
            )
        else:
            self.banner.hide()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
