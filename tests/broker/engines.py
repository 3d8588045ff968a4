"""An engine in a process of its own, as a window has it, and its end by SIGKILL."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.client import EngineClient
from kafkaview.engine.process import EngineProcess
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
from kafkaview.writes.plan import Plan


@asynccontextmanager
async def opened_engine(
    profile: ConnectionProfile, secrets: Secrets, journal: Path, variables: Mapping[str, str] | None = None
) -> AsyncIterator[EngineClient]:
    """A window's end, with a connection open in the engine at the other. `variables` are added to its environment."""
    client = EngineClient(lambda: EngineProcess(variables))
    client.begin()
    try:
        await client.open(profile, secrets, journal)
        yield client
    finally:
        await client.close()


def kill_engine(client: EngineClient) -> None:
    """End the engine as a power cut would."""
    assert isinstance(client._running, EngineProcess)
    os.kill(client._running.id, signal.SIGKILL)


async def outcome_of(client: EngineClient, plan: Plan[ChangeOutcome]) -> ChangeOutcome | ClusterError:
    """What a window is told of a write."""
    try:
        async with aclosing(client.engine.carry_out(plan)) as steps:
            async for step in steps:
                if isinstance(step, ChangeEnd):
                    return step.outcome
    except ClusterError as error:
        return error
    raise AssertionError("a write ends with an outcome")


async def check_journal(path: Path) -> None:
    """Nothing is left begun."""
    journal = Journal(path)
    entries = await journal.entries()
    await journal.close()
    assert EntryState.BEGUN not in [entry.state for entry in entries]
