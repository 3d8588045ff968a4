"""The columns of the tables on Journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkaview.journal.search import EntryRow
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.journal.words import UNTOLD, day_of, outcome_mark, outcome_word
from kafkaview.words import iso, minute, size
from kafkaview.writes.journal_view import PayloadRow


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry in the table, and whether it is the first of its day there."""

    entry: EntryRow
    opens_day: bool


def listed(entries: Sequence[EntryRow], before: EntryRow | None = None) -> list[ListedEntry]:
    """Returns entries as rows of the table, where they stand below the one `before`."""
    days = [day_of(before.begun_at_ms) if before is not None else "", *(day_of(one.begun_at_ms) for one in entries)]
    return [ListedEntry(one, days[place] != days[place + 1]) for place, one in enumerate(entries)]


def entry_columns(by_time: Callable[[], bool]) -> tuple[Column[ListedEntry], ...]:
    """Returns the columns of the entries. While they are sorted `by_time`, each day stands at its first entry alone."""
    return (
        Column(
            "Day",
            lambda row: row.entry.begun_at_ms,
            text=lambda row: day_of(row.entry.begun_at_ms) if row.opens_day or not by_time() else "",
            strong=True,
            width=94,
            tip=lambda row: iso(row.entry.begun_at_ms),
        ),
        Column(
            "Time",
            lambda row: row.entry.begun_at_ms,
            text=lambda row: minute(row.entry.begun_at_ms, row.entry.begun_at_ms),
            align=Align.RIGHT,
            width=58,
            tip=lambda row: iso(row.entry.begun_at_ms),
        ),
        Column("Deed", lambda row: row.entry.title, width=190, stretch=True),
        Column(
            "Target",
            lambda row: row.entry.target,
            width=96,
            mono=True,
            elide_middle=True,
            unknown=lambda _row: UNTOLD,
        ),
        Column(
            "Outcome",
            lambda row: outcome_word(row.entry.state, doubtful=row.entry.doubtful) + _undone(row.entry),
            mark=lambda row: outcome_mark(row.entry.state, doubtful=row.entry.doubtful),
            width=138,
        ),
        Column(
            "Who",
            lambda row: row.entry.os_user,
            width=66,
            tip=lambda row: f"{row.entry.os_user}, as {row.entry.principal or 'a principal that is not known'}",
            unknown=lambda _row: UNTOLD,
        ),
        Column("Connection", lambda row: row.entry.profile, width=88, elide_middle=True),
    )


PAYLOADS: tuple[Column[PayloadRow], ...] = (
    Column(
        "Record",
        lambda row: str(row.record),
        text=lambda row: str(row.record) if row.record.offset >= 0 else f"{row.record.topic_partition}, produced",
        mono=True,
        width=100,
        stretch=True,
        elide_middle=True,
    ),
    Column(
        "Created",
        lambda row: row.timestamp_ms,
        text=lambda row: minute(row.timestamp_ms),
        tip=lambda row: iso(row.timestamp_ms),
        align=Align.RIGHT,
        width=124,
        unknown=lambda _row: "it had no timestamp of its own",
    ),
    Column(
        "Value",
        lambda row: row.size,
        text=lambda row: size(row.size) if row.size is not None else _no_size(row),
        align=Align.RIGHT,
        width=76,
        italic=lambda row: row.size is None,
    ),
)


def _no_size(row: PayloadRow) -> str:
    return {PayloadForm.ENCRYPTED: "encrypted", PayloadForm.LEFT_OUT: "left out"}.get(row.form, "null")


def _undone(entry: EntryRow) -> str:
    return ", undone" if entry.undone_by is not None else ""
