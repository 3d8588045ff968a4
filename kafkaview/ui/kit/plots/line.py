"""What a plot shows: lines over time, and moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of points (Unix ms, value) from old to new, None where unknown. `word` stands at its end."""

    points: Sequence[tuple[int, float | None]]
    tone: str
    word: str = ""
    name: str = ""  # what it is called under the pointer, if no word stands at its end

    def value_at(self, at_ms: float) -> tuple[int, float | None] | None:
        """Returns the point that is nearest to a time; None if there is none."""
        return min(self.points, key=lambda point: abs(point[0] - at_ms), default=None)


@dataclass(frozen=True, slots=True)
class Event:
    """A moment with a word: `stops 13:48`, `moved`."""

    at_ms: int
    word: str
    tone: str = "bad_text"
