"""When dead letters arrived, as bars stacked by cause. No widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.triage.dead_letters.request import CauseCount

_HOUR_MS: Final = 3_600_000
SERIES: Final = 4  # the last one is all other causes
RANGES: Final = {"24 h": (24, 1), "7 d": (56, 3), "30 d": (30, 24)}  # bars, and hours of each


@dataclass(frozen=True, slots=True)
class ArrivalBars:
    """Bars of `width_ms` from `from_ms` on; each has a count for each series. `titles` name the series. `earlier` and
    `later` are the records that arrived before the first bar and behind the last one.
    """

    from_ms: int
    width_ms: int
    counts: tuple[tuple[int, ...], ...]
    titles: tuple[str, ...]
    earlier: int = 0
    later: int = 0

    @property
    def most(self) -> int:
        """The highest bar."""
        return max((sum(bar) for bar in self.counts), default=0)

    def span(self, bar: int) -> tuple[int, int]:
        """Returns the begin of a bar and its end, in Unix milliseconds."""
        begin = self.from_ms + bar * self.width_ms
        return begin, begin + self.width_ms


def arrival_bars(
    causes: Sequence[CauseCount], titles: Sequence[str], range_name: str, now_ms: int
) -> ArrivalBars | None:
    """Returns the bars up to the newest arrival; None where no record has a time. A time more than an hour ahead of
    `now_ms` is a wrong clock's: it decides where the bars end only if all times are.
    """
    bars, hours = RANGES[range_name]
    known = [hour for cause in causes for hour, _ in cause.hours]
    if not known:
        return None
    newest = max([hour for hour in known if hour <= now_ms + _HOUR_MS] or known)
    width = hours * _HOUR_MS
    end = newest + _HOUR_MS
    begin = end - bars * width
    own = SERIES if len(causes) <= SERIES else SERIES - 1
    earlier = later = 0
    counts: list[Counter[int]] = [Counter() for _ in range(min(SERIES, len(causes)))]
    for place, cause in enumerate(causes):
        for hour, many in cause.hours:
            if hour < begin:
                earlier += many
            elif hour >= end:
                later += many
            else:
                counts[min(place, own)][(hour - begin) // width] += many
    named = tuple(titles[:own]) + (("other causes",) if len(causes) > SERIES else ())
    rows = tuple(tuple(one[bar] for one in counts) for bar in range(bars))
    return ArrivalBars(begin, width, rows, named, earlier, later)
