"""A process that does nothing but look at the clock every 5 ms: how long this machine lets such a one wait.

`python -m tests.benchmarks.idle` ends with its standard input and prints its waits over 20 ms as JSON: when each began
and ended, in seconds of the clock that all processes share.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

_TICK_S: Final = 0.005
_WAIT_S: Final = 0.020

Waits = list[tuple[float, float]]


@contextmanager
def idle_beside() -> Iterator[Waits]:
    """Runs one while the block does; its waits are in the list afterwards."""
    waits: Waits = []
    line = [sys.executable, "-m", __name__]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield waits
        finally:
            said, _ = process.communicate()
    waits.extend((began, ended) for began, ended in json.loads(said))


def longest_wait_ms(waits: Waits) -> float:
    """The longest of them; 0 where there is none."""
    return max((1000 * (ended - began) for began, ended in waits), default=0.0)


def wait_within(waits: Waits, began: float, ended: float) -> float:
    """How many seconds of a span it waited."""
    return sum(max(0.0, min(ended, last) - max(began, first)) for first, last in waits)


def alone_ms(pause: Mapping[str, Any], waits: Waits) -> float:
    """A pause of a window without the time in which the machine let an idle process wait, too."""
    ended = float(pause["at"])
    return float(pause["ms"]) - 1000 * wait_within(waits, ended - float(pause["ms"]) / 1000, ended)


def main() -> None:
    """Wait, and look."""
    waits: Waits = []
    last = time.monotonic()
    while not select.select([sys.stdin], [], [], _TICK_S)[0]:
        now = time.monotonic()
        if now - last > _WAIT_S:
            waits.append((last, now))
        last = now
    print(json.dumps(waits))


if __name__ == "__main__":
    main()
