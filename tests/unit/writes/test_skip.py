"""Skipping one record for one group without a copy: exactly past it, kept in the journal, never backwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafkaview.cluster.errors import GroupNotEmpty, OffsetOutOfRange, RefusedHere
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.incidents.incident import IncidentSource, IncidentState, Sighting
from kafkaview.triage.incidents.keeper import note_outcome
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.writes import follow_up
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.offsets import group_facts
from kafkaview.writes.offsets.request import LiveMembers, MemberWays
from kafkaview.writes.offsets.skipping import plan_skip
from tests.kit.fake_cluster import FakeCluster, FakeMember, OnPoison
from tests.kit.payloads import payloads_of

PLACE = TopicPartition("orders", 0)
POISON = RecordId("orders", 0, 5)
EVICT = MemberWays(LiveMembers.EVICT)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.2)
    monkeypatch.setattr(follow_up, "_POLL_SECONDS", 0.02)
    monkeypatch.setattr(group_facts, "_PAUSE_S", 0.02)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", 1)
    for number in range(10):
        cluster.add_record("orders", b"\xff" if number == 5 else b"{}", poison=number == 5)
    cluster.commit("billing", PLACE, 5)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("test", "b:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


async def test_the_group_moves_exactly_past_the_record_which_the_journal_keeps(
    session: Session, cluster: FakeCluster
) -> None:
    plan = await plan_skip(session, "billing", POISON)
    assert plan.title == "Skip orders:0 @ 5 for billing, without a copy"
    assert plan.line == ("offsets", "skip", "billing", "orders:0:5", "--yes")
    assert [one.consequence for one in plan.cautions] == ["The record is copied nowhere."]
    store = IncidentStore.of(session.profile, session.journal.path)
    store.see_standing([Sighting(IncidentSource.GROUP, "orders", 0, 5, "billing", "utf8", "no", 1, 5)], (), 1)
    outcome = await carry_out(session, plan)
    assert cluster.grouped["billing"].committed[PLACE].offset == 6
    (kept,) = await payloads_of(session.journal, outcome.journal_id)
    assert (kept.id, kept.value) == (POISON, b"\xff")
    note_outcome(store, outcome)
    (incident,) = store.incidents()
    assert (incident.state, incident.places[0].journal_id) == (IncidentState.SKIPPED, outcome.journal_id)


async def test_good_records_before_it_are_said_and_kept_too(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("billing", PLACE, 2)
    plan = await plan_skip(session, "billing", POISON)
    assert plan.cautions[1].consequence == "Up to 3 records before it are passed over, too."
    assert [one.offset for one in plan.payloads] == [2, 3, 4, 5]


async def test_a_group_that_is_past_it_never_goes_back(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("billing", PLACE, 9)
    plan = await plan_skip(session, "billing", POISON)
    with pytest.raises(RefusedHere, match="is past orders:0 @ 5 already: it stands at 9"):
        await carry_out(session, plan)
    assert cluster.grouped["billing"].committed[PLACE].offset == 9


async def test_one_that_passes_it_while_it_is_waited_for_does_not_go_back(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.join("billing", FakeMember("m1", (PLACE,), OnPoison.RETRY))
    plan = await plan_skip(session, "billing", POISON, MemberWays(LiveMembers.WAIT, 5))
    running = asyncio.ensure_future(carry_out(session, plan))
    await asyncio.sleep(0.1)
    cluster.commit("billing", PLACE, 8)
    cluster.grouped["billing"].members.clear()
    with pytest.raises(RefusedHere, match="past"):
        await running
    assert cluster.grouped["billing"].committed[PLACE].offset == 8


async def test_it_is_skipped_once_the_group_is_empty(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("m1", (PLACE,), OnPoison.RETRY))
    running = asyncio.ensure_future(
        carry_out(session, await plan_skip(session, "billing", POISON, MemberWays(LiveMembers.WAIT, 5)))
    )
    await asyncio.sleep(0.1)
    assert not running.done()
    cluster.grouped["billing"].members.clear()
    assert (await running).succeeded
    assert cluster.grouped["billing"].committed[PLACE].offset == 6


async def test_the_waiting_can_be_cancelled(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("m1", (PLACE,), OnPoison.RETRY))
    running = asyncio.ensure_future(
        carry_out(session, await plan_skip(session, "billing", POISON, MemberWays(LiveMembers.WAIT, 5)))
    )
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert cluster.grouped["billing"].committed[PLACE].offset == 5
    assert await session.journal.entries() == ()


async def test_live_members_are_refused_or_evicted(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("m1", (PLACE,), OnPoison.RETRY))
    refused = await plan_skip(session, "billing", POISON)
    with pytest.raises((RefusedHere, GroupNotEmpty)):
        await carry_out(session, refused)
    await carry_out(session, await plan_skip(session, "billing", POISON, EVICT))
    assert cluster.grouped["billing"].committed[PLACE].offset >= 6


async def test_a_record_that_is_gone_is_no_plan(session: Session, cluster: FakeCluster) -> None:
    cluster.retain(PLACE, 7)
    with pytest.raises(OffsetOutOfRange, match="There is no committed record at orders:0:5"):
        await plan_skip(session, "billing", POISON)
