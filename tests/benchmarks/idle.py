"""A process that does nothing but look at the clock every 5 ms: how long this machine lets such a one wait.

`python -m tests.benchmarks.idle` ends with its standard input and prints its longest wait in milliseconds.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_TICK_S: Final = 0.005


@contextmanager
def idle_beside() -> Iterator[list[float]]:
    """Runs one while the block does; its longest wait is in the list afterwards."""
    longest: list[float] = []
    line = [sys.executable, "-m", __name__]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield longest
        finally:
            said, _ = process.communicate()
    longest.append(float(said))


def main() -> None:
    """Wait, and look."""
    last, longest = time.monotonic(), 0.0
    while not select.select([sys.stdin], [], [], _TICK_S)[0]:
        now = time.monotonic()
        longest = max(longest, now - last)
        last = now
    print(round(longest * 1000, 1))


if __name__ == "__main__":
    main()
