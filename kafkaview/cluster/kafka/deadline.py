"""The time limit of a command for all of its requests."""

from __future__ import annotations

import math
import time
from typing import Final

_AFTER_S: Final = 0.3  # what blocks a thread ends after the limit, so that it is the limit that is reported


class Limit:
    """A moment on the monotonic clock, or no limit until it is set. A call that blocks a thread cannot be interrupted
    and closing waits for it, so its time-out is never longer than what is left.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.set(seconds)

    def set(self, seconds: float | None) -> None:
        """Sets the limit to so many seconds from now; None removes it. It is set anew after a prompt, so that the
        user's thinking does not count.
        """
        self._until = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def rest(self) -> float | None:
        """Returns the seconds left for everything; None without a limit."""
        return None if math.isinf(self._until) else max(0.0, self._until - time.monotonic())

    def left(self, most: float) -> float:
        """Returns the seconds, at most `most`, that a call may block its thread."""
        return most if self.rest is None else min(most, self.rest + _AFTER_S)
