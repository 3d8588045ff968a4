"""The columns of the table of transactions."""

from __future__ import annotations

from collections.abc import Callable

from kafkaview.clock import now_ms
from kafkaview.triage.watch.hanging import OpenTransactionState
from kafkaview.triage.watch.transactions import TRANSACTION_FIELDS
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, mark_column, row_columns
from kafkaview.ui.pages.coordination.transaction_rows import HeldUp, TransactionRow, ends
from kafkaview.words import join_names


def transaction_columns(held: Callable[[TransactionRow], HeldUp]) -> tuple[Column[TransactionRow], ...]:
    """Returns the columns; `held` returns what a transaction holds up."""
    return (
        mark_column(lambda row: row.mark, lambda row: row.word, tip=lambda row: row.reason),
        *row_columns(
            TRANSACTION_FIELDS,
            {
                "transactional_id": Look[TransactionRow](
                    value=lambda row: row.transactional_id or "not known",
                    strong=True,
                    elide_middle=True,
                    italic=lambda row: row.transactional_id is None,
                    tip=lambda row: row.transactional_id or "no coordinator has a transaction of this producer",
                ),
                "state": Look[TransactionRow](value=lambda row: row.word, tone=_tone),
                "age_ms": Look[TransactionRow](tone=_tone, tip=_age),
                "partitions": Look[TransactionRow](
                    value=lambda row: join_names([str(one) for one in row.partitions], 2) or "none yet",
                    stretch=True,
                    mono=True,
                    italic=lambda row: not row.partitions,
                    tip=lambda row: ", ".join(map(str, row.partitions)),
                ),
            },
        ),
        Column(
            "Its time-out ends it",
            lambda row: ends(row, now_ms()) or None,
            width=150,
            whole=True,
            tone=_tone,
            unknown=lambda _row: "no coordinator said",
        ),
        Column(
            "Holds up",
            lambda row: _held_up_text(held(row)),
            width=130,
            italic=lambda row: held(row).nothing,
            tone=_tone,
            unknown=lambda _row: "the last stable offset of its partitions is unknown",
        ),
    )


def _held_up_text(held_up: HeldUp) -> str | None:
    return "nothing yet" if held_up.nothing else held_up.text or None


def _tone(row: TransactionRow) -> str | None:
    return row.mark.text_token if row.mark in (Mark.BAD, Mark.WARN) else None


def _age(row: TransactionRow) -> str:
    return "since it began" if row.standing is OpenTransactionState.OPEN else "since its producer's last record there"
