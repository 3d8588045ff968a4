"""What the table of transactions shows."""

from __future__ import annotations

import time
from collections.abc import Callable

from kafkaview.triage.watch.hanging import OpenTransactionState
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.coordination.transaction_rows import HeldUp, TransactionRow, ends
from kafkaview.words import duration, listed


def transaction_columns(held: Callable[[TransactionRow], HeldUp]) -> tuple[Column[TransactionRow], ...]:
    """`held` says what a transaction holds up."""
    return (
        Column(
            "",
            lambda row: row.word,
            text=lambda row: row.word,
            mark=lambda row: row.mark,
            align=Align.CENTER,
            width=36,
            tip=lambda row: row.reason,
        ),
        Column(
            "Transactional id",
            lambda row: row.transactional_id or "not known",
            width=150,
            strong=True,
            elide_middle=True,
            italic=lambda row: row.transactional_id is None,
            tip=lambda row: row.transactional_id or "no coordinator has a transaction of this producer",
        ),
        Column("Producer", lambda row: row.producer_id, text=lambda row: str(row.producer_id), width=90),
        Column("Epoch", lambda row: row.epoch, align=Align.RIGHT, width=64),
        Column("State", lambda row: row.word, width=110, tone=_tone),
        Column(
            "Age",
            lambda row: row.age_ms,
            text=lambda row: duration(row.age_ms),
            align=Align.RIGHT,
            width=96,
            tone=_tone,
            tip=_age,
            unknown=lambda _row: "its coordinator did not say when it began",
        ),
        Column(
            "Its time-out ends it",
            lambda row: ends(row, _now_ms()) or None,
            width=150,
            tone=_tone,
            unknown=lambda _row: "no coordinator said",
        ),
        Column(
            "Partitions",
            lambda row: listed([str(one) for one in row.partitions], 2) or "none yet",
            width=130,
            stretch=True,
            mono=True,
            italic=lambda row: not row.partitions,
            tip=lambda row: ", ".join(map(str, row.partitions)),
        ),
        Column(
            "Holds up",
            lambda row: _held(held(row)),
            width=130,
            italic=lambda row: held(row).nothing,
            tone=_tone,
            unknown=lambda _row: "the last stable offset of its partitions is not told",
        ),
    )


def _held(told: HeldUp) -> str | None:
    return "nothing yet" if told.nothing else told.text or None


def _tone(row: TransactionRow) -> str | None:
    return row.mark.text_token if row.mark in (Mark.BAD, Mark.WARN) else None


def _age(row: TransactionRow) -> str:
    return "since it began" if row.standing is OpenTransactionState.OPEN else "since its producer's last record there"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
