"""Entries, records and files of earlier versions for the tests of the journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from kafkaview.journal.entry import Author, EntryState, Intent, OffsetChange
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules
from kafkaview.terms import CommittedOffset, Header, Record, TimestampType, TopicPartition

AUTHOR: Final = Author("anna", "User:oncall", "0.1.0")
ODD: Final = Record(
    topic="orders",
    partition=3,
    offset=18_442,
    timestamp_ms=1_790_000_000_123,
    timestamp_type=TimestampType.CREATE_TIME,
    key=b"\x00\xff",
    value=b"Ren\xe9",
    headers=(Header("a", b""), Header("a", None), Header("", b"\x00"), Header("é", b"1")),
    leader_epoch=7,
)
TOMBSTONE: Final = Record("orders", 0, 1, None, TimestampType.NOT_AVAILABLE, None, None)
MOVE: Final = OffsetChange(
    "billing", TopicPartition("orders", 3), "t-1", CommittedOffset(5, 2, "m"), CommittedOffset(9, None, "")
)
# What version 2 wrote: entries of every state, records, committed offsets, an undo and one that it undoes.
VERSION_2: Final = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, begun_at_ms INTEGER NOT NULL, ended_at_ms INTEGER,
    kind TEXT NOT NULL, title TEXT NOT NULL, command TEXT NOT NULL, profile TEXT NOT NULL, cluster_id TEXT,
    plan TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT
);
CREATE TABLE payload (
    entry_id INTEGER NOT NULL REFERENCES entry(id), topic TEXT NOT NULL, partition INTEGER NOT NULL,
    offset INTEGER NOT NULL, timestamp_ms INTEGER, timestamp_type TEXT NOT NULL, leader_epoch INTEGER,
    key BLOB, value BLOB, PRIMARY KEY (entry_id, topic, partition, offset)
);
CREATE TABLE header (
    entry_id INTEGER NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    position INTEGER NOT NULL, key TEXT NOT NULL, value BLOB,
    PRIMARY KEY (entry_id, topic, partition, offset, position)
);
CREATE TABLE offset_change (
    entry_id INTEGER NOT NULL REFERENCES entry(id), group_id TEXT NOT NULL,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, topic_id TEXT,
    before_offset INTEGER, before_leader_epoch INTEGER, before_metadata TEXT,
    after_offset INTEGER, after_leader_epoch INTEGER, after_metadata TEXT,
    PRIMARY KEY (entry_id, group_id, topic, partition)
);
INSERT INTO entry VALUES (1, 1790000000123, 1790000000456, 'reroute', 'Send 2 records to orders-dlq',
    'kafkaview reroute orders:3:18442', 'demo', 'cluster-1', '{"to":"orders-dlq"}', 'committed',
    '{"message":"The copy is safe, billing did not move","groups":[{"effective":false}]}');
INSERT INTO payload VALUES (1, 'orders', 0, 1, NULL, 'NoTimestampType', NULL, NULL, NULL);
INSERT INTO payload VALUES (1, 'orders', 3, 18442, 1790000000123, 'CreateTime', 7, x'00ff', x'52656ee9');
INSERT INTO header VALUES (1, 'orders', 3, 18442, 0, 'a', x''), (1, 'orders', 3, 18442, 1, 'a', NULL),
    (1, 'orders', 3, 18442, 2, '', x'00'), (1, 'orders', 3, 18442, 3, 'é', x'31');
INSERT INTO entry VALUES (2, 1790000001000, 1790000001001, 'offsets.apply', 'Move billing on 1 partition',
    'kafkaview offsets apply billing', 'demo', 'cluster-1', '{}', 'committed', '{"doubt":null}');
INSERT INTO offset_change VALUES (2, 'billing', 'orders', 3, 't-1', 5, 2, 'm', 9, NULL, '');
INSERT INTO entry VALUES (3, 1790000002000, 1790000002001, 'offsets.undo', 'Undo entry 2', 'kafkaview offsets undo 2',
    'demo', 'cluster-1', '{"undoes":2}', 'committed', '{}');
INSERT INTO entry VALUES (4, 1790000003000, NULL, 'topics.create', 'Create refunds', 'kafkaview topics create refunds',
    'demo', 'cluster-1', '{"topic":"refunds"}', 'begun', NULL);
PRAGMA user_version = 2;
"""


def written(path: Path, script: str) -> Path:
    """A file that another version has written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()
    return path


def intent(title: str = "Send 1 record", **more: Any) -> Intent:
    """An intent; `more` are fields of it."""
    kind, target = more.pop("kind", "reroute"), more.pop("target", "orders")
    return Intent(
        kind, title, f"kafkaview {kind}", "orders-eu", "cluster-1", more.pop("plan", {}), target=target, author=AUTHOR,
        profile_id="p-1", **more,
    )  # fmt: skip


async def add(
    journal: Journal,
    made: Intent,
    *records: Record,
    state: EntryState | None = EntryState.COMMITTED,
    outcome: dict[str, Any] | None = None,
    rules: JournalRules | None = None,
) -> int:
    """An entry with its outcome, which was noted before where it tells a progress; without a state it does not end."""
    entry = await journal.begin(made, records, rules)
    if any(isinstance(part, dict) for part in (outcome or {}).values()):
        await journal.note(entry, outcome or {})
    if state is not None:
        await journal.end(entry, state, outcome or {"message": "done"})
    return entry
