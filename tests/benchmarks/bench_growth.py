"""How the cost of a sample grows with groups and partitions, and that its number of requests does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import Final

from tests.benchmarks.figures import Figure, growth
from tests.benchmarks.lab import Lab
from tests.benchmarks.samples import Sample, samples
from tests.benchmarks.shapes import Shape

_BATCHED: Final = ("OffsetFetch", "DescribeGroups")  # so many groups or partitions at once: more take another request


def measure_groups(lab: Lab) -> Iterator[Figure]:
    """A sixteenth, a quarter and all of the groups."""
    full = lab.groups_shape
    yield from _figures(lab, "groups", [replace(full, groups=max(full.groups // part, 8)) for part in lab.steps])


def measure_partitions(lab: Lab) -> Iterator[Figure]:
    """A sixteenth, a quarter and all of the topics, each with their groups."""
    full = lab.topics_shape
    sizes = [(max(full.topics // part, 6), max(full.groups // part, 8)) for part in lab.steps]
    yield from _figures(lab, "partitions", [replace(full, topics=topics, groups=groups) for topics, groups in sizes])


def _figures(lab: Lab, what: str, shapes: list[Shape]) -> Iterator[Figure]:
    measured = [samples(lab, shape) for shape in shapes]
    sizes = [shape.groups if what == "groups" else shape.total_partitions for shape in shapes]
    yield growth(f"growth-{what}", f"a sample of so many {what}", sizes, [_seconds(some) for some in measured])
    counts = [some[-1].total_requests for some in measured]
    if all(count is not None for count in counts):
        known = [count for count in counts if count is not None]
        kinds = [some[-1].requests for some in measured]
        first, last = kinds[0] or {}, kinds[-1] or {}
        batches = sum(last.get(kind, 0) - first.get(kind, 0) for kind in _BATCHED)
        of = " / ".join(f"{size:,}" for size in sizes)
        yield Figure(
            f"requests-{what}",
            f"requests of a sample, of {of} {what}; {batches} more batches aside",
            "",
            [float(known[-1] - batches)],
            must=float(known[0]),
            details={"counts": known, "kinds": kinds},
        )


def _seconds(some: list[Sample]) -> float:
    return median(one.seconds for one in some)
