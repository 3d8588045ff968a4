"""One transaction below the table: why it is there, what it holds up, and how to end it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from kafkaview.engine.port import Engine
from kafkaview.triage.watch.hanging import OpenTransactionState
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.layout import column, fill_widget, head, make_scroll_area
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.pages.coordination.transaction_rows import HeldUp, TransactionRow, ends
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.words import duration, number
from kafkaview.writes.plan import ChangePlan

_CHIPS = {
    OpenTransactionState.HANGING: "Hangs",
    OpenTransactionState.UNKNOWN: "Unknown",
    OpenTransactionState.YOUNG: "Just begun or ending",
    OpenTransactionState.OPEN: "Open",
}
_NOBODY_ELSE = "Its producer ends it, or its coordinator does at the time-out: aborting would tear it apart"


class TransactionDetail(QWidget):
    """The verdict in words, then what it means, then what to do."""

    def __init__(self, context: Context, ended: Callable[[], object]) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._ended = ended
        self._row: TransactionRow | None = None
        self._groups: tuple[str, ...] = ()
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.IDLE, "Open")
        self.abort = Button(theme, "Abort…", kind=ButtonKind.PRIMARY, clicked=self._abort)
        self.triage = Button(theme, "Open in Triage", icon="siren", clicked=self._go)
        self.reason = Text(wrap=True)
        self.meaning = Text(tone="text_2", wrap=True)
        self.facts = Text(size=12, tone="text_2", wrap=True)
        self.partitions = Text(size=12, mono=True, tone="text_2", wrap=True)
        self._lay_out()

    def show_row(self, row: TransactionRow, held: HeldUp, now_ms: int) -> None:
        """Shows a transaction."""
        self._row, self._groups = row, held.groups
        self._name.setText(row.transactional_id or f"Producer {row.producer_id}")
        self.chip.set_state(row.mark, "Overdue" if row.overdue else _CHIPS[row.standing])
        self.reason.setText(row.reason)
        self.meaning.setText(meaning(row, held))
        self.facts.setText(facts(row, now_ms))
        self.partitions.setText(", ".join(map(str, row.partitions)) or "It has written to no partition yet.")
        self.triage.setVisible(bool(held.groups))
        read_only = "This profile is read-only" if self._context.profile.read_only else ""
        why = _NOBODY_ELSE if row.held is None else read_only
        self.abort.setEnabled(not why)
        self.abort.setToolTip(escape_tip(why))

    def _abort(self) -> None:
        row = self._row
        if row is None or row.held is None:
            return
        where = row.held

        async def make(engine: Engine) -> ChangePlan:
            return await engine.plan_abort(where, row.producer_id, row.start_offset)

        open_change(self._context, make, lambda _result: self._ended())

    def _go(self) -> None:
        if self._groups:
            self._context.go(Place("triage", self._groups[0]))

    def _lay_out(self) -> None:
        heading = head(self._name, self.chip, right=(self.triage, self.abort))
        texts = column(self.reason, self.meaning, self.facts, self.partitions, gap=6)
        texts.setContentsMargins(16, 0, 12, 12)
        texts.addStretch(1)
        fill_widget(self, column(heading, last=make_scroll_area(fill_widget(QWidget(), texts))))


def meaning(row: TransactionRow, held: HeldUp) -> str:
    """Returns which records the transaction keeps from which groups."""
    one = (held.records or len(held.groups)) == 1
    whom = f" {held.text} {'waits' if one else 'wait'} behind it now." if held.text else ""
    if row.start_offset is None:
        return f"Consumers that read only what is committed stop where it began on each of its partitions.{whom}"
    return f"Consumers that read only what is committed stop at offset {number(row.start_offset)}.{whom}"


def facts(row: TransactionRow, now_ms: int) -> str:
    """Returns producer, epoch, age, and when its time-out ends it."""
    said = [f"producer {row.producer_id}", f"epoch {row.producer_epoch}"]
    if row.age_ms is not None:
        since = (
            "since it began" if row.standing is OpenTransactionState.OPEN else "since its producer's last record there"
        )
        said.append(f"{duration(row.age_ms)} {since}")
    end = ends(row, now_ms)
    if end:
        said.append(
            "no time-out ends it" if row.standing is OpenTransactionState.HANGING else f"its time-out ends it at {end}"
        )
    return "   ·   ".join(said)
