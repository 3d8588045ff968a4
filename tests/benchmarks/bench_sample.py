"""A full sample of a thousand groups."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.benchmarks.samples import samples


def measure(lab: Lab) -> Iterator[Figure]:
    """Several in one process, each asked for anew."""
    shape, measured = lab.groups_shape, samples(lab, lab.groups_shape)
    yield Figure(
        "sample",
        f"a full sample of {shape.groups:,} groups x {shape.total_partitions} partitions",
        "s",
        [one.seconds for one in measured],
        must=1.0,
        goal=0.5,
        done=not any(one.errors for one in measured),
        details={
            "errors": measured[-1].errors,
            "processor_seconds": [one.processor_seconds for one in measured],
            "requests": measured[-1].requests,
        },
    )
