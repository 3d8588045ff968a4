"""Where the axes of a plot have their captions: `10k` at the left, `13:48` below."""

from __future__ import annotations

import math
from typing import Final

from kafkaview.words import clock, minute

_SHORT_MS: Final = 600_000  # under ten minutes, seconds are shown


def round_ticks(low: float, high: float, most: int) -> tuple[float, list[float]]:
    """Returns the smallest step of 1, 2 or 5 times a power of ten that needs at most so many ticks, and these ticks."""
    step = 10.0 ** max(0, math.floor(math.log10(max(1.0, (high - low) / most))))
    for factor in (1, 2, 5, 10):
        first, last = math.ceil(low / (factor * step)), math.floor(high / (factor * step))
        if last - first < most:
            break
    return factor * step, [factor * step * place for place in range(first, last + 1)]


def time_captions(first_ms: int, last_ms: int) -> tuple[str, str, str]:
    """Returns the captions of the beginning, the middle and the end: HH:MM, with seconds if the time is short."""
    write = minute if last_ms - first_ms >= _SHORT_MS else clock
    return write(first_ms), write((first_ms + last_ms) // 2), write(last_ms)
