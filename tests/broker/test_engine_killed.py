"""SIGKILL of the engine at random moments, also in the middle of a re-route: the window goes on, nothing is lost."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import aclosing
from pathlib import Path
from random import Random

import pytest

from kafkaview.cluster.errors import RefusedHere
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.bulk.request import BulkRequest, reasons_of
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.topics.creation import NewTopic
from tests.broker.engines import check_journal, kill_engine, opened_engine, outcome_of
from tests.broker.material import POISON_AT, POISON_VALUE, Broker, wait_until
from tests.broker.scattered import ScatteredTopic

LATEST_S = 1.5  # a re-route without members takes less


async def killed_after(seconds: float, broker: Broker, journal: Path) -> None:
    """Kill the engine so long after a re-route began, and hold what is told against what stands."""
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    async with opened_engine(ConnectionProfile("test", broker.bootstrap), Secrets(), journal) as client:
        request = RerouteRequest((RecordId(topic, 0, POISON_AT),), (group,))
        plan = await client.engine.plan_reroute(request)
        asyncio.get_running_loop().call_later(seconds, kill_engine, client)
        outcome = await outcome_of(client, plan)
        assert await client.engine.topic_settings(topic)  # another engine answers
    copies = sum(value == POISON_VALUE for _key, value, _headers in broker.read_committed(f"{topic}-dlq"))
    if isinstance(outcome, RerouteOutcome) and outcome.transaction is TransactionState.COMMITTED:
        wait_until(lambda: broker.committed_offsets(group, topic) == POISON_AT + 1)
        assert copies == 1
    else:
        assert (broker.committed_offsets(group, topic), copies) == (POISON_AT, 0)
    await check_journal(journal)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.25, 0.6])
async def test_what_became_of_a_reroute_is_told_after_its_engine_was_killed(
    broker: Broker, tmp_path: Path, seconds: float
) -> None:
    await killed_after(seconds, broker, tmp_path / "journal.sqlite3")


@pytest.mark.soak
async def test_an_engine_killed_at_twenty_random_moments(broker: Broker, tmp_path: Path) -> None:
    random = Random(20261128)
    for number in range(20):
        await killed_after(random.uniform(0, LATEST_S), broker, tmp_path / f"journal-{number}.sqlite3")


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.8, 1.2])
async def test_how_far_a_bulk_reroute_came_is_told_after_its_engine_was_killed(
    broker: Broker, tmp_path: Path, seconds: float
) -> None:
    topic = ScatteredTopic.make(broker, 3_000, set(range(0, 3_000, 2)), partitions=3)
    records = [RecordId(topic.name, partition, offset) for partition in range(3) for offset in sorted(topic.poison)]
    async with opened_engine(ConnectionProfile("test", broker.bootstrap), Secrets(), tmp_path / "journal") as client:
        plan = await client.engine.plan_bulk_reroute(BulkRequest(topic.name, reasons_of(records), ()))
        asyncio.get_running_loop().call_later(seconds, kill_engine, client)
        outcome = await outcome_of(client, plan)
        assert await client.engine.topic_settings(topic.name)  # another engine answers
    copies = topic.copies() if broker.exists(topic.queue) else Counter()
    if isinstance(outcome, ChangeOutcome):
        assert outcome.document()["counts"]["sent"] == copies.total()
    else:
        assert isinstance(outcome, RefusedHere), outcome
        assert not copies
    await check_journal(tmp_path / "journal")


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1, 0.3])
async def test_whether_a_topic_was_created_is_told_after_its_engine_was_killed(
    broker: Broker, tmp_path: Path, seconds: float
) -> None:
    name = f"t-{uuid.uuid4().hex[:8]}"
    async with opened_engine(ConnectionProfile("test", broker.bootstrap), Secrets(), tmp_path / "journal") as client:
        plan = await client.engine.plan_create_topic(NewTopic(name, 2))
        asyncio.get_running_loop().call_later(seconds, kill_engine, client)
        outcome = await outcome_of(client, plan)
    assert broker.exists(name) is isinstance(outcome, ChangeOutcome)
    assert isinstance(outcome, ChangeOutcome | RefusedHere)
    await check_journal(tmp_path / "journal")


async def test_views_go_on_with_another_engine(broker: Broker, tmp_path: Path) -> None:
    topic, profile = broker.poisoned_topic(), ConnectionProfile("test", broker.bootstrap)
    opening = opened_engine(profile, Secrets(), tmp_path / "journal.sqlite3")
    async with opening as client, aclosing(client.views()) as views:
        async for view in views:
            if view.topics is not None and topic in view.topics.names:
                break
        kill_engine(client)
        stale = False
        async for view in views:
            stale = stale or view.stale
            assert view.topics is not None, "what was known stays"
            if stale and not view.stale and view.samples:
                break
