"""The journal's file: SQLite in the platform's data folder, readable by its owner alone.

It is opened at the first use, on a thread of its own, so that a damaged or unwritable file never keeps anyone from
looking at a cluster; it does keep them from writing to one, since no write is made that could not be journalled. SQLite
is loaded with it, because most sessions never ask for the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kafkaview.cluster.errors import ClusterError
from kafkaview.journal.entry import EntryState, Intent, JournalEntry, OffsetChange
from kafkaview.terms import CommittedOffset, Header, Record, RecordId, TimestampType, TopicPartition

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    begun_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    kind TEXT NOT NULL, title TEXT NOT NULL, command TEXT NOT NULL,
    profile TEXT NOT NULL, cluster_id TEXT,
    plan TEXT NOT NULL,
    state TEXT NOT NULL, outcome TEXT
);
CREATE TABLE IF NOT EXISTS payload (
    entry_id INTEGER NOT NULL REFERENCES entry(id),
    topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    timestamp_ms INTEGER, timestamp_type TEXT NOT NULL, leader_epoch INTEGER,
    key BLOB, value BLOB,
    PRIMARY KEY (entry_id, topic, partition, offset)
);
CREATE TABLE IF NOT EXISTS header (
    entry_id INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    position INTEGER NOT NULL, key TEXT NOT NULL, value BLOB,
    PRIMARY KEY (entry_id, topic, partition, offset, position)
);
CREATE TABLE IF NOT EXISTS offset_change (
    entry_id INTEGER NOT NULL REFERENCES entry(id), group_id TEXT NOT NULL,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, topic_id TEXT,
    before_offset INTEGER, before_leader_epoch INTEGER, before_metadata TEXT,
    after_offset INTEGER, after_leader_epoch INTEGER, after_metadata TEXT,
    PRIMARY KEY (entry_id, group_id, topic, partition)
);
"""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_VERSION: Final = 2  # 1 had no offset_change: its entries have none


class JournalUnavailable(ClusterError):
    """The journal's file cannot be read or written, so nothing is written to the cluster either."""

    kind = "journal"


def default_path() -> Path:
    """Returns the path of this user's journal."""
    import platformdirs

    return Path(platformdirs.user_data_dir("kafkaview", appauthor=False)) / "journal.sqlite3"


class Journal:
    """Every write made from here, in order. All methods raise JournalUnavailable if the file cannot be used."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._connection: sqlite3.Connection | None = None

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._path or default_path()

    async def begin(self, intent: Intent, payloads: Sequence[Record]) -> int:
        """Stores a write before it is made, durably, and returns the entry's number."""
        return await self._run(lambda db: _insert(db, intent, payloads))

    async def amend(self, entry_id: int, offsets: Sequence[OffsetChange]) -> None:
        """Stores the committed offsets of an entry again before its write is made: a live group had moved on."""
        await self._run(lambda db: _replace_offsets(db, entry_id, offsets))

    async def note(self, entry_id: int, outcome: Mapping[str, Any]) -> None:
        """Stores how far a write has come that is not at its end."""
        await self._run(lambda db: _note(db, entry_id, outcome))

    async def end(self, entry_id: int, state: EntryState, outcome: Mapping[str, Any]) -> None:
        """Stores the outcome of a write."""
        await self._run(lambda db: _finish(db, entry_id, state, outcome))

    async def entries(self, *, since_ms: int = 0, limit: int = 1000) -> tuple[JournalEntry, ...]:
        """Returns the newest entries first."""
        return await self._run(lambda db: _select(db, since_ms, limit))

    async def entry(self, entry_id: int) -> JournalEntry | None:
        """Returns the entry of a number, if there is one."""
        return await self._run(lambda db: _select_one(db, entry_id))

    async def payloads(self, entry_id: int) -> tuple[Record, ...]:
        """Returns the records of an entry, byte for byte."""
        return await self._run(lambda db: _select_payloads(db, entry_id))

    async def find_payload(self, record: RecordId, cluster_id: str | None) -> Record | None:
        """Returns the bytes of a record that the newest entry of a cluster keeps; None where no entry has it."""
        return await self._run(lambda db: _select_payload(db, record, cluster_id))

    async def close(self) -> None:
        """Closes the database on its own thread, and ends the thread."""
        await asyncio.wrap_future(self._thread.submit(self._disconnect))
        self._thread.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(self._work, work))

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        import sqlite3

        try:
            if self._connection is None:
                self._connection = _connect(self.path)
            with self._connection:
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            hint = "Free or repair it, or move it away: a new one is then made. Nothing is written without it."
            raise JournalUnavailable(f"The journal {self.path} cannot be used: {error}", hint) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # payloads may be secret: never readable by others
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _upgrade(connection)
    except (sqlite3.Error, OSError):
        connection.close()
        raise
    return connection


