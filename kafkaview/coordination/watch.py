"""The watch over who coordinates a cluster, for as long as somebody wants to know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode, QuorumHealth
from kafkaview.coordination.history import QuorumPast
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView

if TYPE_CHECKING:
    from kafkaview.session import Session

_PATIENCE_S: Final = 5.0  # with a pause of two seconds before it, what is lost is said within ten
_LONGEST_PAUSE_S: Final = 10.0


class CoordinationWatch:
    """Looks at a session's cluster every `interval` seconds; more slowly the longer no broker answers, twice as often
    while the quorum is not healthy. A search for a leader takes long: after `patience` seconds the last known view is
    called old, and the answer is still waited for.
    """

    def __init__(self, session: Session, *, interval: float = 2.0, patience: float = _PATIENCE_S) -> None:
        self._cluster = session.cluster
        self._interval = interval
        self._patience = patience
        self._past = QuorumPast()
        self._last = CoordinationView(_now_ms(), CoordinationAnswer.SILENT, None, None)
        self._failures = 0
        self._wake = asyncio.Event()

    async def views(self) -> AsyncGenerator[CoordinationView, None]:
        """Yields one view per look; what a look does not tell is kept from the view before, with its time."""
        while True:
            started = time.monotonic()
            asked = asyncio.ensure_future(self._cluster.coordination())
            try:
                await asyncio.wait({asked}, timeout=self._patience)
                if not asked.done() and self._last.coordination is not None:
                    yield self._view_of_silence()
                try:
                    self._last = self._read_answer(await asked)
                except ClusterError as error:
                    self._last = self._view_of_failure(error)
            finally:
                await _end(asked)
            pause = max(0.0, started + self._pause_s() - time.monotonic())
            yield replace(self._last, next_try_at_ms=_now_ms() + round(pause * 1000))
            await self._rest(pause)

    def refresh_now(self) -> None:
        """Looks now."""
        self._wake.set()

    def _read_answer(self, coordination: Coordination) -> CoordinationView:
        if coordination.mode is CoordinationMode.UNKNOWN and self._last.quorum is not None:
            return self._view_of_failure(Unreachable(" ".join(coordination.evidence) or "No broker says what it takes"))
        self._failures = 0
        now = _now_ms()
        self._past.add(now, coordination.quorum)
        answer, kept = _answer(coordination), self._last
        view = CoordinationView(now, answer, coordination, kept.quorum, now, kept.quorum_at_ms, coordination.refused)
        if answer is CoordinationAnswer.YES:
            view = replace(view, quorum=coordination.quorum, quorum_at_ms=now)
        return self._with_past(view)

    def _view_of_failure(self, error: ClusterError) -> CoordinationView:
        self._failures += 1
        answer = CoordinationAnswer.REFUSED if isinstance(error, NotAuthorized) else CoordinationAnswer.SILENT
        now = _now_ms()
        self._past.add(now, None)
        return self._with_past(replace(self._last, at_ms=now, answer=answer, error=error))

    def _view_of_silence(self) -> CoordinationView:
        """Returns the view after no broker has answered in time."""
        error = Unreachable(f"The brokers have not said for {self._patience:g} s who coordinates them")
        return self._with_past(replace(self._last, at_ms=_now_ms(), answer=CoordinationAnswer.SILENT, error=error))

    def _with_past(self, view: CoordinationView) -> CoordinationView:
        past = self._past
        return replace(
            view,
            leaders=past.leaders,
            lags=past.lags,
            watermark_rate=past.watermark_rate if view.answer is CoordinationAnswer.YES else None,
            watched_since_ms=past.since_ms,
            next_try_at_ms=None,
        )

    def _pause_s(self) -> float:
        if not self._failures and _needs_a_look(self._last):
            return self._interval / 2
        doubled = self._interval * float(2 ** min(self._failures, 10))
        return min(doubled, max(_LONGEST_PAUSE_S, self._interval))

    async def _rest(self, pause: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
        self._wake.clear()


def _answer(coordination: Coordination) -> CoordinationAnswer:
    if coordination.refused is not None:
        return CoordinationAnswer.REFUSED
    leaderless = (
        coordination.mode is CoordinationMode.KRAFT
        if coordination.quorum is None
        else coordination.quorum.leader_id is None
    )
    return CoordinationAnswer.LEADERLESS if leaderless else CoordinationAnswer.YES


def _needs_a_look(view: CoordinationView) -> bool:
    """Returns whether to look sooner: a lost majority shows only until the leader resigns, within a second."""
    return view.answer is CoordinationAnswer.LEADERLESS or (
        view.quorum is not None and view.quorum.health is not QuorumHealth.HEALTHY
    )


async def _end(asked: asyncio.Future[Coordination]) -> None:
    """Cancels a request that nobody waits for any more, or takes the error of one that has ended meanwhile."""
    if asked.done():
        if not asked.cancelled():
            asked.exception()
    else:
        asked.cancel()
        with suppress(asyncio.CancelledError, ClusterError):
            await asked


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
