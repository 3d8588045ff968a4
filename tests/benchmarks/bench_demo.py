"""How long the demo takes to start, Kafka's jars being in the cache."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Final

from kafkaview.demo.running import start_demo
from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab

_SECONDS: Final = 10.0


def measure(lab: Lab) -> Iterator[Figure]:
    """From nothing to a broker with its history and its applications started, and until its groups stand."""
    lab.end_cluster()
    started, settled = [], []
    for _run in range(lab.repeats):
        began = time.monotonic()
        with start_demo() as demo:
            started.append(time.monotonic() - began)
            asyncio.run(demo.wait_until_settled())
            settled.append(time.monotonic() - began)
    yield Figure("demo", "the demo has started", "s", started, must=_SECONDS)
    yield Figure("demo-settled", "its groups are where they should be", "s", settled)