def _upgrade(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise OSError(f"it is of a newer kafkaview (version {version}, this one writes {_VERSION})")
    connection.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _text(text: str) -> str:
    r"""Returns text that UTF-8 can write: a byte of a file's name that is not UTF-8 becomes `\xff`."""
    return _SURROGATE.sub(lambda found: _escape(found[0]), text)


def _escape(surrogate: str) -> str:
    code = ord(surrogate)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _json(document: Mapping[str, Any]) -> str:
    import orjson

    try:
        return orjson.dumps(document).decode()
    except TypeError:  # the name of a file is no text
        # A backslash within JSON is written as two.
        return _SURROGATE.sub(lambda found: f"\\{_escape(found[0])}", json.dumps(document, ensure_ascii=False))


def _insert(db: sqlite3.Connection, intent: Intent, payloads: Sequence[Record]) -> int:
    cursor = db.execute(
        "INSERT INTO entry (begun_at_ms, kind, title, command, profile, cluster_id, plan, state)"
        " VALUES (?,?,?,?,?,?,?,?) RETURNING id",
        (
            _now_ms(),
            intent.kind,
            intent.title,
            _text(intent.command),
            intent.profile,
            intent.cluster_id,
            _json(intent.plan),
            EntryState.BEGUN,
        ),
    )
    entry_id = int(cursor.fetchone()[0])
    _insert_offsets(db, entry_id, intent.offsets)
    for record in payloads:
        place = (entry_id, record.topic, record.partition, record.offset)
        db.execute(
            "INSERT INTO payload VALUES (?,?,?,?,?,?,?,?,?)",
            (*place, record.timestamp_ms, record.timestamp_type, record.leader_epoch, record.key, record.value),
        )
        db.executemany(
            "INSERT INTO header VALUES (?,?,?,?,?,?,?)",
            [(*place, position, header.key, header.value) for position, header in enumerate(record.headers or ())],
        )
    return entry_id


def _insert_offsets(db: sqlite3.Connection, entry_id: int, offsets: Sequence[OffsetChange]) -> None:
    db.executemany(
        "INSERT INTO offset_change VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [
            (entry_id, one.group, one.topic_partition.topic, one.topic_partition.partition, one.topic_id)
            + (_columns(one.before) + _columns(one.after))
            for one in offsets
        ],
    )


def _replace_offsets(db: sqlite3.Connection, entry_id: int, offsets: Sequence[OffsetChange]) -> None:
    db.execute("DELETE FROM offset_change WHERE entry_id = ?", (entry_id,))
    _insert_offsets(db, entry_id, offsets)


def _columns(committed: CommittedOffset | None) -> tuple[int | str | None, ...]:
    return (None, None, None) if committed is None else (committed.offset, committed.leader_epoch, committed.metadata)


def _finish(db: sqlite3.Connection, entry_id: int, state: EntryState, outcome: Mapping[str, Any]) -> None:
    db.execute(
        "UPDATE entry SET ended_at_ms = ?, state = ?, outcome = ? WHERE id = ?",
        (_now_ms(), state, _json(outcome), entry_id),
    )


