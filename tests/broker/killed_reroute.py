"""A re-route that ends itself with SIGKILL at a named point. Run as a program by test_kill.py:

    python -m tests.broker.killed_reroute BOOTSTRAP JOURNAL RECORD GROUP POINT

A point is `STEP:STATE` of the progress, `check:begun` and `check:ready` inside the transaction, or `commit:MS`
for so many milliseconds after the latter, while the commit is on its way.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from kafkaview.cluster.ports.cluster import Cluster, Copy, GroupMove, TransactionStage
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.steps import WriteStep
from tests.broker.material import session_on


def die() -> None:
    """End at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingCluster:
    """The real cluster, until the point is reached inside the transaction."""

    def __init__(self, cluster: Cluster, kind: str, at: str) -> None:
        self._cluster = cluster
        self._kind = kind
        self._at = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Callable[[TransactionStage], Awaitable[None]],
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        """The transaction, with death after one of its checks, or some milliseconds later."""

        async def dying_check(stage: TransactionStage) -> None:
            await check(stage)
            if (self._kind, self._at) == ("check", stage.value):
                die()
            if self._kind == "commit" and stage is TransactionStage.READY:
                threading.Timer(float(self._at) / 1000, die).start()

        return await self._cluster.transact(transactional_id, copies, moves, dying_check, batch_bytes=batch_bytes)


async def main(bootstrap: str, journal: str, record: str, group: str, point: str) -> None:
    """Plan, then run into the point."""
    kind, at = point.split(":")

    def report(step: WriteStep) -> None:
        if (step.name, step.state) == (kind, at):
            die()

    async with session_on(bootstrap, Path(journal)) as real:
        dying: Any = DyingCluster(real.cluster, kind, at)
        session = Session(real.profile, dying, real.decoders, real.journal)
        plan = await plan_reroute(session, [RecordId.parse(record)], groups=[group])
        await carry_out(session, plan, report)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
