"""The tables of the journal's file, and how a file of an earlier version is brought to them without a loss."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kafkaview.journal.texts import read_text
from kafkaview.journal.words import words_of_stored
from kafkaview.profiles.journal_rules import JournalRules

if TYPE_CHECKING:
    import sqlite3

# 1 had no offset_change; 2 did not say who, kept records in one form and for ever, and could not be searched.
VERSION: Final = 3
_WAIT_S: Final = 10  # for another program that writes
_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        kind TEXT NOT NULL, title TEXT NOT NULL, command TEXT NOT NULL,
        profile TEXT NOT NULL, cluster_id TEXT,
        plan TEXT NOT NULL,
        state TEXT NOT NULL, outcome TEXT
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS payload (
        entry_id INTEGER NOT NULL REFERENCES entry(id),
        topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
        timestamp_ms INTEGER, timestamp_type TEXT NOT NULL, leader_epoch INTEGER,
        key BLOB, value BLOB,
        PRIMARY KEY (entry_id, topic, partition, offset)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS header (
        entry_id INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
        position INTEGER NOT NULL, key TEXT NOT NULL, value BLOB,
        PRIMARY KEY (entry_id, topic, partition, offset, position)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS offset_change (
        entry_id INTEGER NOT NULL REFERENCES entry(id), group_id TEXT NOT NULL,
        topic TEXT NOT NULL, partition INTEGER NOT NULL, topic_id TEXT,
        before_offset INTEGER, before_leader_epoch INTEGER, before_metadata TEXT,
        after_offset INTEGER, after_leader_epoch INTEGER, after_metadata TEXT,
        PRIMARY KEY (entry_id, group_id, topic, partition)
    )
    """,
    # What stands in place of the bytes of a record: the row of `payload` then has none.
    """
    CREATE TABLE IF NOT EXISTS sealed_payload (
        entry_id INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
        key_id TEXT NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (entry_id, topic, partition, offset)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS masked_part (
        entry_id INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
        position INTEGER NOT NULL, part TEXT NOT NULL, header TEXT, size INTEGER, sha256 TEXT,
        PRIMARY KEY (entry_id, topic, partition, offset, position)
    )
    """,
    "CREATE INDEX IF NOT EXISTS payload_place ON payload (topic, partition, offset)",
    "CREATE INDEX IF NOT EXISTS entry_begun ON entry (begun_at_ms)",
)
_SINCE_3: Final = (
    "changes TEXT",
    "target TEXT",
    "os_user TEXT",
    "principal TEXT",
    "app_version TEXT",
    "profile_id TEXT",
    "undoes INTEGER",
    "undone_by INTEGER",
    "undoable INTEGER NOT NULL DEFAULT 0",
    "noted INTEGER NOT NULL DEFAULT 0",  # its progress was noted, from which another write may go on
    "doubtful INTEGER NOT NULL DEFAULT 0",  # it was written, and did not read back, or did not hold
    "words TEXT",  # what a search looks through
    "payload_form TEXT NOT NULL DEFAULT 'kept'",
    "payload_count INTEGER NOT NULL DEFAULT 0",
    "payload_removed_at_ms INTEGER",
    "payload_days INTEGER",  # None: for ever
    "entry_days INTEGER",
    "aged_from_ms INTEGER",  # where that is not the time at which it was begun
)
_NOTED_OF_2: Final = frozenset(("imported", "redriven"))  # in the outcome
_UNDOABLE_OF_2: Final = ("topics.create", "topics.settings")


def connect(path: Path) -> sqlite3.Connection:
    """Opens the file, made where it is missing, in today's form. Raises sqlite3.Error, and OSError where a later
    kafkaview has written it.
    """
    import sqlite3

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(path)  # payloads may be secret
    connection = sqlite3.connect(path, timeout=_WAIT_S)
    connection.text_factory = read_text
    try:
        _turn_to_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # what retention removes leaves no bytes behind
        _upgrade(connection)
    except (sqlite3.Error, OSError):
        connection.close()
        raise
    return connection


def make_private(path: Path) -> None:
    """Makes a database's file that nobody else may read, if it is missing. One that is there must not be opened but by
    SQLite: closing it again would drop the locks of every connection of this process to it (POSIX), and another program
    that closes the database would then delete the write-ahead log under us, with what is written to it from then on.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _turn_to_wal(db: sqlite3.Connection) -> None:
    """Turns the file to a write-ahead log. SQLite does not wait by itself where two programs do this to one file."""
    import sqlite3

    until = time.monotonic() + _WAIT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(random.uniform(0.005, 0.02))  # not in step with the other
        else:
            return


def _upgrade(db: sqlite3.Connection) -> None:
    if _version(db) == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")  # of two programs that open an older file one waits for the other
    with db:
        version = _version(db)
        for statement in _TABLES:
            db.execute(statement)
        if version < VERSION:
            for column in _SINCE_3:
                db.execute(f"ALTER TABLE entry ADD COLUMN {column}")
            _fill_since_3(db)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _version(db: sqlite3.Connection) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise OSError(f"it is of a newer kafkaview (version {version}, this one writes {VERSION})")
    return version


def _fill_since_3(db: sqlite3.Connection) -> None:
    """Fills in what follows from what was stored. Who has made those writes is not known. Their records are kept as
    long as those of new entries, counted from now: nothing goes with the change of version itself.
    """
    import orjson

    days, now_ms = JournalRules().payload_age.days, time.time_ns() // 1_000_000
    db.execute("UPDATE entry SET payload_days = ?, aged_from_ms = ?", (days, now_ms))
    db.execute("UPDATE entry SET payload_count = (SELECT count(*) FROM payload WHERE entry_id = entry.id)")
    changed = "id IN (SELECT entry_id FROM offset_change)"
    named = ", ".join("?" for _ in _UNDOABLE_OF_2)
    db.execute(f"UPDATE entry SET undoable = 1 WHERE {changed} OR kind IN ({named})", _UNDOABLE_OF_2)  # noqa: S608
    db.execute("UPDATE entry SET undoes = json_extract(plan, '$.undoes')")
    undone = db.execute("SELECT id, undoes FROM entry WHERE undoes IS NOT NULL AND state = 'committed'").fetchall()
    db.executemany("UPDATE entry SET undone_by = ? WHERE id = ?", undone)
    for entry_id, stored in db.execute("SELECT id, outcome FROM entry").fetchall():
        outcome = orjson.loads(stored) if stored is not None else {}
        told = (words_of_stored(db, entry_id), is_doubtful(outcome), not _NOTED_OF_2.isdisjoint(outcome), entry_id)
        db.execute("UPDATE entry SET words = ?, doubtful = ?, noted = ? WHERE id = ?", told)


def is_doubtful(outcome: Mapping[str, Any]) -> bool:
    """Returns whether what was written is known not to read back as planned, or not to hold."""
    groups = outcome.get("groups") or ()
    return bool(outcome.get("doubt")) or any(group.get("effective") is False for group in groups)
