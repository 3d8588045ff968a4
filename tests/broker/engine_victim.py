"""The engine of a window, killed while it writes; what the window is told is held against what stands."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.engine.client import EngineClient
from kafkaview.engine.messages import EngineLost
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.triage.redrive.outcome import RedriveOutcome
from kafkaview.writes.outcome import ChangeOutcome
from tests.broker.engines import check_journal, kill_engine, opened_engine, outcome_of
from tests.broker.killed_works import Work
from tests.broker.killing import LONGEST_S, LOOK_S, Victim
from tests.kit.patience import patience


class EngineVictim(Victim):
    """The engine; the window stays, and gets another."""

    title = "engine"
    each = 3  # the pause before the next engine grows with every one that is lost

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._opened = AsyncExitStack()
        self._client: EngineClient | None = None
        self._work: Work | None = None
        self._running: asyncio.Task[ChangeOutcome | ClusterError | None] | None = None
        self._stood = 0

    async def begin(self, work: Work) -> None:
        if self._work is not work:
            await self.close()
            profile = ConnectionProfile("test", work.sent.broker.bootstrap)
            opening = opened_engine(profile, Secrets(), work.journal, self._variables)
            self._client, self._work = await self._opened.enter_async_context(opening), work
        self._stood = work.sent.stands
        self._running = asyncio.ensure_future(self._carry_out(work))

    def is_running(self) -> bool:
        return self._running is not None and not self._running.done()

    async def kill(self, work: Work) -> None:  # noqa: ARG002 - any
        assert self._client is not None
        kill_engine(self._client)

    async def recover(self, work: Work) -> None:
        await self.end(work)

    async def end(self, work: Work) -> None:
        """The next engine finds out what stands."""
        assert self._running is not None
        told = await asyncio.wait_for(self._running, patience(LONGEST_S))
        stands = await asyncio.to_thread(work.sent.check)
        if isinstance(told, RedriveOutcome):
            assert told.sent == stands - self._stood
        if isinstance(told, RefusedHere):
            assert stands == self._stood, told
        await self._wait_for_engine(work)
        await check_journal(work.journal)

    async def close(self) -> None:
        await self._opened.aclose()
        self._opened, self._work = AsyncExitStack(), None

    async def _wait_for_engine(self, work: Work) -> None:
        assert self._client is not None
        async with asyncio.timeout(patience(30)):
            while True:
                with suppress(EngineLost):
                    await self._client.engine.topic_settings(work.sent.source)
                    return
                await asyncio.sleep(LOOK_S)

    async def _carry_out(self, work: Work) -> ChangeOutcome | ClusterError | None:
        """What the window is told; None where nothing is left to send."""
        assert self._client is not None
        assert work.plan is not None
        try:
            plan = await work.plan(self._client.engine)
        except ClusterError as error:  # it was killed before there was a plan
            return error
        return None if plan.problems else await outcome_of(self._client, plan)
