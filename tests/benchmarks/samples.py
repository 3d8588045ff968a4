"""Samples of a cluster by the watch, taken in a process of its own (sample.py)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.lab import Lab
from tests.benchmarks.shapes import Shape

_PROGRAM: Final = "tests.benchmarks.sample_program"


@dataclass(frozen=True, slots=True)
class Sample:
    """What one sample took. `requests` is None where the cluster does not count what it sends."""

    seconds: float
    processor_seconds: float
    errors: Sequence[str]
    requests: Mapping[str, int] | None

    @property
    def total_requests(self) -> int | None:
        """Of all kinds."""
        return None if self.requests is None else sum(self.requests.values())


def samples(lab: Lab, shape: Shape) -> list[Sample]:
    """Sample a cluster of this shape a few times."""
    rig, count = lab.rig(shape), lab.repeats if lab.smoke else lab.repeats + 2
    done = lab.run(sys.executable, "-m", _PROGRAM, rig.bootstrap, str(count), str(lab.folder / "journal"))
    if done.code:
        raise RuntimeError(done.error.decode()[-2000:])
    return [Sample(**one) for one in done.document]
