"""The journal keeps payloads byte for byte, and says so when its file does not serve."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.journal.entry import EntryState, Intent
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.journal.export import export_journal
from kafkaview.journal.search import JournalRequest
from kafkaview.journal.store import Journal
from kafkaview.terms import Header, Record, TimestampType
from tests.kit.payloads import payloads_of

INTENT = Intent(
    "reroute", "Send 1 record", "kafkaview reroute orders:3:18442", "demo", "cluster-1", {"to": "orders-dlq"}
)
ODD = Record(
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
# What version 1 wrote: it knew no committed offsets before and after a change.
VERSION_1 = """
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
INSERT INTO entry VALUES (1, 1790000000123, 1790000000456, 'reroute', 'Send 1 record',
    'kafkaview reroute orders:3:18442', 'demo', 'cluster-1', '{"to":"orders-dlq"}', 'committed', '{"moved":1}');
INSERT INTO payload VALUES (1, 'orders', 3, 18442, 1790000000123, 'CreateTime', 7, x'00ff', x'52656ee9');
INSERT INTO header VALUES (1, 'orders', 3, 18442, 0, 'a', NULL);
PRAGMA user_version = 1;
"""
TOMBSTONE = Record("orders", 0, 1, None, TimestampType.NOT_AVAILABLE, None, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


async def test_payloads_come_back_byte_for_byte(path: Path) -> None:
    journal = Journal(path)
    entry_id = await journal.begin(INTENT, [ODD, TOMBSTONE])
    await journal.close()
    again = Journal(path)
    assert await payloads_of(again, entry_id) == (TOMBSTONE, ODD)
    await again.close()


async def test_the_name_of_a_file_that_is_no_text_comes_back_as_it_is(path: Path) -> None:
    name = "caf\udce9 \ud800"
    rows = ((name, None, name),)
    intent = replace(INTENT, title=name, command=f"kafkaview '{name}'", plan={"file": name}, rows=rows, target=name)
    journal = Journal(path)
    entry_id = await journal.begin(intent, [])
    await journal.end(entry_id, EntryState.COMMITTED, {"file": name})
    found = await journal.found(JournalRequest(search="CAF\udce9", kinds=(intent.kind, name)))
    assert [(one.intent, one.outcome) for one in found] == [(intent, {"file": name})]
    page = await journal.page(JournalRequest(search="\udce9"))
    assert [row.title for row in page.rows] == [name]
    assert await journal.found(JournalRequest(search="caf\udcff \udce9:0:1")) == ()
    exported = path.with_name("exported")
    async for _ in export_journal(journal, JournalRequest(), exported):
        pass
    assert json.loads(exported.read_text())["plan"] == {"file": name}
    await journal.close()


async def test_an_entry_is_begun_until_its_outcome_is_stored(path: Path) -> None:
    journal = Journal(path)
    entry_id = await journal.begin(INTENT, [ODD])
    begun = await journal.entry(entry_id)
    assert begun is not None
    assert (begun.state, begun.outcome, begun.ended_at_ms) == (EntryState.BEGUN, None, None)
    await journal.end(entry_id, EntryState.COMMITTED, {"transaction": "committed"})
    ended = await journal.entry(entry_id)
    assert ended is not None
    assert (ended.state, ended.outcome) == (EntryState.COMMITTED, {"transaction": "committed"})
    assert ended.intent == INTENT
    await journal.close()


async def test_an_entry_of_version_1_is_read_and_new_ones_follow_it(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as database:
        database.executescript(VERSION_1)
    database.close()
    journal = Journal(path)
    entry = await journal.entry(1)
    assert entry is not None
    assert (entry.intent, entry.state, entry.outcome) == (INTENT, EntryState.COMMITTED, {"moved": 1})
    assert await payloads_of(journal, 1) == (replace(ODD, headers=(Header("a", None),)),)
    assert await journal.begin(INTENT, []) == 2
    await journal.close()


async def test_entries_come_newest_first(path: Path) -> None:
    journal = Journal(path)
    first, second = await journal.begin(INTENT, []), await journal.begin(INTENT, [])
    assert [entry.id for entry in await journal.entries()] == [second, first]
    assert await journal.entries(since_ms=2**60) == ()
    assert await journal.entry(999) is None
    await journal.close()


async def test_only_its_owner_may_read_the_journal(path: Path) -> None:
    journal = Journal(path)
    await journal.begin(INTENT, [ODD])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await journal.close()


async def test_a_damaged_journal_is_reported_and_left_unchanged(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is not a database" * 100)
    journal = Journal(path)
    with pytest.raises(JournalUnavailable, match="not a database"):
        await journal.begin(INTENT, [ODD])
    await journal.close()
    assert path.read_bytes() == b"this is not a database" * 100


async def test_another_program_that_closes_the_journal_leaves_it_to_those_that_have_it_open(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    await journal.begin(INTENT, [ODD])
    await journal.page(JournalRequest())  # by a second connection
    other = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT * FROM entry'); db.close()"
    for program in range(2):
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", other, str(path)], check=True)
        assert path.with_name(f"{path.name}-wal").exists(), "it is deleted by the last one alone"
        assert await journal.begin(INTENT, [ODD]) == 2 + program
    with closing(sqlite3.connect(path)) as seen:
        assert seen.execute("SELECT count(*) FROM payload").fetchone() == (3,)
    await journal.close()
