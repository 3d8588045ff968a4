"""A table of 200,000 rows: the longest that a keystroke or a click in it takes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Final

from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab

ROW: Final = "table"
_PROGRAM: Final = "tests.benchmarks.keystrokes"
_ROWS: Final = 200_000
_FEW: Final = 2_000
_SAMPLE: Final = "a new sample"  # no keystroke; it is among the details


def measure(lab: Lab) -> Iterator[Figure]:
    """Sorting, typing a filter, a new sample, selecting; each in the best of three."""
    rows, longest = _FEW if lab.smoke else _ROWS, []
    for _run in range(lab.repeats):
        done = lab.run(sys.executable, "-m", _PROGRAM, str(rows), more={"QT_QPA_PLATFORM": "offscreen"})
        if done.code:
            raise RuntimeError(done.error.decode()[-2000:])
        figures = {name: ours for name, (ours, _plain) in json.loads(done.out).items()}
        longest.append(max(took for name, took in figures.items() if name != _SAMPLE))
    details = {"milliseconds": {name: round(ours, 2) for name, ours in figures.items()}}
    yield Figure(ROW, f"a table of {rows:,} rows: the slowest keystroke", "ms", longest, must=16.0, details=details)
