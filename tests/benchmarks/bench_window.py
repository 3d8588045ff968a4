"""The window under the pause meter: on the large clusters, all pages gone through, a scan running, a plan opened; and
styled anew on each page of a small one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.benchmarks.driving import Drive, drive
from tests.benchmarks.figures import Figure
from tests.benchmarks.idle import Waits, alone_ms, idle_beside, longest_wait_ms
from tests.benchmarks.lab import Lab
from tests.benchmarks.shapes import SMALL, Shape

_RECORDS: Final = 2_000_000
_FEW: Final = 1_000


def measure_groups(lab: Lab) -> Iterator[Figure]:
    """A thousand groups."""
    yield from _figures(lab, lab.groups_shape, "groups")


def measure_topics(lab: Lab) -> Iterator[Figure]:
    """9,000 topics, and the memory that takes."""
    yield from _figures(lab, lab.topics_shape, "topics", memory_must=400.0, memory_goal=300.0)


def measure_restyle(lab: Lab) -> Iterator[Figure]:
    """Theme and text size, changed on every page of a small cluster."""
    rig = lab.rig(SMALL)
    drives: list[Drive] = []
    waits: list[Waits] = []
    for _run in range(lab.repeats):
        with idle_beside() as beside:
            drives.append(drive(lab, rig.bootstrap, "restyle", "--pace", "0.05" if lab.smoke else "1", metered=True))
        waits.append(beside)
    yield Figure(
        "restyle",
        "theme or text size changed on each page in turn: longest pause",
        "ms",
        [float(one.summary["longest_ms"]) for one in drives],
        [longest_wait_ms(one) for one in waits],
        "the longest wait of a process beside it that only looks at the clock",
        must=200.0,
        worst=True,
        details={"runs": [_details(one, beside) for one, beside in zip(drives, waits, strict=True)]},
    )


def _figures(
    lab: Lab, shape: Shape, what: str, memory_must: float | None = None, memory_goal: float | None = None
) -> Iterator[Figure]:
    drives, waits = zip(*(_toured(lab, shape) for _run in range(lab.repeats)), strict=True)
    idle = [longest_wait_ms(one) for one in waits]
    summaries = [one.summary for one in drives]
    size = f"window over {shape.groups:,} groups, {shape.total_partitions:,} partitions"
    details = {"runs": [_details(one, beside) for one, beside in zip(drives, waits, strict=True)]}
    longest = [float(summary["longest_ms"]) for summary in summaries]
    toured = all(one.event("plan")["opened"] for one in drives)
    yield Figure(
        f"pause-{what}",
        f"{size}: longest pause",
        "ms",
        longest,
        idle,
        "the longest wait of a process beside it that only looks at the clock",
        must=50.0,
        worst=True,
        done=toured,
        details=details,
    )
    own = [_longest_alone(one, beside) for one, beside in zip(drives, waits, strict=True)]
    yield Figure(
        f"alone-{what}",
        f"{size}: longest pause, less what the process beside it waited in it",
        "ms",
        own,
        must=50.0,
        worst=True,
    )
    work = [max((float(pause["busy_ms"]) for pause in _used(one)), default=0.0) for one in drives]
    yield Figure(
        f"work-{what}", f"{size}: most processor time of its own in a pause", "ms", work, must=50.0, worst=True
    )
    p99 = [float(summary["p99_ms"]) for summary in summaries]
    yield Figure(f"p99-{what}", f"{size}: 99 of 100 gaps are within", "ms", p99, goal=10.0)
    frozen = [100.0 * float(summary["frozen"]) for summary in summaries]
    yield Figure(f"frozen-{what}", f"{size}: time in pauses over 50 ms", "%", frozen, must=0.0, worst=True)
    peaks = [one.peak_mb for one in drives]
    yield Figure(
        f"memory-{what}", f"{size}: most memory, window and engine", "MB", peaks, must=memory_must, goal=memory_goal
    )
    scans = [one.scan_mb for one in drives]
    yield Figure(f"memory-scan-{what}", f"{size}: most memory of a scan beside it", "MB", scans)


def _used(toured: Drive) -> list[Mapping[str, Any]]:
    """The pauses between start and end."""
    return [pause for pause in toured.pauses if pause["phase"] not in ("start", "end")]


def _longest_alone(toured: Drive, waits: Waits) -> float:
    return max((alone_ms(pause, waits) for pause in _used(toured)), default=0.0)


def _toured(lab: Lab, shape: Shape) -> tuple[Drive, Waits]:
    """A tour, and the waits of an idle process meanwhile."""
    rig = lab.rig(shape)
    options = {
        "--seconds": f"{lab.seconds:g}",
        "--pace": "0.05" if lab.smoke else "1",
        "--scan": rig.records(_FEW if lab.smoke else _RECORDS),
        "--group": shape.group(0),
    }
    words = [word for option in options.items() for word in option]
    with idle_beside() as waits:
        toured = drive(lab, rig.bootstrap, "tour", *words, metered=True, seconds=lab.seconds * 3 + 120)
    return toured, waits


def _details(toured: Drive, waits: Waits) -> dict[str, object]:
    """What was done, the worst phases, and what ran in the pauses."""
    phases = toured.summary["phases"]
    worst = sorted(phases, key=lambda phase: -float(phases[phase]["longest_ms"]))[:12]
    longest = sorted(_used(toured), key=lambda pause: -float(pause["ms"]))[:12]
    longest = [{**pause, "alone_ms": round(alone_ms(pause, waits), 1)} for pause in longest]
    return {
        "tour": {**toured.events[-1]},
        "start": phases.get("start"),
        "phases": {phase: phases[phase] for phase in worst if phase != "start"},
        "causes": toured.summary["causes"],
        "longest": longest,
    }
