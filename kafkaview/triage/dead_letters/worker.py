"""A process that counts dead letters: `python -m kafkaview.triage.dead_letters.worker`, started by
records/worker_pool.py.
"""

from __future__ import annotations

import time
from typing import Any, Final

from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.records.worker import Parent, Sight, run_worker
from kafkaview.terms import Header
from kafkaview.triage.dead_letters.counts import CauseCounts

_REPORT_S: Final = 0.5  # counts are said so often, and at the end


class LetterCountingLook:
    """Counts the dead letters of one process."""

    def __init__(self) -> None:
        self._begin()

    def __call__(self, records: Slice) -> Sight:
        """Counts a slice, and returns the counts when they are due."""
        for place, timestamp_ms in enumerate(records.timestamps()):
            _, _, headers = records.context(place)
            pairs = None if headers is None else tuple(Header(name, value) for name, value in headers)
            self._counts.add(pairs, timestamp_ms)
        return self.rest() if time.monotonic() > self._due else Sight(())

    def rest(self) -> Sight:
        """Returns what was counted since the last time."""
        packed = self._counts.pack()
        self._begin()
        return Sight([packed])

    def _begin(self) -> None:
        self._counts = CauseCounts()
        self._due = time.monotonic() + _REPORT_S


def make_letter_counting(_parameters: dict[str, Any], _parent: Parent) -> LetterCountingLook:
    """Returns what counts."""
    return LetterCountingLook()


if __name__ == "__main__":
    run_worker(make_letter_counting)
