"""A journal of an earlier version is brought to today's form, and loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine

from kafkaview.journal.entry import EntryState
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.journal.schema import VERSION
from kafkaview.journal.search import JournalRequest
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, KeptFor
from kafkaview.profiles.profile import ConnectionProfile
from tests.kit.payloads import payloads_of
from tests.unit.journal.entries import MOVE, ODD, TOMBSTONE, VERSION_2, intent, written

TABLES = ("entry", "payload", "header", "offset_change")
DAY_S = 86_400
NOW_S = 1_800_000_000


def columns_of_2(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What version 2 knew of each row."""
    database = sqlite3.connect(path)
    known = {
        table: [row[:11] for row in database.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5")]  # noqa: S608
        for table in TABLES
    }
    database.close()
    return known


async def test_every_value_of_version_2_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite3", VERSION_2)
    before = columns_of_2(path)
    journal = Journal(path)
    entries = await journal.entries()
    assert [entry.id for entry in entries] == [4, 3, 2, 1]
    assert await payloads_of(journal, 1) == (TOMBSTONE, ODD)
    assert entries[2].intent.offsets == (MOVE,)
    assert await journal.begin(intent(), []) == 5
    await journal.close()
    after = columns_of_2(path)
    assert [row for row in after["entry"] if row[0] != 5] == before.pop("entry")
    assert {table: after[table] for table in before} == before
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


async def test_what_follows_from_an_entry_of_version_2_is_filled_in_and_what_does_not_stays_unknown(
    tmp_path: Path,
) -> None:
    journal = Journal(written(tmp_path / "journal.sqlite3", VERSION_2))
    four, three, two, one = await journal.entries()
    assert {entry.intent.author for entry in (one, two, three, four)} == {None}
    assert {entry.intent.target for entry in (one, two, three, four)} == {None}
    assert (one.payloads.count, one.payloads.removed_at_ms) == (2, None)
    assert (two.undone_by, three.intent.undoes) == (3, 2)
    assert [entry.intent.undoable for entry in (one, two, three, four)] == [False, True, False, True]
    page = await journal.page(JournalRequest())
    assert [row.doubtful for row in page.rows] == [False, False, False, True]
    for search, found in (("billing orders:3", [2]), ("orders:3:18442", [1]), ("RENE", []), ("refunds", [4])):
        assert [row.id for row in (await journal.page(JournalRequest(search))).rows] == found, search
    await journal.close()


async def test_the_ages_of_version_2_count_from_the_change(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite3", VERSION_2)
    profile = ConnectionProfile("demo", "b:1")
    with time_machine.travel(NOW_S, tick=False) as clock:
        journal = Journal(path)
        assert (await journal.prune(profile)).payloads == 0
        clock.shift(89 * DAY_S)
        assert (await journal.prune(profile)).payloads == 0
        clock.shift(2 * DAY_S)
        assert (await journal.prune(profile)).payloads == 1
        assert len(await journal.entries()) == 4
        short = replace(profile, journal=JournalRules(entry_age=KeptFor.WEEK))
        assert (await journal.prune(short)).entries == 3
        (left,) = await journal.entries()
        assert left.state is EntryState.BEGUN
        await journal.close()


async def test_a_file_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite3", f"CREATE TABLE entry (x); PRAGMA user_version = {VERSION + 1};")
    before = path.read_bytes()
    journal = Journal(path)
    with pytest.raises(JournalUnavailable, match="newer kafkaview"):
        await journal.entries()
    await journal.close()
    assert path.read_bytes()[100:] == before[100:]  # behind the head, in which the journal's mode stands


async def test_a_file_that_another_program_is_turning_is_waited_for(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite3", VERSION_2)
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # as one does that turns the file to a write-ahead log
    journal = Journal(path)
    reading = asyncio.create_task(journal.entries())
    done, _ = await asyncio.wait([reading], timeout=0.3)
    other.close()
    assert not done
    assert await reading
    await journal.close()


PROGRAM = """
import asyncio, sys
from pathlib import Path
from kafkaview.journal.store import Journal
from tests.unit.journal.entries import ODD, intent

async def main():
    journal = Journal(Path(sys.argv[1]))
    for number in range(50):
        await journal.begin(intent(f"{sys.argv[2]} {number}"), [ODD])
    await journal.close()

asyncio.run(main())
"""


async def test_two_programs_open_an_old_file_at_once_and_both_write(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite3", VERSION_2)
    programs = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(path), name], stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
        for name in ("one", "other")
    ]
    for program in programs:
        _, errors = program.communicate(timeout=120)
        assert program.returncode == 0, errors
    journal = Journal(path)
    entries = await journal.entries()
    for name in ("one", "other"):
        assert [e.intent.title for e in reversed(entries) if e.intent.title.startswith(name)] == [
            f"{name} {number}" for number in range(50)
        ]
    assert await payloads_of(journal, entries[0].id) == (ODD,)
    assert await payloads_of(journal, 1) == (TOMBSTONE, ODD)
    await journal.close()
