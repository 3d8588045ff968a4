"""The journal as a window reads it, through the messages of an engine; and what an engine removes when it opens one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine

from kafkaview.decode.topics import TopicDecoders
from kafkaview.engine.connection_service import ConnectionService
from kafkaview.engine.port import Engine
from kafkaview.engine.session_service import SessionService
from kafkaview.journal.entry import EntryState
from kafkaview.journal.errors import JournalUnavailable, PayloadUnreadable
from kafkaview.journal.search import JournalRequest
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, KeptFor, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.session import Session
from kafkaview.terms import RecordId
from tests.kit.engine import local_client
from tests.kit.fake_cluster import FakeCluster
from tests.unit.journal.entries import MOVE, ODD, add, intent

PROFILE = ConnectionProfile("orders-eu", "127.0.0.1:1", id="p-1")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[Journal, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield journal
    await journal.close()


@pytest.fixture
async def engine(journal: Journal) -> AsyncGenerator[Engine, None]:
    client = local_client(Session(PROFILE, FakeCluster(), TopicDecoders(), journal))
    client.begin()
    yield client.engine
    await client.close()


async def test_entries_and_their_records_go_through_an_engine(engine: Engine, journal: Journal, tmp_path: Path) -> None:
    await add(journal, intent(rows=(("Copy of orders:3:18442", None, "orders-dlq"),), plan={"to": "orders-dlq"}), ODD)
    await add(journal, intent("Move billing", offsets=(MOVE,), undoable=True))
    page = await engine.journal_page(JournalRequest("orders:3:18442"))
    assert [row.id for row in page.rows] == [1]
    entry = await engine.journal_entry(1)
    assert entry is not None
    assert (entry.rows[0].what, entry.row_count, entry.undoable) == ("Copy of orders:3:18442", 1, False)
    assert '"to": "orders-dlq"' in entry.plan
    (row,) = await engine.journal_payloads(1, 0, 10)
    assert (row.record, row.size, row.form) == (ODD.id, 4, PayloadForm.KEPT)
    payload = await engine.journal_payload(1, ODD.id)
    assert payload is not None
    assert payload.detail is not None
    assert payload.detail.value is not None
    assert payload.detail.value.head == ODD.value
    assert await engine.save_journal_value(1, ODD.id, tmp_path / "value.bin") == 4
    assert (tmp_path / "value.bin").read_bytes() == ODD.value
    async with aclosing(engine.export_journal(JournalRequest(), tmp_path / "all.jsonl")) as steps:
        assert [step.written async for step in steps][-1] == 2
    last = await engine.last_write("cluster-1")
    assert last is not None
    assert (last.id, last.moves_offsets, last.rows[0].before, last.rows[0].after) == (2, True, "5", "9")


async def test_what_is_not_there_is_none_or_refused(engine: Engine, journal: Journal, tmp_path: Path) -> None:
    await add(journal, intent(), ODD, rules=JournalRules(PayloadForm.LEFT_OUT))
    assert await engine.journal_entry(9) is None
    assert await engine.last_write("cluster-2") is None
    assert await engine.journal_payload(1, RecordId("orders", 0, 0)) is None
    with pytest.raises(PayloadUnreadable, match="are not kept"):
        await engine.save_journal_value(1, ODD.id, tmp_path / "value.bin")
    with pytest.raises(PayloadUnreadable, match="has no record"):
        await engine.save_journal_value(1, RecordId("orders", 0, 0), tmp_path / "value.bin")
    assert not (tmp_path / "value.bin").exists()


async def test_a_large_plan_is_cut_for_the_window(engine: Engine, journal: Journal) -> None:
    rows = tuple((f"orders:{number}", "5", "9") for number in range(900))
    await add(journal, intent(rows=rows, plan={"names": ["x" * 100] * 2_000}))
    entry = await engine.journal_entry(1)
    assert entry is not None
    assert (len(entry.rows), entry.row_count) == (200, 900)
    assert entry.plan.endswith("`kafkaview journal show` has all")
    assert len(entry.plan) < 66_000


async def test_an_engine_removes_what_is_too_old_when_it_opens_a_connection(journal: Journal, tmp_path: Path) -> None:
    profile = replace(PROFILE, journal=JournalRules(entry_age=KeptFor.MONTH))
    with time_machine.travel(1_800_000_000, tick=True) as clock:
        await add(journal, intent(), ODD)
        await add(journal, intent("Begun"), state=None)
        clock.shift(31 * 86_400)
        await add(journal, intent("New"), ODD, state=EntryState.ABORTED)
        connections = ConnectionService()
        service = SessionService(connections)
        await service.open(profile, Secrets(), tmp_path / "journal.sqlite3")
        await service.close()
        connections.close()
    assert [entry.intent.title for entry in await journal.entries()] == ["New", "Begun"]


async def test_a_damaged_journal_keeps_nobody_from_connecting(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite3"
    path.write_bytes(b"this is not a database" * 100)
    connections = ConnectionService()
    service = SessionService(connections)
    await service.open(PROFILE, Secrets(), path)
    with pytest.raises(JournalUnavailable):
        await service.require_session().journal.entries()
    await service.close()
    connections.close()
