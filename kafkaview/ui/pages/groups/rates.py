"""How fast a group reads and its partitions grow, from the last samples. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kafkaview.triage.watch.sample_arrays import GroupDetail, Longs

_SPAN_MS = 15_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Records per second over all partitions; None if the samples do not say."""

    consumed: float | None
    produced: float | None


def rates(detail: GroupDetail, now_ms: int) -> Rates:
    """Returns the rates over the last 15 seconds."""
    recent = (detail.at_ms >= now_ms - _SPAN_MS) & (detail.committed_total >= 0)
    places = np.flatnonzero(recent)
    if len(places) < 2:
        return Rates(None, None)
    first, last = int(places[0]), int(places[-1])
    seconds = float(detail.at_ms[last] - detail.at_ms[first]) / 1000
    return Rates(_pace(detail.committed_total, first, last, seconds), _pace(detail.end_total, first, last, seconds))


def _pace(totals: Longs, first: int, last: int, seconds: float) -> float | None:
    if seconds <= 0 or totals[first] < 0 or totals[last] < 0:
        return None
    return float(totals[last] - totals[first]) / seconds
