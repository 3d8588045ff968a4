"""What was seen so far: points for plots, and since when each partition of each group stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kafkaview.terms import TopicPartition
from kafkaview.triage.view import GroupView, Point, View

Key = tuple[str, TopicPartition]

_SPAN_MS = 3_600_000
_POINTS_PER_SERIES = 720
_POINTS = 1_000_000  # of all series together
_GAPS = 5  # moves that a group's usual pace is told from


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when a committed offset was seen as it is, and how long its group usually takes from move to move."""

    offset: int | None
    since_ms: int
    arrived_seen: bool = False  # the move to this offset was seen, so `since_ms` is when it happened
    usual_gap_ms: int | None = None


class History:
    """The last hour of every group, bounded: old points are thinned to every second one."""

    def __init__(self) -> None:
        self._points: dict[Key, deque[Point]] = {}
        self._totals: dict[str, deque[Point]] = {}
        self._standing: dict[Key, Standing] = {}
        self._gaps: dict[Key, deque[int]] = {}

    def add(self, view: View) -> None:
        """Take one sample in. A group that did not answer leaves a gap."""
        bound = max(60, min(_POINTS_PER_SERIES, _POINTS // max(1, len(self._points))))
        for group in view.groups:
            members = frozenset(m.member_id for m in group.group.members) if group.group else frozenset[str]()
            for lag in group.partitions:
                committed = lag.committed.offset if lag.committed else None
                point = Point(view.at_ms, committed, lag.offsets.log_end_offset, members)
                _append(self._points.setdefault((lag.group, lag.topic_partition), deque()), point, bound)
                self._stand((lag.group, lag.topic_partition), committed, view.at_ms)
            _append(self._totals.setdefault(group.listing.group, deque()), _total(view.at_ms, group), bound)

    def points(self, group: str, partition: TopicPartition) -> Sequence[Point]:
        """One partition of one group, oldest first."""
        return tuple(self._points.get((group, partition), ()))

    def totals(self, group: str) -> Sequence[Point]:
        """The sums over a group's partitions; None where one of them is unknown."""
        return tuple(self._totals.get(group, ()))

    def standing(self, group: str, partition: TopicPartition) -> Standing | None:
        """Since when the partition stands as it was last seen."""
        return self._standing.get((group, partition))

    def _stand(self, key: Key, committed: int | None, at_ms: int) -> None:
        before = self._standing.get(key)
        if before is not None and before.offset == committed:
            return
        gaps = self._gaps.setdefault(key, deque(maxlen=_GAPS))
        if before is not None and before.arrived_seen:
            gaps.append(at_ms - before.since_ms)
        self._standing[key] = Standing(committed, at_ms, before is not None, round(median(gaps)) if gaps else None)


def _total(at_ms: int, group: GroupView) -> Point:
    known = [(lag.committed.offset, lag.offsets.log_end_offset) for lag in group.partitions if lag.committed]
    ends = [end for _, end in known if end is not None]
    if not known or group.error or len(ends) < len(known):
        return Point(at_ms, None, None)
    return Point(at_ms, sum(committed for committed, _ in known), sum(ends))


def _append(points: deque[Point], point: Point, bound: int) -> None:
    points.append(point)
    while points[0].at_ms < point.at_ms - _SPAN_MS:
        points.popleft()
    if len(points) > bound:
        kept = list(points)
        older = kept[: len(kept) // 2]
        points.clear()
        points.extend([*older[::2], *kept[len(kept) // 2 :]])
