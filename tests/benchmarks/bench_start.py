"""How long the command line takes to start, beside Python itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.benchmarks.shapes import SMALL


def measure(lab: Lab) -> Iterator[Figure]:
    """All three alternate."""
    rig = lab.rig(SMALL)
    helped, listed, python = [], [], []
    lab.kafkaview("--help")  # writes what Python compiles
    for _run in range(lab.repeats + 2 * (not lab.smoke)):
        python.append(lab.run(sys.executable, "-c", "pass").seconds)
        helped.append(lab.kafkaview("--help").seconds)
        listed.append(lab.kafkaview("--bootstrap", rig.bootstrap, "topics").seconds)
    beside = "python -c pass"
    yield Figure("help", "kafkaview --help, whole process", "s", helped, python, beside=beside, must=0.35)
    yield Figure(
        "small-topics", "topics on a small cluster, whole process", "s", listed, python, beside=beside, must=1.0
    )
