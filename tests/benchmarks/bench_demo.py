"""How long the demo takes: `make bench` prints it beside what the issue asks."""

from __future__ import annotations

import asyncio
import time

from kafkaview.demo.running import started_demo

_SECONDS_TO_START = 10.0
_SECONDS_TO_SETTLE = 20.0


def test_the_second_start_of_the_demo() -> None:
    """Kafka's jars are in the cache: from nothing to a broker with its history and its applications started."""
    began = time.monotonic()
    with started_demo() as demo:
        started = time.monotonic() - began
        asyncio.run(demo.settled())
        settled = time.monotonic() - began
    print(f"\ndemo started in {started:.1f} s, all groups where they should be after {settled:.1f} s")
    assert started < _SECONDS_TO_START
    assert settled < _SECONDS_TO_SETTLE
