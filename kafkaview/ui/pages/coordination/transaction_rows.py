"""The rows of the transactions: hanging ones first, then those that will be ended. No widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.transactions import OpenTransaction
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactionState
from kafkaview.triage.watch.transactions import ListedTransaction
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import clock, duration, join_names, number, plural

_ORDER: Final = (
    OpenTransactionState.HANGING,
    OpenTransactionState.UNKNOWN,
    OpenTransactionState.YOUNG,
    OpenTransactionState.OPEN,
)
_MARKS: Final = {
    OpenTransactionState.HANGING: Mark.BAD,
    OpenTransactionState.UNKNOWN: Mark.UNKNOWN,
    OpenTransactionState.YOUNG: Mark.IDLE,
    OpenTransactionState.OPEN: Mark.IDLE,
}
_WORDS: Final = {
    OpenTransactionState.HANGING: "hangs",
    OpenTransactionState.UNKNOWN: "unknown",
    OpenTransactionState.YOUNG: "just begun or ending",
    OpenTransactionState.OPEN: "open",
}


class TransactionRow(ListedTransaction):
    """A transaction with its mark and its state in a word."""

    __slots__ = ()

    @property
    def key(self) -> tuple[int, str]:
        """What names it across samples."""
        return self.producer_id, str(
            self.partitions[0]
        ) if self.standing is not OpenTransactionState.OPEN and self.partitions else ""

    @property
    def mark(self) -> Mark:
        """Its state as a mark."""
        return Mark.WARN if self.overdue else _MARKS[self.standing]

    @property
    def word(self) -> str:
        """Its state in a word or three; the coordinator's own word if there is one."""
        if self.standing is OpenTransactionState.OPEN and self.state is not None:
            return self.state
        return _WORDS[self.standing]

    @property
    def held(self) -> TopicPartition | None:
        """The partition that an abort would free; None if its producer or its time-out ends it."""
        hangs = self.standing in (OpenTransactionState.HANGING, OpenTransactionState.UNKNOWN)
        return self.partitions[0] if hangs and self.partitions else None


@dataclass(frozen=True, slots=True)
class HeldUp:
    """What a transaction keeps from groups that read only committed records; `records` is None if unknown."""

    records: int | None
    groups: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether it is known that nobody waits."""
        return self.records == 0 and not self.groups

    @property
    def text(self) -> str:
        """The records and groups in words."""
        waiting = plural(self.records, "record") if self.records else ""
        return " of ".join(filter(None, (waiting, join_names(self.groups))))


def transaction_rows(
    transactions: Sequence[OpenTransaction], found: Sequence[OpenOnPartition], now_ms: int
) -> tuple[TransactionRow, ...]:
    """Returns hanging transactions first, then the oldest."""
    rows = [TransactionRow.of_coordinator(one, now_ms, found) for one in transactions]
    rows += [TransactionRow.of_partition(one) for one in found if one.standing is not OpenTransactionState.OPEN]
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.standing), -(row.age_ms or 0), row.producer_id)))


def find_held_up(
    row: TransactionRow, bounds: Mapping[TopicPartition, PartitionOffsets], stuck: Iterable[Stuck]
) -> HeldUp:
    """Returns the records behind the last stable offsets of its partitions, and the groups that are stuck there."""
    waiting = [
        one.log_end_offset - one.last_stable_offset
        for one in (bounds[each] for each in row.partitions if each in bounds)
        if one.log_end_offset is not None and one.last_stable_offset is not None
    ]
    stands = {
        one.group for one in stuck if one.verdict is Verdict.OPEN_TRANSACTION and one.topic_partition in row.partitions
    }
    return HeldUp(sum(waiting) if waiting and len(waiting) == len(row.partitions) else None, tuple(sorted(stands)))


def finding(rows: Sequence[TransactionRow], *, complete: bool) -> str:
    """Returns the tab's first line."""
    hanging = sum(row.standing is OpenTransactionState.HANGING for row in rows)
    unknown = sum(row.standing is OpenTransactionState.UNKNOWN for row in rows)
    open_ones = len(rows) - hanging - unknown
    said = f"{plural(open_ones, 'transaction is', 'transactions are')} open" if open_ones else ""
    if hanging:
        head = f"{plural(hanging, 'transaction hangs', 'transactions hang')}: nobody will end " + (
            "it" if hanging == 1 else "them"
        )
        return f"{head}; {number(open_ones)} more open" if open_ones else head
    if unknown:
        return f"Whether {plural(unknown, 'transaction hangs', 'transactions hang')} is unknown"
    return f"{said}, none hangs" if complete else f"At least {said}"


def ends(row: TransactionRow, now_ms: int) -> str:
    """Returns when its coordinator aborts it, unless its producer ends it before."""
    if row.standing is OpenTransactionState.HANGING:
        return "never"
    if row.ends_at_ms is None:
        return ""
    left = row.ends_at_ms - now_ms
    return f"{clock(row.ends_at_ms)}, in {duration(left)}" if left > 0 else f"{clock(row.ends_at_ms)}, overdue"
