"""What an open window takes while nobody touches it: memory and processor, on the demo with Triage shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from tests.benchmarks.driving import window
from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.kit.processes import megabytes, processor_seconds

_TO_SETTLE_S: Final = 25.0  # the verdicts are there after ten
_WATCHED_S: Final = 60.0


def measure(lab: Lab) -> Iterator[Figure]:
    """The real program without anything from here in it, and its process tree."""
    settle, watched = (3.0, 1.0) if lab.smoke else (_TO_SETTLE_S, _WATCHED_S)
    memory, busy = [], []
    parts: list[dict[int, float]] = []
    with lab.demo() as bootstrap:
        for _run in range(lab.repeats):
            with window(lab, "kafkaview", "--bootstrap", bootstrap) as process:
                time.sleep(settle)
                before, began = processor_seconds(process.pid), time.monotonic()
                time.sleep(watched)
                used = processor_seconds(process.pid) - before
                busy.append(100 * used / (time.monotonic() - began))
                parts.append(megabytes(process.pid))
                memory.append(sum(parts[-1].values()))
    details = {"processes": [[round(part) for part in each.values()] for each in parts]}
    yield Figure(
        "memory-rest",
        "memory at rest on the demo, all processes (PSS)",
        "MB",
        memory,
        must=230,
        goal=180,
        details=details,
    )
    yield Figure(
        "cpu-rest", f"processor at rest on the demo, over {watched:g} s, of one core", "%", busy, must=6, goal=3
    )
