"""From the start of the program to a window that answers and to its first list, of a small and of a large cluster."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.driving import drive
from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.benchmarks.shapes import SMALL


def measure(lab: Lab) -> Iterator[Figure]:
    """The small cluster."""
    rig = lab.rig(SMALL)
    drives = [drive(lab, rig.bootstrap, "rows:topics") for _run in range(lab.repeats)]
    answers, shown = ([one.seconds(event) for one in drives] for event in ("answers", "shown"))
    yield Figure("window-answers", "start to a window that answers", "s", answers, must=1.0)
    yield Figure("window-list", "start to the first list of a small cluster", "s", shown, must=2.0)


def measure_large(lab: Lab) -> Iterator[Figure]:
    """The cluster of 9,000 topics."""
    rig = lab.rig(lab.topics_shape)
    topics, lags = [], []
    for _run in range(lab.repeats):
        topics.append(drive(lab, rig.bootstrap, "rows:topics").seconds("shown"))
        lags.append(drive(lab, rig.bootstrap, "numbers:groups:Lag").seconds("shown"))
    what = f"on the screen after the start, of {lab.topics_shape.topics:,} topics"
    yield Figure("first-topics", f"topics {what}", "s", topics, must=3.0, goal=2.0)
    yield Figure("first-lag", f"groups with lag {what}", "s", lags, must=6.0, goal=4.0)
