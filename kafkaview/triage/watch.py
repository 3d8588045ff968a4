"""Watching a cluster: sample after sample, with the verdicts that the samples allow."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import Group, GroupListing, GroupType, TopicPartition
from kafkaview.triage.history import History
from kafkaview.triage.judge import LEAST_SAMPLES, full, judge, span
from kafkaview.triage.members import MemberLooks
from kafkaview.triage.sampling import Sampler, attempt
from kafkaview.triage.suspect import Suspects
from kafkaview.triage.view import GroupView, Point, View

if TYPE_CHECKING:
    from kafkaview.session import Session

_LOOK_S = 0.2  # a crashing member is there for some hundred milliseconds
_LOOKED_AT = 30  # groups at most
_LONGEST_PAUSE_S = 10.0
_HAS_MEMBERS_TOLD = (GroupType.CLASSIC, GroupType.CONSUMER)


class Watch:
    """Samples a session's cluster for ever. `window` is how long a partition must stand before anything is said of it:
    ten seconds let an auto-commit of five show.
    """

    def __init__(
        self, session: Session, *, interval: float = 1.0, window: float = 10.0, groups: Collection[str] | None = None
    ) -> None:
        self._cluster = session.cluster
        self._interval = interval
        self._window = window
        self._sampler = Sampler(session.cluster, groups)
        self._suspects = Suspects(session.cluster, session.decoders)
        self._history = History()
        self._looks = MemberLooks()
        self._views: deque[View] = deque()
        self._last: View | None = None
        self._samples = 0
        self._failures = 0
        self._wake = asyncio.Event()

    async def views(self) -> AsyncGenerator[View, None]:
        """One View per sample. A cluster that is gone yields its last known values with the error, dated `at_ms`."""
        while True:
            started = time.monotonic()
            try:
                view = await self._judged(await self._sampler.sample())
            except ClusterError as error:
                self._failures += 1
                yield replace(self._dated(error), next_try_at_ms=self._next_try_at_ms(started))
            else:
                self._failures = 0
                self._last = view
                yield view
            await self._pause(started)

    def history(self, group: str, partition: TopicPartition) -> Sequence[Point]:
        """The last hour of one partition of one group, oldest first."""
        return self._history.points(group, partition)

    def total_history(self, group: str) -> Sequence[Point]:
        """The last hour of a group: the sums over its partitions."""
        return self._history.totals(group)

    def refresh_now(self) -> None:
        """Sample at once, everything."""
        self._sampler.refresh()
        self._wake.set()

    async def _judged(self, view: View) -> View:
        self._samples += 1
        self._history.add(view)
        self._views.append(view)
        while len(self._views) > LEAST_SAMPLES and span(tuple(self._views)[1:]) >= self._window:
            self._views.popleft()
        for group in view.groups:
            if group.group is not None:
                self._look(view.at_ms, group.group)
        views = tuple(self._views)
        standing = judge(views, self._window, self._looks.crowd, self._history.standing)
        return replace(
            view,
            stuck=await self._suspects.explain(standing, dict(view.offsets)),
            samples=self._samples,
            judged=full(views, self._window),
            seconds_to_verdict=max(0.0, self._window - span(views)),
        )

    def _dated(self, error: ClusterError) -> View:
        if self._last is not None:
            return replace(self._last, errors=(error,), dated=True)
        now = time.time_ns() // 1_000_000
        return View(
            now, None, (), {}, {}, (), (), (error,), 0, judged=False, seconds_to_verdict=self._window, dated=True
        )

    def _next_try_at_ms(self, started: float) -> int:
        left = max(0.0, started + self._pause_s() - time.monotonic())
        return time.time_ns() // 1_000_000 + round(left * 1000)

    def _pause_s(self) -> float:
        """From one sample's start to the next: longer with every failure."""
        doubled = self._interval * float(2 ** min(self._failures, 10))
        return min(doubled, max(_LONGEST_PAUSE_S, self._interval))

    async def _pause(self, started: float) -> None:
        """Wait for the next sample's time; meanwhile look often at the groups whose members come and go."""
        until = started + self._pause_s()
        while (left := until - time.monotonic()) > 0 and not self._wake.is_set():
            doubtful = self._doubtful() if not self._failures else ()
            if doubtful:
                await self._look_between(doubtful)
            try:
                async with asyncio.timeout(min(left, _LOOK_S) if doubtful else left):
                    await self._wake.wait()
            except TimeoutError:
                continue
        self._wake.clear()

    def _doubtful(self) -> tuple[GroupListing, ...]:
        groups = self._views[-1].groups if self._views else ()
        doubtful = (group.listing for group in groups if _waits(group) and self._looks.doubtful(group.listing.group))
        return tuple(doubtful)[:_LOOKED_AT]

    async def _look_between(self, doubtful: Sequence[GroupListing]) -> None:
        described = await attempt(lambda: self._cluster.describe_groups(doubtful))
        if isinstance(described, ClusterError):
            return
        for group in described.values():
            if isinstance(group, Group):
                self._look(time.time_ns() // 1_000_000, group)

    def _look(self, at_ms: int, group: Group) -> None:
        self._looks.add(group.group, at_ms, frozenset(member.member_id for member in group.members))


def _waits(group: GroupView) -> bool:
    return group.listing.type in _HAS_MEMBERS_TOLD and any(lag.lag or lag.committed is None for lag in group.partitions)
