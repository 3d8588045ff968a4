"""A process that writes records at a steady rate: `python -m tests.benchmarks.pouring BOOTSTRAP TOPIC RATE`.

It ends with its standard input and prints how many it wrote.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.benchmarks.filling import lz4_producer, record

_TICK_S: Final = 0.01


@contextmanager
def pour_beside(bootstrap: str, topic: str, rate: int) -> Iterator[list[int]]:
    """Writes while the block runs; how many there were is in the list afterwards."""
    written: list[int] = []
    line = [sys.executable, "-m", __name__, bootstrap, topic, str(rate)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield written
        finally:
            said, _ = process.communicate()
    written.append(int(said))


def main() -> None:
    """Write, and wait for the time of the next ones."""
    bootstrap, topic, rate = sys.argv[1], sys.argv[2], int(sys.argv[3])
    producer = lz4_producer(bootstrap)
    began, written = time.monotonic(), 0
    while not select.select([sys.stdin], [], [], _TICK_S)[0]:
        due = int((time.monotonic() - began) * rate)
        for number in range(written, due):
            producer.produce(topic, record(number), b"k%d" % (number % 997))
        written = due
        producer.poll(0)
    producer.flush(30)
    print(written)


if __name__ == "__main__":
    main()
