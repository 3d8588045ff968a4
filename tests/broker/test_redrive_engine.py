"""A redrive of a window whose engine is killed: the window learns what stands, and the next one goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from pathlib import Path
from random import Random

import pytest

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.client import EngineClient
from kafkaview.triage.redrive.outcome import RedriveOutcome
from kafkaview.triage.redrive.plan import RedrivePlan
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.writes.outcome import ChangeEnd
from tests.broker.material import Broker
from tests.broker.test_engine_killed import check_journal, client_on, kill
from tests.broker.test_redrive import letters, values_of

LATEST_S = 2.5  # a redrive of so many takes about as long
COUNT = 12_000


async def outcome_of(client: EngineClient, plan: RedrivePlan) -> RedriveOutcome | ClusterError:
    """What the window is told of a redrive."""
    try:
        async with aclosing(client.engine.carry_out(plan)) as steps:
            async for step in steps:
                if isinstance(step, ChangeEnd):
                    assert isinstance(step.outcome, RedriveOutcome)
                    return step.outcome
    except ClusterError as error:
        return error
    raise AssertionError("a redrive ends with an outcome")


async def killed_after(seconds: float, broker: Broker, journal: Path) -> int | None:
    """Kills the engine so long after a redrive began, and holds what is told against what stands; returns what was
    told to be sent.
    """
    topic, queue = letters(broker, COUNT)
    async with client_on(broker, journal) as client:
        plan = await client.engine.plan_redrive(RedriveRequest(queue))
        assert plan.counts.to_send == COUNT
        asyncio.get_running_loop().call_later(seconds, kill, client)
        outcome = await outcome_of(client, plan)
        stands = sum(values_of(broker, topic).values())
        told = outcome.sent if isinstance(outcome, RedriveOutcome) else None
        assert stands == (told or 0)
        rest = await client.engine.plan_redrive(RedriveRequest(queue))
        assert (rest.counts.already_sent, rest.counts.to_send) == (stands, COUNT - stands)
        done = await outcome_of(client, rest)
        assert isinstance(done, RedriveOutcome)
        assert done.sent == COUNT - stands
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(COUNT)})
    await check_journal(journal)
    return told


@pytest.mark.parametrize("seconds", [0.0, 1.2])
async def test_what_became_of_a_redrive_is_told_after_its_engine_was_killed(
    broker: Broker, tmp_path: Path, seconds: float
) -> None:
    await killed_after(seconds, broker, tmp_path / "journal.sqlite3")


@pytest.mark.soak
async def test_an_engine_killed_at_twenty_random_moments_of_a_redrive(broker: Broker, tmp_path: Path) -> None:
    random = Random(20261130)
    told = [
        await killed_after(random.uniform(0, LATEST_S), broker, tmp_path / f"journal-{number}.sqlite3")
        for number in range(20)
    ]
    print(f"sent when the engine was killed: {told}")
