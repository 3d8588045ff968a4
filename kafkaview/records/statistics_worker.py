"""A process that counts records: `python -m kafkaview.records.statistics_worker`, started by records/worker_pool.py."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.records.statistics_counts import StatisticsCounts
from kafkaview.records.worker import Parent, Sight, run_worker

_REPORT_S: Final = 0.5  # counts are said so often, and at the end


class CountingLook:
    """Counts the records of one process."""

    def __init__(self, registered: Sequence[str]) -> None:
        self._registered = registered
        self._begin()

    def __call__(self, records: Slice) -> Sight:
        """Counts a slice, and returns the counts when they are due."""
        self._counts.add(records)
        return self.rest() if time.monotonic() > self._due else Sight(())

    def rest(self) -> Sight:
        """Returns what was counted since the last time."""
        packed = self._counts.pack()
        self._begin()
        return Sight([packed])

    def _begin(self) -> None:
        self._counts = StatisticsCounts(self._registered)
        self._due = time.monotonic() + _REPORT_S


def make_counting(parameters: dict[str, Any], _parent: Parent) -> CountingLook:
    """Returns what counts, as the order wants it."""
    return CountingLook(parameters["registered"])


if __name__ == "__main__":
    run_worker(make_counting)
