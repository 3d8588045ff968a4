"""When the one who asks wants to be done with everything that he asks."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Limit:
    """A moment on the monotonic clock; without one there is always time. A call that blocks a thread cannot be broken
    off, so it is given no longer than what is left: closing would wait for the rest of it.
    """

    until: float = math.inf

    @classmethod
    def within(cls, seconds: float | None) -> Self:
        """So many seconds from now; None is no limit."""
        return cls() if seconds is None else cls(time.monotonic() + seconds)

    def left(self, most: float) -> float:
        """Seconds that are left, at most `most`."""
        return max(0.0, min(most, self.until - time.monotonic()))


NO_LIMIT: Final = Limit()
