"""An entry of the journal as a window shows it: what is large is cut, and a record comes with what its decoders say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.fields import json_text
from kafkaview.journal.entry import Author, EntryState, JournalEntry, PayloadState
from kafkaview.journal.errors import PayloadUnreadable
from kafkaview.journal.payloads import MaskedPart
from kafkaview.journal.schema import is_doubtful
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.records.detail import RecordDetail, detail_of, make_detail
from kafkaview.words import number
from kafkaview.writes.plan import ChangeRow

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.terms import Record, RecordId

_ROWS: Final = 200  # as many as a plan's dialog paints
_CHARACTERS: Final = 65_536  # of a document
_SENTENCES: Final = 1_000  # characters of what is said of an outcome: earlier versions named hundreds of groups there
_DECODERS_S: Final = 3.0  # for what the topic's own records show: a record does not wait for a silent broker


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry. `rows` are the first of `row_count`; `plan` and `outcome_document` are JSON, which may end early.
    `empty_queue` is a queue that was made though nothing was copied there, `moves_offsets` is whether its undo gives
    committed offsets back.
    """

    id: int
    begun_at_ms: int
    ended_at_ms: int | None
    kind: str
    title: str
    target: str | None
    state: EntryState
    doubtful: bool
    author: Author | None
    profile: str
    cluster_id: str | None
    command: str
    rows: tuple[ChangeRow, ...]
    row_count: int
    plan: str
    message: str
    doubt: str
    hint: str
    empty_queue: str
    outcome_document: str
    payloads: PayloadState
    undoable: bool
    moves_offsets: bool
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class PayloadRow:
    """A record of an entry in a list. `size` is that of its value in bytes, None of null and where it is not known."""

    record: RecordId
    timestamp_ms: int | None
    form: PayloadForm
    size: int | None


@dataclass(frozen=True, slots=True)
class PayloadView:
    """A record of an entry: in full, or why not, and what is known all the same."""

    record: RecordId
    detail: RecordDetail | None
    form: PayloadForm
    masked: tuple[MaskedPart, ...] = ()
    problem: PayloadUnreadable | None = None


def view_entry(entry: JournalEntry) -> EntryView:
    """Returns what a window shows of an entry."""
    intent, outcome = entry.intent, entry.outcome or {}
    rows = [ChangeRow(*row) for row in intent.rows] or _rows_of_offsets(entry)
    return EntryView(
        entry.id,
        entry.begun_at_ms,
        entry.ended_at_ms,
        intent.kind,
        intent.title,
        intent.target,
        entry.state,
        is_doubtful(outcome),
        intent.author,
        intent.profile,
        intent.cluster_id,
        intent.command,
        tuple(rows[:_ROWS]),
        len(rows),
        _json(intent.plan),
        _said(entry, "message"),
        _said(entry, "doubt"),
        _said(entry, "hint"),
        _said(entry, "empty_queue"),
        _json(outcome) if outcome else "",
        entry.payloads,
        intent.undoable,
        bool(intent.offsets),
        intent.undoes,
        entry.undone_by,
    )


async def list_payloads(session: Session, entry_id: int, first: int, limit: int) -> tuple[PayloadRow, ...]:
    """Returns some records of an entry, without their bytes."""
    rows = await session.journal.payload_sizes(entry_id, first, limit)
    return tuple(PayloadRow(*row) for row in rows)


async def view_payload(session: Session, entry_id: int, place: RecordId) -> PayloadView | None:
    """Returns one record of an entry, read as its topic's records are, while the topic is there; None where the record
    is not there.
    """
    found = await session.journal.kept_payloads(entry_id, place=place)
    if not found:
        return None
    (kept,) = found
    detail = await _detail(session, kept.record) if kept.record is not None else None
    return PayloadView(place, detail, kept.form, kept.masked, kept.problem)


async def _detail(session: Session, record: Record) -> RecordDetail:
    try:
        async with asyncio.timeout(_DECODERS_S):
            return await detail_of(session, record)
    except (ClusterError, TimeoutError):  # the topic is gone, or nobody answers: the bytes are here all the same
        return make_detail(record)


async def read_payload(session: Session, entry_id: int, place: RecordId) -> Record:
    """Returns one record of an entry, byte for byte. Raises PayloadUnreadable."""
    for kept in await session.journal.kept_payloads(entry_id, place=place):
        if kept.record is not None:
            return kept.record
        if kept.problem is not None:
            raise kept.problem
    raise PayloadUnreadable(f"Entry {entry_id} has no record {place}")


def _rows_of_offsets(entry: JournalEntry) -> list[ChangeRow]:
    """Returns the committed offsets of an entry that an earlier version has written, in words."""
    return [
        ChangeRow(
            f"{one.group} on {one.topic_partition}",
            number(one.before.offset) if one.before is not None else None,
            number(one.after.offset) if one.after is not None else None,
        )
        for one in entry.intent.offsets
    ]


def _said(entry: JournalEntry, name: str) -> str:
    text = str((entry.outcome or {}).get(name) or "")
    return text if len(text) <= _SENTENCES else f"{text[:_SENTENCES]}…; `kafkaview journal show {entry.id}` has all"


def _json(document: Any) -> str:
    text = json_text(document, indented=True)
    if len(text) <= _CHARACTERS:
        return text
    return (
        f"{text[:_CHARACTERS]}\n… {number(len(text) - _CHARACTERS)} characters more; `kafkaview journal show` has all"
    )
