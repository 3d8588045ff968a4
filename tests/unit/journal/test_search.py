"""The search of the journal: by deed, target, group, record and who, in pages, and exported as JSON lines."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from kafkaview.journal.entry import EntryState
from kafkaview.journal.export import export_journal, found_entries
from kafkaview.journal.search import JournalRequest
from kafkaview.journal.store import Journal
from tests.unit.journal.entries import AUTHOR, MOVE, ODD, add, intent


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield journal
    await journal.close()


async def found(journal: Journal, search: str = "", **more: object) -> list[int]:
    return [row.id for row in (await journal.page(JournalRequest(search, **more))).rows]  # type: ignore[arg-type]


async def filled(journal: Journal) -> None:
    await add(journal, intent("Send 1 record to orders-dlq"), ODD)
    await add(journal, intent("Move billing on 1 partition", kind="offsets.apply", target="billing", offsets=(MOVE,)))
    bob = replace(AUTHOR, os_user="Bob", principal="User:CN=bob,O=Ops")
    acl = replace(intent("Create 1 ACL", kind="acls.create", target="User:ÉMILE"), author=bob)
    await add(journal, acl, state=EntryState.ABORTED)
    await add(journal, intent("Create refunds", kind="topics.create", target="refunds"), state=None)


@pytest.mark.parametrize(
    ("search", "entries"),
    [
        ("", [4, 3, 2, 1]),
        ("SEND orders-DLQ", [1]),
        ("refunds", [4]),
        ("billing", [2]),
        ("orders:3", [2, 1]),
        ("orders:3:18442", [1]),
        ("orders:3:1844", [1]),  # while it is typed
        ("orders:3:99", []),
        ("émile", [3]),
        ("cn=bob,o=ops", [3]),
        ("anna", [4, 2, 1]),
        ("User:oncall -refunds", [2, 1]),
        ("orders-eu acls", [3]),
        ("50% _", []),  # no pattern of SQL's
        ("'; --", []),
    ],
)
async def test_every_word_has_to_be_there_and_an_excluded_one_must_not(
    journal: Journal, search: str, entries: list[int]
) -> None:
    await filled(journal)
    assert await found(journal, search) == entries


async def test_outcome_kind_and_time_cut_what_is_found(journal: Journal) -> None:
    await filled(journal)
    assert await found(journal, states=(EntryState.ABORTED, EntryState.NONE)) == [3]
    assert await found(journal, states=(EntryState.BEGUN,)) == [4]
    assert await found(journal, kinds=("offsets.apply", "reroute")) == [2, 1]
    assert await found(journal, since_ms=2**60) == []
    page = await journal.page(JournalRequest("orders"))
    assert (page.found, page.total) == (4, 4)
    assert page.kinds == ("acls.create", "offsets.apply", "reroute", "topics.create")


async def test_a_record_among_many_is_found_by_its_whole_name(journal: Journal) -> None:
    many = [replace(ODD, offset=offset) for offset in range(1_000, 1_100)]
    await add(journal, intent(), *many)
    await add(journal, intent(), ODD)
    assert await found(journal, "orders:3:1077") == [1]
    assert await found(journal, "orders:3:107") == []
    assert await found(journal, "orders:3") == [2, 1]
    assert await found(journal, "-orders:3:1077") == [2]


async def test_pages_follow_each_other_while_new_entries_come(journal: Journal) -> None:
    for number in range(25):
        await add(journal, intent(f"Deed {number}"))
    request = JournalRequest("deed", limit=10)
    first = await journal.page(request)
    assert (first.more, first.found, first.total) == (True, 25, 25)
    await add(journal, intent("Deed of later"))
    second = await journal.page(replace(request, before=first.rows[-1].id))
    third = await journal.page(replace(request, before=second.rows[-1].id))
    assert [row.id for row in (*first.rows, *second.rows, *third.rows)] == list(range(25, 0, -1))
    assert (second.more, third.more, third.found) == (True, False, None)


async def test_an_export_has_every_entry_that_was_found_whole(journal: Journal, tmp_path: Path) -> None:
    for number in range(250):
        await add(journal, intent(f"Deed {number}", rows=(("orders", None, "3"),)), state=EntryState.COMMITTED)
    path = tmp_path / "journal.jsonl"
    path.write_text("what was there before")
    steps = [step async for step in export_journal(journal, JournalRequest("deed", kinds=("reroute",)), path)]
    assert [(step.written, step.total, step.ended) for step in steps] == [
        (0, 250, False), (200, 250, False), (250, 250, False), (250, 250, True),
    ]  # fmt: skip
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["id"] for line in lines] == list(range(250, 0, -1))
    assert lines[0]["changes"] == [{"what": "orders", "before": None, "after": "3"}]
    assert (lines[0]["os_user"], lines[0]["principal"], lines[0]["version"]) == ("anna", "User:oncall", "0.1.0")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert steps[-1].size == path.stat().st_size


async def test_an_export_that_is_ended_early_leaves_no_file(journal: Journal, tmp_path: Path) -> None:
    for number in range(250):
        await add(journal, intent(f"Deed {number}"), state=None)
    async with aclosing(export_journal(journal, JournalRequest(), tmp_path / "journal.jsonl")) as steps:
        async for step in steps:
            if step.written:
                break
    assert [path.name for path in tmp_path.glob("*journal.jsonl*")] == []


async def test_what_is_begun_meanwhile_is_not_among_what_was_found(journal: Journal) -> None:
    for number in range(230):
        await add(journal, intent(f"Deed {number}"), state=None)
    seen: list[int] = []
    async for entries in found_entries(journal, JournalRequest()):
        seen += [entry.id for entry in entries]
        await add(journal, intent("Later"), state=None)
    assert seen == list(range(230, 0, -1))


async def test_the_last_write_is_neither_an_undo_nor_undone_nor_refused(journal: Journal) -> None:
    async def last() -> int | None:
        entry = await journal.last_write("cluster-1")
        return entry.id if entry is not None else None

    assert await last() is None
    await add(journal, intent("One", offsets=(MOVE,), undoable=True))
    await add(journal, intent("Two", offsets=(MOVE,), undoable=True))
    await add(journal, intent("Three"), state=EntryState.ABORTED)
    await add(journal, replace(intent("Elsewhere"), cluster_id="cluster-2"))
    assert await last() == 2
    await add(journal, intent("Undo entry 2", undoes=2), state=EntryState.ABORTED)
    assert await last() == 2
    undo = await add(journal, intent("Undo entry 2", undoes=2))
    assert await last() == 1
    undone = await journal.entry(2)
    assert undone is not None
    assert undone.undone_by == undo
