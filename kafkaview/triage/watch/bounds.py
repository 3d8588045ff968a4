"""The last known bounds of logs, by index into a partition table."""

from __future__ import annotations

import numpy as np

from kafkaview.cluster.ports.columns import BoundColumns, Ints, Longs
from kafkaview.terms import PartitionOffsets
from kafkaview.triage.watch.layout import move_column


class KnownBounds:
    """Log start, log end (the high watermark) and last stable offset of each partition; -1 where unknown."""

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, partitions: int) -> None:
        """Forgets all bounds."""
        self.start, self.end, self.stable = (np.full(partitions, -1, np.int64) for _ in range(3))

    def copy(self) -> KnownBounds:
        """Returns the bounds as they are known now."""
        copied = KnownBounds()
        copied.start, copied.end, copied.stable = (column.copy() for column in (self.start, self.end, self.stable))
        return copied

    def move(self, back: Ints) -> None:
        """Adopts a newer table. `back` holds the old index of each new partition, -1 if it is new."""
        self.start, self.end, self.stable = (
            move_column(column, back) for column in (self.start, self.end, self.stable)
        )

    def take(self, answer: BoundColumns, places: Ints | None, *, starts: bool) -> None:
        """Adds an answer for all partitions or some. A known log start stays while its leader is silent."""
        at = slice(None) if places is None else places
        self.end[at], self.stable[at] = answer.log_end[at], answer.last_stable[at]
        if starts:
            self.start[at] = np.where(answer.log_start[at] >= 0, answer.log_start[at], self.start[at])

    def at(self, place: int) -> PartitionOffsets:
        """Returns the bounds at one index; all are unknown for -1."""
        columns: tuple[Longs, ...] = (self.start, self.end, self.stable)
        known = [int(column[place]) if 0 <= place < len(column) else -1 for column in columns]
        return PartitionOffsets(*(None if one < 0 else one for one in known))
