"""The columns of the tables on Dead letters."""

from __future__ import annotations

from collections.abc import Mapping

from kafkaview.triage.dead_letters.dialects.registry import BY_WORD
from kafkaview.triage.dead_letters.recognition import DeadLetterTopic
from kafkaview.triage.dead_letters.request import CauseCount, LetterRow
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.dead_letters.words import NO_CAUSE, describe_topic, origin_text, short_class
from kafkaview.words import about, clock, iso, minute, number, plural

_NO_ORIGIN = "the headers do not name it"
_UPPER_BOUND = "log end minus log start: an upper bound, compaction and transactions leave gaps"


def topic_columns(counted: Mapping[str, int]) -> tuple[Column[DeadLetterTopic], ...]:
    """Returns the columns of the topics; `counted` has the records of those that were read through."""
    return (
        Column(
            "Topic", lambda row: row.topic, width=140, stretch=True, strong=True, elide_middle=True, tip=describe_topic
        ),
        Column(
            "Records",
            lambda row: counted.get(row.topic, row.records),
            text=lambda row: number(counted[row.topic]) if row.topic in counted else about(row.records),
            align=Align.RIGHT,
            width=84,
            tip=lambda row: "counted" if row.topic in counted else _UPPER_BOUND,
            unknown=lambda _row: "a leader did not say where its log begins or ends",
        ),
    )


CAUSES: tuple[Column[CauseCount], ...] = (
    Column(
        "Cause",
        lambda row: row.text or NO_CAUSE,
        text=lambda row: short_class(row.text),
        width=110,
        stretch=True,
        tip=lambda row: row.text or NO_CAUSE,
        italic=lambda row: row.text is None,
    ),
    Column("Origin", lambda row: row.key.origin_topic, mono=True, width=96, unknown=lambda _row: _NO_ORIGIN),
    Column("Records", lambda row: row.count, align=Align.RIGHT, width=78),
    Column(
        "Last",
        lambda row: row.last_ms,
        text=lambda row: minute(row.last_ms),
        tip=lambda row: f"first {iso(row.first_ms)}, last {iso(row.last_ms)}",
        align=Align.RIGHT,
        width=146,
    ),
)

_PLACE: tuple[Column[LetterRow], ...] = (
    Column("Part.", lambda row: row.partition, align=Align.RIGHT, width=52),
    Column("Offset", lambda row: row.offset, align=Align.RIGHT, width=70),
)
_REST: tuple[Column[LetterRow], ...] = (
    Column(
        "Arrived",
        lambda row: row.arrived_ms,
        text=lambda row: clock(row.arrived_ms),
        tip=lambda row: f"{iso(row.arrived_ms)}: {_clock_of(row)}",
        align=Align.RIGHT,
        width=170,
    ),
    Column(
        "Came from",
        lambda row: origin_text(row) if row.letter is not None and row.letter.origin.topic is not None else None,
        mono=True,
        width=150,
        elide_middle=True,
        unknown=lambda _row: _NO_ORIGIN,
    ),
    Column(
        "Reason",
        lambda row: _reason(row) or NO_CAUSE,
        width=160,
        stretch=True,
        italic=lambda row: not _reason(row),
    ),
)


def letter_columns(redriven: Mapping[tuple[int, int], int | None]) -> tuple[Column[LetterRow], ...]:
    """Returns the columns of the dead letters; `redriven` has partition and offset of those that were sent back, and
    when, in Unix milliseconds.
    """

    def is_redriven(row: LetterRow) -> bool:
        return (row.partition, row.offset) in redriven

    def state(row: LetterRow) -> str:
        if is_redriven(row):
            at_ms = redriven[row.partition, row.offset]
            return "redriven" if at_ms is None else f"redriven {minute(at_ms)}"
        return f"came back, hop {row.hops}" if row.hops else "waiting"

    def mark(row: LetterRow) -> Mark:
        return Mark.OK if is_redriven(row) else Mark.WARN if row.hops else Mark.IDLE

    column = Column(
        "State",
        state,
        width=166,
        mark=mark,
        tone=lambda row: "warn_text" if row.hops and not is_redriven(row) else None,
        tip=lambda row: _tell_state(row, redriven=is_redriven(row)),
    )
    return (*_PLACE, column, *_REST)


def _tell_state(row: LetterRow, *, redriven: bool) -> str:
    back = f"kafkaview had sent it back {plural(row.hops, 'time')} before it came here" if row.hops else ""
    if redriven:
        return "; ".join(filter(None, ("It was sent back from here, and is not sent again", back)))
    return back or "It was not sent back from here"


def _reason(row: LetterRow) -> str:
    if row.letter is None:
        return ""
    cause = short_class(row.letter.cause) if row.letter.cause is not None else ""
    return ": ".join(part for part in (cause, row.letter.message) if part)


def _clock_of(row: LetterRow) -> str:
    if row.letter is not None and row.letter.routed_ms is not None:
        return "when kafkaview copied it"
    if row.letter is not None and BY_WORD[row.letter.dialect].keeps_time:
        return "the timestamp of its origin, which this writer keeps"
    return "the record's timestamp"