def _note(db: sqlite3.Connection, entry_id: int, outcome: Mapping[str, Any]) -> None:
    db.execute("UPDATE entry SET outcome = ? WHERE id = ?", (_json(outcome), entry_id))


_FIELDS = "id, begun_at_ms, ended_at_ms, kind, title, command, profile, cluster_id, plan, state, outcome"


def _select(db: sqlite3.Connection, since_ms: int, limit: int) -> tuple[JournalEntry, ...]:
    query = f"SELECT {_FIELDS} FROM entry WHERE begun_at_ms >= ? ORDER BY id DESC LIMIT ?"  # noqa: S608 - own constant
    return tuple(_entry(db, row) for row in db.execute(query, (since_ms, limit)).fetchall())


def _select_one(db: sqlite3.Connection, entry_id: int) -> JournalEntry | None:
    row = db.execute(f"SELECT {_FIELDS} FROM entry WHERE id = ?", (entry_id,)).fetchone()  # noqa: S608 - own constant
    return _entry(db, row) if row else None


def _entry(db: sqlite3.Connection, row: tuple[Any, ...]) -> JournalEntry:
    import orjson

    entry_id, begun, ended, kind, title, command, profile, cluster_id, plan, state, outcome = row
    intent = Intent(kind, title, command, profile, cluster_id, orjson.loads(plan), _offsets(db, entry_id))
    return JournalEntry(entry_id, begun, ended, intent, EntryState(state), orjson.loads(outcome) if outcome else None)


def _offsets(db: sqlite3.Connection, entry_id: int) -> tuple[OffsetChange, ...]:
    rows = db.execute("SELECT * FROM offset_change WHERE entry_id = ? ORDER BY group_id, topic, partition", (entry_id,))
    return tuple(
        OffsetChange(group, TopicPartition(topic, partition), topic_id, _commit_of(*row[5:8]), _commit_of(*row[8:11]))
        for row in rows
        for _, group, topic, partition, topic_id in [row[:5]]
    )


def _commit_of(offset: int | None, leader_epoch: int | None, metadata: str | None) -> CommittedOffset | None:
    return None if offset is None else CommittedOffset(offset, leader_epoch, metadata or "")


_PAYLOAD = "topic, partition, offset, timestamp_ms, timestamp_type, leader_epoch, key, value"


def _select_payload(db: sqlite3.Connection, record: RecordId, cluster_id: str | None) -> Record | None:
    row = db.execute(
        f"SELECT entry_id, {_PAYLOAD} FROM payload JOIN entry ON entry.id = entry_id"  # noqa: S608 - own constant
        " WHERE cluster_id IS ? AND topic = ? AND partition = ? AND offset = ? ORDER BY entry_id DESC LIMIT 1",
        (cluster_id, record.topic, record.partition, record.offset),
    ).fetchone()
    return _payload(db, row[0], row[1:]) if row else None


def _select_payloads(db: sqlite3.Connection, entry_id: int) -> tuple[Record, ...]:
    query = f"SELECT {_PAYLOAD} FROM payload WHERE entry_id = ? ORDER BY topic, partition, offset"  # noqa: S608 - same
    return tuple(_payload(db, entry_id, row) for row in db.execute(query, (entry_id,)).fetchall())


def _payload(db: sqlite3.Connection, entry_id: int, row: tuple[Any, ...]) -> Record:
    topic, partition, offset, at, kind, epoch, key, value = row
    headers = _headers(db, entry_id, (topic, partition, offset))
    return Record(topic, partition, offset, at, TimestampType(kind), key, value, headers, epoch)


def _headers(db: sqlite3.Connection, entry_id: int, place: tuple[str, int, int]) -> tuple[Header, ...]:
    rows = db.execute(
        "SELECT key, value FROM header WHERE entry_id = ? AND topic = ? AND partition = ? AND offset = ?"
        " ORDER BY position",
        (entry_id, *place),
    )
    return tuple(Header(key, value) for key, value in rows)
