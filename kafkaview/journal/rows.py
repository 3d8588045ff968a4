"""Entries and committed offsets as rows of the journal's tables, and back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kafkaview.fields import json_text, read_json
from kafkaview.journal.discretion import without_reasons
from kafkaview.journal.entry import (
    Author,
    EntryState,
    Intent,
    JournalEntry,
    OffsetChange,
    OffsetMoves,
    PayloadState,
)
from kafkaview.journal.payloads import insert_payloads
from kafkaview.journal.schema import is_doubtful
from kafkaview.journal.search import JournalRequest, conditions
from kafkaview.journal.texts import bound, mark_of
from kafkaview.journal.words import words_of
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.terms import CommittedOffset, Record, TopicPartition

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.journal.sealing import SealingKey

_FIELDS: Final = (
    "id, begun_at_ms, ended_at_ms, kind, title, command, profile, cluster_id, plan, state, outcome, changes, target,"
    " os_user, principal, app_version, profile_id, undoes, undoable, payload_count, payload_form,"
    " payload_removed_at_ms, undone_by"
)


def insert_entry(
    db: sqlite3.Connection, intent: Intent, payloads: Sequence[Record], rules: JournalRules, key: SealingKey | None
) -> int:
    """Stores a write that is about to be made; returns the entry's number."""
    author = intent.author
    values = {
        "begun_at_ms": _now_ms(),
        "kind": intent.kind,
        "title": intent.title,
        "command": intent.command,
        "profile": intent.profile,
        "cluster_id": intent.cluster_id,
        "plan": json_text(intent.plan),
        "state": EntryState.BEGUN,
        "changes": json_text(intent.rows),
        "target": intent.target,
        "os_user": author.os_user if author is not None else None,
        "principal": author.principal if author is not None else None,
        "app_version": author.version if author is not None else None,
        "profile_id": intent.profile_id,
        "undoes": intent.undoes,
        "undoable": intent.undoable,
        "words": words_of(intent, payloads),
        "payload_form": rules.payloads,
        "payload_count": len(payloads),
        "payload_days": rules.payload_age.days,
        "entry_days": rules.entry_age.days,
    }
    marks = ", ".join(mark_of(value) for value in values.values())
    cursor = db.execute(
        f"INSERT INTO entry ({', '.join(values)}) VALUES ({marks}) RETURNING id",  # noqa: S608 - own words
        tuple(map(bound, values.values())),
    )
    entry_id = int(cursor.fetchone()[0])
    insert_offsets(db, entry_id, intent.offsets)
    insert_payloads(db, entry_id, payloads, rules.payloads, key)
    return entry_id


def insert_offsets(db: sqlite3.Connection, entry_id: int, offsets: Iterable[OffsetChange]) -> None:
    """Stores the committed offsets of an entry."""
    db.executemany(
        "INSERT INTO offset_change VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [
            (entry_id, one.group, one.topic_partition.topic, one.topic_partition.partition, one.topic_id)
            + (_columns(one.before) + _columns(one.after))
            for one in offsets
        ],
    )


def select_moves(db: sqlite3.Connection, since_ms: int) -> OffsetMoves:
    """Returns the groups, partitions and new offsets of the entries begun since then."""
    found = db.execute(
        "SELECT group_id, topic, partition, after_offset FROM offset_change JOIN entry ON entry.id = entry_id "
        "WHERE begun_at_ms >= ? AND after_offset IS NOT NULL",
        (since_ms,),
    )
    return frozenset((group, TopicPartition(topic, partition), offset) for group, topic, partition, offset in found)


def replace_offsets(db: sqlite3.Connection, entry_id: int, offsets: Iterable[OffsetChange]) -> None:
    """Stores the committed offsets of an entry anew."""
    db.execute("DELETE FROM offset_change WHERE entry_id = ?", (entry_id,))
    insert_offsets(db, entry_id, offsets)


def finish_entry(db: sqlite3.Connection, entry_id: int, state: EntryState, outcome: Mapping[str, Any]) -> None:
    """Stores the outcome of an entry; one that it undoes is undone by it."""
    db.execute(
        "UPDATE entry SET ended_at_ms = ?, state = ?, outcome = ?, doubtful = ? WHERE id = ?",
        (_now_ms(), state, _outcome_json(db, entry_id, outcome), is_doubtful(outcome), entry_id),
    )
    if state is EntryState.COMMITTED:
        db.execute(
            "UPDATE entry SET undone_by = ? WHERE id = (SELECT undoes FROM entry WHERE id = ?)", (entry_id, entry_id)
        )


