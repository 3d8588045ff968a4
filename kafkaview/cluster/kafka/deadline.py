"""When the one who asks wants to be done with everything that he asks."""

from __future__ import annotations

import math
import time
from typing import Final

_AFTER_S: Final = 0.3  # what blocks a thread ends after the limit, so that it is the limit that is reported


class Limit:
    """A moment on the monotonic clock; until it is set there is always time. A call that blocks a thread cannot be
    broken off, so it is given no longer than what is left: closing would wait for the rest of it.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.set(seconds)

    def set(self, seconds: float | None) -> None:
        """So many seconds from now; None is no limit. What a user took to think does not count: it is set anew then."""
        self._until = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def rest(self) -> float | None:
        """Seconds that are left for everything; None without a limit."""
        return None if math.isinf(self._until) else max(0.0, self._until - time.monotonic())

    def left(self, most: float) -> float:
        """Seconds, at most `most`, that a call may block its thread."""
        return most if self.rest is None else min(most, self.rest + _AFTER_S)
