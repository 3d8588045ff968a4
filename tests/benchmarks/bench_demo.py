"""How long the demo takes: printed, not asserted."""

from __future__ import annotations

import asyncio
import time

from kafkaview.demo.running import started_demo


def test_the_second_start_of_the_demo() -> None:
    """Kafka's jars are in the cache: from nothing to a broker with its history and its applications started."""
    began = time.monotonic()
    with started_demo() as demo:
        started = time.monotonic() - began
        asyncio.run(demo.settled())
        settled = time.monotonic() - began
    print(f"\ndemo started in {started:.1f} s (asked: under 10), its groups where they should be after {settled:.1f} s")
