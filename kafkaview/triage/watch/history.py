"""The last hour of each group and of its partitions, for plots. Memory is bounded: the more groups, the fewer points
each has.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from kafkaview.cluster.ports.columns import Flags, Longs
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.sample_arrays import Sparklines
from kafkaview.triage.watch.sampler import Sample
from kafkaview.triage.watch.series import SPAN_MS, Points, Series

_POINTS: Final = 1_200_000  # of all partitions together, at 20 octets
_POINTS_OF_GROUPS: Final = 400_000
_SPARKLINE: Final = 60
_EMPTY: Final = Points(*(np.empty(0, np.int64) for _ in range(3)))


class History:
    """The points of groups and of partitions."""

    def __init__(self) -> None:
        self._layout: Layout | None = None  # its rows are those of the series
        self._partitions = Series(_POINTS)
        self._groups = Series(_POINTS_OF_GROUPS)
        self._began_ms: int | None = None
        self._last_ms = 0

    def add(self, sample: Sample, whole: Flags) -> None:
        """Adds one sample. `whole` are its groups of which every partition is known."""
        self._began_ms = sample.at_ms if self._began_ms is None else self._began_ms
        self._last_ms = sample.at_ms
        if sample.full or self._layout is None:
            self._go_over_to(sample.layout)
        assert self._layout is not None
        self._add_partitions(sample, self._layout)
        self._add_groups(sample, self._layout, whole)

    def points(self, group: str, partition: TopicPartition) -> Points:
        """Returns the points of one partition of one group."""
        row = self._layout.row_of(group, partition) if self._layout is not None else -1
        return self._partitions.read(row) if row >= 0 else _EMPTY

    def totals(self, group: str) -> Points:
        """Returns the sums over a group's partitions; -1 where one of them was unknown."""
        number = self._layout.index.get(group) if self._layout is not None else None
        return _EMPTY if number is None else self._groups.read(number)

    def sparklines(self, groups: Collection[str]) -> Sparklines:
        """Returns the total lag of groups, ending now."""
        if self._began_ms is None or self._layout is None:
            return Sparklines(0, {})
        begin = max(self._began_ms, self._last_ms - SPAN_MS)
        moments = np.linspace(begin, self._last_ms, _SPARKLINE)
        known = (name for name in groups if name in self._layout.index)
        return Sparklines(self._last_ms - begin, {name: _lag_at(self.totals(name), moments) for name in known})

    def _add_partitions(self, sample: Sample, layout: Layout) -> None:
        rows = sample.layout.rows_in(layout)
        answered = sample.answered[sample.layout.group] & (rows >= 0)
        self._partitions.add(rows[answered], sample.at_ms, sample.committed[answered], sample.log_end[answered])

    def _add_groups(self, sample: Sample, layout: Layout, whole: Flags) -> None:
        committed, log_end = totals(sample, whole)
        numbers = np.array([layout.index.get(name, -1) for name in sample.layout.names], np.int32)
        here = numbers >= 0
        self._groups.add(numbers[here], sample.at_ms, committed[here], log_end[here])

    def _go_over_to(self, layout: Layout) -> None:
        before, self._layout = self._layout, layout
        if before is layout:
            return
        if before is None or before.names != layout.names:
            known = before.index if before else {}
            self._groups.go_over_to(np.array([known.get(name, -1) for name in layout.names], np.int32))
        rows = np.full(len(layout), -1, np.int32) if before is None else layout.rows_in(before)
        if before is None or len(rows) != len(before) or not np.array_equal(rows, np.arange(len(rows))):
            self._partitions.go_over_to(rows)


def totals(sample: Sample, whole: Flags) -> tuple[Longs, Longs]:
    """Returns, by group, the sums of its committed offsets and of its log ends; -1 where one part is unknown."""
    layout = sample.layout
    counted = sample.committed >= 0
    known = counted & (sample.log_end >= 0)
    committed = sums(layout, np.where(counted, sample.committed, 0))
    log_end = sums(layout, np.where(known, sample.log_end, 0))
    counts = sums(layout, counted.astype(np.int64))
    complete = whole & (counts > 0) & (counts == sums(layout, known.astype(np.int64)))
    return np.where(complete, committed, -1), np.where(complete, log_end, -1)


def sums(layout: Layout, values: Longs) -> Longs:
    """Returns, by group, the sum of the values in its rows."""
    running = np.concatenate((np.zeros(1, np.int64), np.cumsum(values)))
    return running[layout.first[1:]] - running[layout.first[:-1]]


def _lag_at(points: Points, moments: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Longs:
    if not len(points):
        return np.full(len(moments), -1, np.int64)
    at = np.searchsorted(points.at_ms, moments, side="right") - 1
    known = (at >= 0) & (points.committed[at] >= 0) & (points.log_end[at] >= 0)
    return np.where(known, np.maximum(0, points.log_end[at] - points.committed[at]), -1)
