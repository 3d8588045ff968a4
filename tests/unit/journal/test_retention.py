"""What is old goes from the journal, by a shifted clock; what is still needed stays whatever its age."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kafkaview.journal.entry import EntryState
from kafkaview.journal.retention import AT_ONCE, Pruned
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, KeptFor
from kafkaview.profiles.profile import ConnectionProfile
from tests.kit.payloads import payloads_of
from tests.unit.journal.entries import MOVE, ODD, add, intent

NOW_S, DAY_S = 1_800_000_000, 86_400
PROFILE = ConnectionProfile("orders-eu", "b:1", id="p-1")
SHORT = JournalRules(payload_age=KeptFor.WEEK, entry_age=KeptFor.MONTH)
KEEPER = replace(PROFILE, id="p-9", name="another")  # whose window connects, and changes no rule of others


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield journal
    await journal.close()


async def ids(journal: Journal) -> list[int]:
    return [entry.id for entry in await journal.entries()]


async def test_records_go_after_90_days_and_entries_never_where_nothing_is_said(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        entry = await add(journal, intent(), ODD)
        clock.shift(90 * DAY_S)
        assert await journal.prune(PROFILE) == Pruned()
        clock.shift(1)
        assert await journal.prune(PROFILE) == Pruned(payloads=1)
        assert await journal.prune(PROFILE) == Pruned()
        clock.shift(10_000 * DAY_S)
        assert await journal.prune(PROFILE) == Pruned()
    kept = await journal.entry(entry)
    assert kept is not None
    assert (kept.payloads.count, kept.payloads.removed_at_ms) == (1, (NOW_S + 90 * DAY_S + 1) * 1000)
    assert await payloads_of(journal, entry) == ()


async def test_a_short_age_takes_the_records_first_and_then_the_entry(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        await add(journal, intent(), ODD, rules=SHORT)
        await add(journal, intent(), ODD)
        clock.shift(8 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned(payloads=1)
        clock.shift(23 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned(entries=1)
    assert await ids(journal) == [2]
    assert await payloads_of(journal, 2) == (ODD,)


async def test_the_rules_that_a_connection_has_now_hold_for_its_earlier_entries(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        await add(journal, intent(), ODD)
        await add(journal, replace(intent(), profile_id="p-2", profile="orders-us"), ODD)
        clock.shift(31 * DAY_S)
        assert await journal.prune(replace(PROFILE, journal=SHORT)) == Pruned(entries=1)
        assert await ids(journal) == [2]
        longer = JournalRules(payload_age=KeptFor.EVER)
        await journal.prune(replace(PROFILE, id="p-2", journal=longer))
        clock.shift(1_000 * DAY_S)
        assert await journal.prune(PROFILE) == Pruned()
    assert await payloads_of(journal, 2) == (ODD,)


@pytest.mark.parametrize(
    ("state", "outcome", "more"),
    [
        (None, {}, {}),
        (EntryState.UNKNOWN, {}, {}),
        (EntryState.COMMITTED, {"imported": {"records": 5, "complete": False}}, {}),
        (EntryState.ABORTED, {"imported": {"records": 5, "complete": False}}, {}),
        (EntryState.COMMITTED, {"redriven": {"sent": {"0": "1-9"}, "sending": {}}}, {}),
        (EntryState.COMMITTED, {}, {"offsets": (MOVE,), "undoable": True}),
    ],
)
async def test_what_is_not_ended_or_goes_on_or_can_be_undone_stays(
    journal: Journal, state: EntryState | None, outcome: dict[str, object], more: dict[str, Any]
) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        entry = await add(journal, intent(**more), ODD, state=state, outcome=outcome or None, rules=SHORT)
        clock.shift(10_000 * DAY_S)
        await journal.prune(replace(PROFILE, journal=SHORT))
        kept = await journal.entry(entry)
        assert kept is not None
        assert kept.intent.offsets == more.get("offsets", ())
        ended = kept.state in (EntryState.COMMITTED, EntryState.ABORTED)
        assert len(await payloads_of(journal, entry)) == (0 if ended else 1), "no resume needs the records themselves"


async def test_what_was_undone_or_is_complete_goes(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        await add(journal, intent(offsets=(MOVE,), undoable=True), rules=SHORT)
        await add(journal, intent("Undo entry 1", undoes=1), rules=SHORT)
        await add(journal, intent(), outcome={"imported": {"records": 5, "complete": True}}, rules=SHORT)
        await add(journal, intent(offsets=(MOVE,), undoable=True), state=EntryState.ABORTED, rules=SHORT)
        clock.shift(31 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned(entries=4)
    assert await ids(journal) == []


async def test_many_go_in_parts_and_what_comes_between_is_written(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        for _ in range(AT_ONCE + 30):
            await add(journal, intent(), ODD, rules=SHORT)
        clock.shift(8 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned(payloads=AT_ONCE + 30)
        assert await add(journal, intent(), ODD) == AT_ONCE + 31
        clock.shift(30 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned(entries=AT_ONCE + 30)
    assert await ids(journal) == [AT_ONCE + 31]


async def test_removed_records_leave_no_bytes_in_the_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    with time_machine.travel(NOW_S, tick=False) as clock:
        await add(journal, intent(), replace(ODD, value=b"card 4111"), rules=SHORT)
        clock.shift(8 * DAY_S)
        await journal.prune(KEEPER)
    await journal.close()
    assert b"4111" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


async def test_a_clock_that_was_set_back_takes_nothing(journal: Journal) -> None:
    with time_machine.travel(NOW_S, tick=False) as clock:
        await add(journal, intent(), ODD, rules=SHORT)
        clock.shift(-10_000 * DAY_S)
        assert await journal.prune(KEEPER) == Pruned()
    assert await payloads_of(journal, 1) == (ODD,)
