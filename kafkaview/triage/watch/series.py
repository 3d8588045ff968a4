"""Time series in arrays of a fixed size. Of a constant stretch only the ends are kept, and few of the old points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kafkaview.cluster.ports.columns import Ints, Longs
from kafkaview.triage.watch.layout import Rows, move_column

SPAN_MS: Final = 3_600_000
_TICK_MS: Final = 10  # times are kept in 4 octets: hundredths of a second since the first point
_AT_ONCE: Final = 4_096  # series copied in one go
_MOST: Final = 720  # points of one series
_FEWEST: Final = 10
_HEADROOM: Final = 1.2  # for rows to come


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """One series, oldest first; -1 where a value was unknown."""

    at_ms: Longs
    committed: Longs
    log_end: Longs

    def __len__(self) -> int:
        """Returns the number of points."""
        return len(self.at_ms)


class Series:
    """One series for each row, with at most `bound` points together. The newest point of each row is kept apart: while
    its values do not change, only its time does.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._began_ms: int | None = None
        self._slots: Ints = np.empty(0, np.int32)  # by row: where its series lies
        self._make(0)

    def _make(self, size: int) -> None:
        self._points = max(_FEWEST, min(_MOST, self._bound // max(1, size)))
        self._at: NDArray[np.uint32] = np.zeros((size, self._points), np.uint32)
        self._committed, self._log_end = (np.zeros((size, self._points), np.int64) for _ in range(2))
        self._count: Ints = np.zeros(size, np.int32)
        self._newest_at: NDArray[np.uint32] = np.zeros(size, np.uint32)
        self._newest_committed, self._newest_log_end = (np.zeros(size, np.int64) for _ in range(2))
        self._begun, self._stands = (np.zeros(size, np.bool_) for _ in range(2))

    def go_over_to(self, former: Rows) -> None:
        """Adopts other rows: each goes on with the series of an old row; -1 starts a new one."""
        slots = move_column(self._slots, former)
        free = np.ones(len(self._count), np.bool_)
        free[slots[slots >= 0]] = False
        new, room = np.flatnonzero(slots < 0), np.flatnonzero(free)
        if len(new) <= len(room):
            slots[new] = room[: len(new)]
            self._count[free], self._begun[free], self._stands[free] = 0, False, False
            self._slots = slots
        else:
            self._grow(slots)

    def add(self, rows: Rows, at_ms: int, committed: Longs, log_end: Longs) -> None:
        """Adds a point to the series of some rows."""
        if self._began_ms is None:
            self._began_ms = at_ms
        tick = max(0, at_ms - self._began_ms) // _TICK_MS
        slots = self._slots[rows]
        same = (self._newest_committed[slots] == committed) & (self._newest_log_end[slots] == log_end)
        same &= self._begun[slots]
        ended = slots[self._begun[slots] & ~(same & self._stands[slots])]
        self._keep(ended, tick)
        self._stands[slots] = same
        self._newest_at[slots] = tick
        self._newest_committed[slots], self._newest_log_end[slots] = committed, log_end
        self._begun[slots] = True

    def read(self, row: int) -> Points:
        """Returns the last hour of a row."""
        slot, empty = int(self._slots[row]), np.empty(0, np.int64)
        if not self._begun[slot]:
            return Points(empty, empty, empty)
        stored = slice(0, int(self._count[slot]))
        at_ms = np.append(self._at[slot, stored], self._newest_at[slot]).astype(np.int64) * _TICK_MS
        recent = at_ms >= at_ms[-1] - SPAN_MS
        return Points(
            at_ms[recent] + (self._began_ms or 0),
            np.append(self._committed[slot, stored], self._newest_committed[slot])[recent],
            np.append(self._log_end[slot, stored], self._newest_log_end[slot])[recent],
        )

    def _keep(self, slots: Rows, tick: int) -> None:
        """Stores the newest points before others replace them."""
        self._thin(slots[self._count[slots] == self._points], tick)
        at = self._count[slots]
        self._at[slots, at] = self._newest_at[slots]
        self._committed[slots, at] = self._newest_committed[slots]
        self._log_end[slots, at] = self._newest_log_end[slots]
        self._count[slots] += 1

    def _thin(self, full: Rows, tick: int) -> None:
        """Makes room: the newest quarter stays, and of older points one per stretch of time, up to the span."""
        span, recent = SPAN_MS // _TICK_MS, self._points // 4
        stretch = span // (self._points // 2) + 1
        for begin in range(0, len(full), _AT_ONCE):
            some = full[begin : begin + _AT_ONCE]
            at = self._at[some].astype(np.int64)
            kept = np.diff(at // stretch, axis=1, prepend=-1) != 0
            kept &= at >= tick - span
            kept[:, -recent:] = True
            order = np.argsort(~kept, axis=1, kind="stable")
            for column in self._stored:
                column[some] = np.take_along_axis(column[some], order, axis=1)
            self._count[some] = kept.sum(axis=1)

    def _grow(self, slots: Rows) -> None:
        """Makes room for more series; each then keeps fewer points, its newest ones."""
        stored, newest = self._stored, self._newest
        counts, former_points = self._count, self._points
        self._make(int(len(slots) * _HEADROOM) + 1)
        rows = np.flatnonzero(slots >= 0)
        room = min(self._points, former_points)
        for begin in range(0, len(rows), _AT_ONCE):
            to = rows[begin : begin + _AT_ONCE]
            source = slots[to]
            at = np.maximum(counts[source] - room, 0)[:, None] + np.arange(room)
            for old, new in zip(stored, self._stored, strict=True):
                new[to, :room] = old[source[:, None], at]
            self._count[to] = np.minimum(counts[source], room)
        for old, new in zip(newest, self._newest, strict=True):
            new[: len(slots)] = move_column(old, slots, missing=0)
        self._slots = np.arange(len(slots), dtype=np.int32)

    @property
    def _stored(self) -> tuple[NDArray[Any], ...]:
        return self._at, self._committed, self._log_end

    @property
    def _newest(self) -> tuple[NDArray[Any], ...]:
        return self._newest_at, self._newest_committed, self._newest_log_end, self._begun, self._stands
