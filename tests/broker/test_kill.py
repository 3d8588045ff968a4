"""SIGKILL at any point of a re-route: never an offset moved without its committed copy, never two committed copies."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from random import Random

import pytest

from kafkaview.cluster.errors import PlanNoLongerHolds
from kafkaview.journal.entry import EntryState
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes import follow_up as following
from kafkaview.writes.carrying_out import carry_out
from tests.broker.material import POISON_AT, POISON_VALUE, Broker, session_on, wait_until

BEFORE_THE_COMMIT = (
    "journal:running",
    "journal:done",
    "check:running",
    "topic:done",
    "transaction:running",
    "check:begun",
    "check:ready",
)
POINTS = (
    *BEFORE_THE_COMMIT,
    "commit:0",
    "commit:1",
    "commit:3",
    "commit:8",
    "commit:20",
    "transaction:done",
    "evict:done",
    "watch:running",
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.2)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(broker: Broker, tmp_path: Path, point: str) -> None:
    killed_at(point, broker, tmp_path / "journal.sqlite3")


@pytest.mark.soak
def test_killed_at_two_hundred_moments_around_the_commit(broker: Broker, tmp_path: Path) -> None:
    random = Random(20261123)
    for number in range(200):
        killed_at(f"commit:{random.uniform(0, 60):.2f}", broker, tmp_path / f"journal-{number}.sqlite3")


def killed_at(point: str, broker: Broker, journal: Path) -> None:
    """Kill a re-route at a point, look at what stands, then do what a user does afterwards."""
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    record = RecordId(topic, 0, POISON_AT)
    program = [sys.executable, "-m", "tests.broker.killed_reroute"]
    arguments = [broker.bootstrap, str(journal), str(record), group, point]
    assert subprocess.run([*program, *arguments], check=False, timeout=60).returncode == -signal.SIGKILL

    copies = copies_of(broker, topic)
    assert copies <= 1
    if broker.committed_offsets(group, topic) != POISON_AT:
        wait_until(lambda: copies_of(broker, topic) == 1)  # the broker ends a commit partition by partition
    if point in BEFORE_THE_COMMIT:
        assert (broker.committed_offsets(group, topic), copies) == (POISON_AT, 0)
    asyncio.run(once_more(broker, journal, record, group, point))
    wait_until(lambda: broker.committed_offsets(group, topic) == POISON_AT + 1)
    assert copies_of(broker, topic) == 1


async def once_more(broker: Broker, journal: Path, record: RecordId, group: str, point: str) -> None:
    """What a user does who finds the group after the crash: look again, and re-route it if it still stands."""
    async with session_on(broker.bootstrap, journal) as session:
        cut_off = [entry.state for entry in await session.journal.entries()]
        assert cut_off == ([] if point == "journal:running" else [EntryState.BEGUN])
        again = await plan_reroute(session, [record], groups=[group])
        moved = [type(problem) for problem in again.problems] == [PlanNoLongerHolds]
        if not moved:
            await carry_out(session, again, lambda _step: None)


def copies_of(broker: Broker, topic: str) -> int:
    """Committed copies of the poison record."""
    return sum(value == POISON_VALUE for _, value, _ in broker.read_committed(f"{topic}-dlq"))
