"""Open transactions as a list: those of coordinators, and those that only a partition shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from kafkaview.cluster.ports.transactions import OpenTransaction
from kafkaview.fields import FieldKind, RowField
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactionState


@dataclass(frozen=True, slots=True)
class ListedTransaction:
    """A transaction on all partitions that its coordinator names, or on one partition. `age_ms` is the time since it
    began; without a coordinator's answer, the time since the producer's last record.
    """

    standing: OpenTransactionState
    transactional_id: str | None
    producer_id: int
    producer_epoch: int
    coordinator: int | None
    state: str | None
    started_at_ms: int | None
    timeout_ms: int | None
    age_ms: int | None
    ends_at_ms: int | None
    partitions: tuple[TopicPartition, ...]
    reason: str
    start_offset: int | None = None

    @classmethod
    def of_coordinator(cls, one: OpenTransaction, now_ms: int, found: Sequence[OpenOnPartition] = ()) -> Self:
        """Returns the row of a coordinator's transaction; `found` gives its first offsets."""
        seen = [
            each
            for each in found
            if each.standing is OpenTransactionState.OPEN and each.producer.producer_id == one.producer_id
        ]
        starts = [each.producer.transaction_start_offset for each in seen]
        started, timeout = one.started_at_ms, one.timeout_ms
        return cls(
            OpenTransactionState.OPEN,
            one.transactional_id,
            one.producer_id,
            one.producer_epoch,
            one.coordinator,
            one.state,
            started,
            timeout,
            None if started is None else max(0, now_ms - started),
            None if started is None or timeout is None else started + timeout,
            one.partitions,
            seen[0].reason if seen else f"{one.transactional_id} is {one.state}.",
            starts[0] if len(starts) == 1 else None,
        )

    @classmethod
    def of_partition(cls, one: OpenOnPartition) -> Self:
        """Returns the row of a transaction seen on one partition; the time of its begin is unknown."""
        known, producer = one.transaction, one.producer
        return cls(
            one.standing,
            known.transactional_id if known else None,
            producer.producer_id,
            producer.producer_epoch,
            known.coordinator if known else None,
            known.state if known else None,
            None,
            known.timeout_ms if known else None,
            one.silent_ms,
            one.ends_at_ms,
            (producer.topic_partition,),
            one.reason,
            producer.transaction_start_offset,
        )

    @property
    def overdue(self) -> bool:
        """Whether its timeout has passed and its coordinator still has it."""
        known = self.started_at_ms is not None and self.age_ms is not None and self.timeout_ms is not None
        return known and (self.age_ms or 0) > (self.timeout_ms or 0)


def _hanging_reason(row: ListedTransaction) -> str | None:
    return row.reason if row.standing is OpenTransactionState.HANGING else None


TRANSACTION_FIELDS: Final[tuple[RowField[ListedTransaction], ...]] = (
    RowField(
        "transactional_id",
        lambda row: row.transactional_id,
        "Transactional id",
        width=150,
    ),
    RowField("producer_id", lambda row: row.producer_id, "Producer", FieldKind.NUMBER, width=90),
    RowField("producer_epoch", lambda row: row.producer_epoch, "Epoch", FieldKind.COUNT, width=64),
    RowField("coordinator", lambda row: row.coordinator, "Coordinator", FieldKind.NUMBER),
    RowField("state", lambda row: row.state, "State", width=110),
    RowField("started_at", lambda row: row.started_at_ms, kind=FieldKind.TIME),
    RowField("timeout_ms", lambda row: row.timeout_ms, kind=FieldKind.DURATION),
    RowField(
        "age_ms",
        lambda row: row.age_ms,
        "Age",
        FieldKind.DURATION,
        width=96,
        unknown="its coordinator did not say when it began",
    ),
    RowField("partitions", lambda row: tuple(map(str, row.partitions)), "Partitions", FieldKind.LIST, width=130),
    RowField("hanging", _hanging_reason),
)

# Of what is open on one partition, and perhaps hangs.
ORPHAN_FIELDS: Final[tuple[RowField[ListedTransaction], ...]] = (
    *TRANSACTION_FIELDS[:-1],
    RowField("start_offset", lambda row: row.start_offset),
    TRANSACTION_FIELDS[-1],
    RowField("reason", lambda row: row.reason),
)
