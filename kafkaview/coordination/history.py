"""The quorum over the last hour: who led it, how far each replica was behind, how fast its log grew."""

from __future__ import annotations

from collections import deque
from typing import Final

from kafkaview.cluster.ports.coordination import Quorum
from kafkaview.coordination.view import LagSeries, Leadership

HOUR_MS: Final = 3_600_000
_RATE_OVER_MS: Final = 15_000
_STEP_MS: Final = 10_000  # of the lag: an hour in 360 points, for hundreds of brokers


class QuorumPast:
    """Remembers an hour of views of the quorum."""

    def __init__(self) -> None:
        self.since_ms: int | None = None  # of the first look
        self._leaders: list[Leadership] = []
        self._lags: dict[int, deque[tuple[int, int | None]]] = {}
        self._watermarks: deque[tuple[int, int]] = deque()

    def add(self, at_ms: int, quorum: Quorum | None) -> None:
        """Adds one view; None if no leader answered, for the replicas are then unknown."""
        if self.since_ms is None:
            self.since_ms = at_ms
        replicas = () if quorum is None else (*quorum.voters, *quorum.observers)
        seen = {one.id: one.lag for one in replicas}
        for replica in self._lags.keys() | seen.keys():
            self._add_lag(self._lags.setdefault(replica, deque()), at_ms, seen.get(replica))
        if quorum is not None:
            self._add_leader(at_ms, quorum)
            self._add_watermark(at_ms, quorum)
        self._forget(at_ms)

    @property
    def leaders(self) -> tuple[Leadership, ...]:
        """The leaders, from old to new."""
        return tuple(self._leaders)

    @property
    def lags(self) -> dict[int, LagSeries]:
        """Each replica's offsets behind the leader."""
        return {replica: tuple(points) for replica, points in self._lags.items()}

    @property
    def watermark_rate(self) -> float | None:
        """Metadata records per second over the last 15 seconds; None after a single view."""
        if len(self._watermarks) < 2:
            return None
        (first_at, first), (last_at, last) = self._watermarks[0], self._watermarks[-1]
        return (last - first) * 1000 / (last_at - first_at) if last_at > first_at else None

    def _add_lag(self, points: deque[tuple[int, int | None]], at_ms: int, lag: int | None) -> None:
        """Adds a point. Older points are thinned out, except where the lag became known or unknown."""
        if len(points) > 1 and at_ms - points[-2][0] < _STEP_MS and (points[-1][1] is None) == (lag is None):
            points.pop()
        points.append((at_ms, lag))

    def _add_leader(self, at_ms: int, quorum: Quorum) -> None:
        last = self._leaders[-1] if self._leaders else None
        if last is None or (last.leader_id, last.epoch) != (quorum.leader_id, quorum.leader_epoch):
            since = None if last is None else at_ms
            self._leaders.append(Leadership(quorum.leader_id, quorum.leader_epoch, since))

    def _add_watermark(self, at_ms: int, quorum: Quorum) -> None:
        if quorum.high_watermark is not None:
            self._watermarks.append((at_ms, quorum.high_watermark))
        while self._watermarks and self._watermarks[0][0] < at_ms - _RATE_OVER_MS:
            self._watermarks.popleft()

    def _forget(self, at_ms: int) -> None:
        begin = at_ms - HOUR_MS
        while len(self._leaders) > 1 and (self._leaders[1].since_ms or 0) < begin:
            del self._leaders[0]
        for replica, points in tuple(self._lags.items()):
            while points and points[0][0] < begin:
                points.popleft()
            if all(lag is None for _at, lag in points):
                del self._lags[replica]
