"""Tracks: since when each partition of each group stands where it does, updated by each sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kafkaview.cluster.ports.columns import Flags, Longs
from kafkaview.journal.entry import OffsetMoves
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.layout import Layout, Rows, distinct, move_column
from kafkaview.triage.watch.sampler import Sample
from kafkaview.triage.watch.stored_rhythms import CommitRhythm

NEVER: Final = -1
_GAPS: Final = 5  # moves that a group's usual pace is taken from
_FEWEST: Final = 2  # of them: one may be somebody's who helped
_NO_GAP: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class OffsetTrack:
    """The time since which a committed offset is unchanged, and the usual time between two moves of its group."""

    offset: int | None
    since_ms: int
    arrived_seen: bool = False  # the move to this offset was seen, so `since_ms` is when it happened
    usual_gap_ms: int | None = None


class Tracks:
    """One track per row of a layout. Times are Unix milliseconds, or NEVER if no such event was seen."""

    def __init__(self) -> None:
        self.layout: Layout | None = None
        self._begin(0)

    def _begin(self, rows: int) -> None:
        self.committed, self.log_end = (np.full(rows, -1, np.int64) for _ in range(2))  # the last known ones
        self.since_ms, self.usual_gap_ms = (np.full(rows, NEVER, np.int64) for _ in range(2))
        self.zero_lag_ms, self.back_ms, self.growth_ms = (np.full(rows, NEVER, np.int64) for _ in range(3))
        self.known = np.zeros(rows, np.bool_)  # whether it ever came with the group
        self.arrived_seen = np.zeros(rows, np.bool_)
        self.arrived_led = np.zeros(rows, np.bool_)  # not by a commit in the group's own rhythm
        self._gaps: NDArray[np.int64] = np.full((rows, _GAPS), _NO_GAP, np.int64)

    def add(self, sample: Sample, own: OffsetMoves = ()) -> list[str]:
        """Adds a sample; `own` are the moves that writes from here have made. Returns the groups of which a committed
        offset was seen to move, but not by those.
        """
        if sample.full or self.layout is None:
            self._go_over_to(sample.layout)
        assert self.layout is not None
        rows = sample.layout.rows_in(self.layout)
        answered = sample.answered[sample.layout.group] & (rows >= 0)
        rows = rows[answered]
        committed = sample.committed[answered]
        ours = self._are_own(rows, committed, own)
        self._take(rows, sample.at_ms, committed, sample.log_end[answered], ours)
        moved = rows[(self.since_ms[rows] == sample.at_ms) & self.arrived_seen[rows] & ~ours]
        names = self.layout.names
        return [names[at] for at in distinct(len(names), self.layout.group[moved]).tolist()]

    @property
    def standing_ms(self) -> Longs:
        """Since when each row stands where it does while records wait: one that had caught up stands since then."""
        standing: Longs = np.maximum(self.since_ms, self.zero_lag_ms)
        return standing

    def learn(self, group: str, partition: TopicPartition, rhythm: CommitRhythm) -> None:
        """Notes what is known of a partition from before it was watched, as long as no move of it was seen."""
        row = self.layout.row_of(group, partition) if self.layout is not None else -1
        if row >= 0 and self.known[row] and not self.arrived_seen[row] and self.committed[row] == rhythm.offset:
            self.usual_gap_ms[row] = rhythm.gap_ms
            self.since_ms[row] = min(self.since_ms[row], rhythm.since_ms)

    def track_of(self, group: str, partition: TopicPartition) -> OffsetTrack | None:
        """Returns since when a partition stands where it was last seen."""
        row = self.layout.row_of(group, partition) if self.layout is not None else -1
        if row < 0 or not self.known[row]:
            return None
        committed, gap = int(self.committed[row]), int(self.usual_gap_ms[row])
        return OffsetTrack(
            None if committed < 0 else committed,
            int(self.since_ms[row]),
            bool(self.arrived_seen[row]),
            None if gap < 0 else gap,
        )

    def _go_over_to(self, layout: Layout) -> None:
        """Adopts another layout and keeps the tracks of partitions that it still has."""
        before, self.layout = self.layout, layout
        if before is layout:
            return
        if before is None:
            self._begin(len(layout))
            return
        rows = layout.rows_in(before)
        if len(rows) == len(self.known) and np.array_equal(rows, np.arange(len(rows))):
            return
        columns = ("committed", "log_end", "since_ms", "usual_gap_ms", "zero_lag_ms", "back_ms", "growth_ms")
        for name in columns:
            setattr(self, name, move_column(getattr(self, name), rows))
        for name in ("known", "arrived_seen", "arrived_led"):
            setattr(self, name, move_column(getattr(self, name), rows, missing=False))
        kept = np.full((len(rows), _GAPS), _NO_GAP, np.int64)
        kept[rows >= 0] = self._gaps[rows[rows >= 0]]
        self._gaps = kept

    def _are_own(self, rows: Rows, committed: Longs, own: OffsetMoves) -> Flags:
        """Returns which of these rows stand where a write from here has moved them to."""
        ours = np.zeros(len(rows), np.bool_)
        layout = self.layout
        if not own or layout is None:
            return ours
        at = np.full(len(layout), -1, np.int64)
        at[rows] = np.arange(len(rows))
        for group, partition, offset in own:
            row = layout.row_of(group, partition)
            if row >= 0 and at[row] >= 0 and committed[at[row]] == offset:
                ours[at[row]] = True
        return ours

    def _take(self, rows: Rows, at_ms: int, committed: Longs, log_end: Longs, ours: Flags) -> None:
        before = self.committed[rows]
        known = self.known[rows]
        changed = ~known | (before != committed)
        led = ours | (committed < before)
        rhythm = known & self.arrived_seen[rows] & ~led & ~self.arrived_led[rows]
        self._note_gaps(rows[changed & rhythm], at_ms)
        self.arrived_seen[rows[changed]] = known[changed]
        self.arrived_led[rows[changed]] = led[changed]
        self.since_ms[rows[changed]] = at_ms
        self.back_ms[rows[known & (committed >= 0) & (committed < before)]] = at_ms
        ends = log_end >= 0
        self.growth_ms[rows[ends & (log_end > self.log_end[rows]) & (self.log_end[rows] >= 0)]] = at_ms
        self.zero_lag_ms[rows[ends & (log_end == np.maximum(committed, 0))]] = at_ms
        self.committed[rows] = committed
        self.log_end[rows[ends]] = log_end[ends]
        self.known[rows] = True

    def _note_gaps(self, rows: Rows, at_ms: int) -> None:
        """Stores the last gaps between moves, the newest first, and their median."""
        if not len(rows):
            return
        gaps = self._gaps[rows]
        gaps[:, 1:] = gaps[:, :-1].copy()
        gaps[:, 0] = at_ms - self.since_ms[rows]
        self._gaps[rows] = gaps
        gaps.sort(axis=1)
        count = (gaps != _NO_GAP).sum(axis=1)
        rows, gaps, count = rows[count >= _FEWEST], gaps[count >= _FEWEST], count[count >= _FEWEST]
        each = np.arange(len(rows))
        middle = (gaps[each, (count - 1) // 2] + gaps[each, count // 2]) / 2
        self.usual_gap_ms[rows] = np.rint(middle).astype(np.int64)