def note_outcome(db: sqlite3.Connection, entry_id: int, outcome: Mapping[str, Any]) -> None:
    """Stores how far a write has come: another one may go on from there."""
    told = _outcome_json(db, entry_id, outcome)
    db.execute("UPDATE entry SET outcome = ?, noted = 1 WHERE id = ?", (told, entry_id))


def _outcome_json(db: sqlite3.Connection, entry_id: int, outcome: Mapping[str, Any]) -> str:
    row = db.execute("SELECT payload_form FROM entry WHERE id = ?", (entry_id,)).fetchone()
    return json_text(outcome if row is None or row[0] == PayloadForm.KEPT else without_reasons(outcome))


def select_entries(db: sqlite3.Connection, request: JournalRequest) -> tuple[JournalEntry, ...]:
    """Returns the newest whole entries first."""
    where, values = conditions(request)
    query = f"SELECT {_FIELDS} FROM entry WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - own words
    return tuple(_entry(db, row) for row in db.execute(query, (*values, request.limit)).fetchall())


def select_entry(db: sqlite3.Connection, entry_id: int) -> JournalEntry | None:
    """Returns the entry of a number, if there is one."""
    row = db.execute(f"SELECT {_FIELDS} FROM entry WHERE id = ?", (entry_id,)).fetchone()  # noqa: S608 - own words
    return _entry(db, row) if row else None


def select_last_write(db: sqlite3.Connection, cluster_id: str | None) -> JournalEntry | None:
    """Returns the newest write on a cluster that is no undo, was not undone, and was not refused."""
    row = db.execute(
        f"SELECT {_FIELDS} FROM entry WHERE cluster_id IS ? AND undoes IS NULL AND undone_by IS NULL"  # noqa: S608
        f" AND state NOT IN ('{EntryState.ABORTED}', '{EntryState.NONE}') ORDER BY id DESC LIMIT 1",
        (cluster_id,),
    ).fetchone()
    return _entry(db, row) if row else None


def select_newest_key(db: sqlite3.Connection) -> str | None:
    """Returns the name of the key that a record was encrypted with last."""
    row = db.execute("SELECT key_id FROM sealed_payload ORDER BY entry_id DESC LIMIT 1").fetchone()
    return str(row[0]) if row else None


def _entry(db: sqlite3.Connection, row: tuple[Any, ...]) -> JournalEntry:
    entry_id, begun, ended, kind, title, command, profile, cluster_id, plan, state, outcome = row[:11]
    rows, target, os_user, principal, version, profile_id, undoes, undoable, count, form, removed, undone_by = row[11:]
    intent = Intent(
        kind,
        title,
        command,
        profile,
        cluster_id,
        read_json(plan),
        _offsets(db, entry_id),
        tuple((what, before, after) for what, before, after in read_json(rows or "[]")),
        target,
        None if os_user is None else Author(os_user, principal, version),
        profile_id,
        undoes,
        bool(undoable),
    )
    payloads = PayloadState(count, PayloadForm(form), removed)
    noted = read_json(outcome) if outcome else None
    return JournalEntry(entry_id, begun, ended, intent, EntryState(state), noted, payloads, undone_by)


def _offsets(db: sqlite3.Connection, entry_id: int) -> tuple[OffsetChange, ...]:
    rows = db.execute("SELECT * FROM offset_change WHERE entry_id = ? ORDER BY group_id, topic, partition", (entry_id,))
    return tuple(
        OffsetChange(group, TopicPartition(topic, partition), topic_id, _commit_of(*row[5:8]), _commit_of(*row[8:11]))
        for row in rows
        for _, group, topic, partition, topic_id in [row[:5]]
    )


def _commit_of(offset: int | None, leader_epoch: int | None, metadata: str | None) -> CommittedOffset | None:
    return None if offset is None else CommittedOffset(offset, leader_epoch, metadata or "")


def _columns(committed: CommittedOffset | None) -> tuple[int | str | None, ...]:
    return (None, None, None) if committed is None else (committed.offset, committed.leader_epoch, committed.metadata)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
