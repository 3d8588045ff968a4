"""How fast a group consumes and its partitions grow, told from the last samples. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafkaview.triage.view import Point

_SPAN_MS = 15_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Records per second over all partitions; None where the samples do not say."""

    consumed: float | None
    produced: float | None


def rates(points: Sequence[Point], now_ms: int) -> Rates:
    """The pace over the last quarter of a minute."""
    recent = [p for p in points if p.at_ms >= now_ms - _SPAN_MS and p.committed_offset is not None]
    if len(recent) < 2 or recent[-1].at_ms <= recent[0].at_ms:
        return Rates(None, None)
    first, last = recent[0], recent[-1]
    seconds = (last.at_ms - first.at_ms) / 1000
    return Rates(
        _pace(first.committed_offset, last.committed_offset, seconds),
        _pace(first.log_end_offset, last.log_end_offset, seconds),
    )


def _pace(first: int | None, last: int | None, seconds: float) -> float | None:
    return None if first is None or last is None else (last - first) / seconds
