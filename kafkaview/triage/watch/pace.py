"""The pauses between looks at a cluster: the more a look costs, here and on the brokers, the longer the pause."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_QUICK_LOOK_S: Final = 0.03  # a member that crashes at its first record is there for 30 to 60 ms
_LOOK_S: Final = 0.2  # one that crashes after some records is there for longer
FOCUS_S: Final = 1.5
_SHARE: Final = 0.15  # of one core, for full samples
_SHARE_FOCUS: Final = 0.05  # of one core, for what is looked at between them
_SHARE_STORED: Final = 0.03  # of one core, for what coordinators store of members
_STORED_S: Final = 15.0
_SHARE_LOOK: Final = 0.06  # of one core, for members that come and go
_LONGEST_S: Final = 60.0
_UNREACHABLE_S: Final = 4.0  # a cluster that is back is seen within so many seconds
_REFUSED_S: Final = 10.0  # logins that fail may lock an account
_HIDDEN: Final = 5


class Cost:
    """The processor seconds of a kind of look: the least of the last few, because other work runs here too."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=3)

    @property
    def seconds(self) -> float:
        """The cost of one look; 0 before the first."""
        return min(self._seconds, default=0.0)

    def add(self, seconds: float) -> None:
        """Adds the cost of one look."""
        self._seconds.append(seconds)

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measures the cost of its block, if that ends without an error."""
        began = time.process_time()
        yield
        self.add(time.process_time() - began)


class Pace:
    """The pauses of one watch. `hidden` means that no user looks at it."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self.hidden = False
        self.sample = Cost()
        self.focus = Cost()
        self.look = Cost()
        self.stored = Cost()

    @property
    def sample_s(self) -> float:
        """Seconds from one full sample's start to the next."""
        interval_s = self._interval * (_HIDDEN if self.hidden else 1)
        return max(self._interval, min(max(interval_s, self.sample.seconds / _SHARE), _LONGEST_S))

    @property
    def focus_s(self) -> float:
        """Seconds from one look between full samples to the next."""
        return max(FOCUS_S, self.focus.seconds / _SHARE_FOCUS)

    def stored_s(self, *, soon: bool) -> float:
        """Returns the seconds from one read of what coordinators store to the next; `soon` while a verdict waits for
        it.
        """
        return self.stored.seconds / _SHARE if soon else max(_STORED_S, self.stored.seconds / _SHARE_STORED)

    def look_s(self, coordinators: int, *, quick: bool) -> float:
        """Returns the seconds from one look at the members of some groups to the next. A look is one request to each
        coordinator: with more of them, the looks come less often, and so do the requests.
        """
        least = (_QUICK_LOOK_S if quick else _LOOK_S) * max(1, coordinators) * (_HIDDEN if self.hidden else 1)
        return max(least, self.look.seconds / _SHARE_LOOK)

    @property
    def focuses(self) -> bool:
        """Whether full samples are far enough apart for looks in between."""
        return not self.hidden and self.sample_s > 1.5 * self.focus_s

    def retry_s(self, failures: int, *, refused: bool) -> float:
        """Returns the seconds from the start of a failed sample to the next; longer after each failure."""
        doubled = self._interval * float(2 ** min(failures, 10))
        return min(doubled, max(_REFUSED_S if refused else _UNREACHABLE_S, self._interval))
