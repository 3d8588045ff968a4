"""The command line on the cluster of 9,000 topics, as whole processes with their default time limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab

_LIMITS: Final = {"topics": 3.0, "groups": 3.0, "lag": 5.0, "stuck": 25.0}  # stuck: 15 s, and 10 s of watching


def measure(lab: Lab) -> Iterator[Figure]:
    """Each verb in turn, that several times."""
    shape, rig = lab.topics_shape, lab.rig(lab.topics_shape)
    runs = [
        {verb: lab.kafkaview("--bootstrap", rig.bootstrap, verb, "--json", *_shorter(lab, verb)) for verb in _LIMITS}
        for _run in range(lab.repeats)
    ]
    for verb, limit in _LIMITS.items():
        codes = [run[verb].code for run in runs]
        failed = " FAILED" if any(codes) else ""
        yield Figure(
            f"large-{verb}",
            f"{verb} --json of {shape.topics:,} topics, {shape.groups:,} groups, whole process{failed}",
            "s",
            [run[verb].seconds for run in runs],
            must=limit,
            done=not failed,
            details={
                "exit_codes": codes,
                "bytes": len(runs[-1][verb].out),
                "said": runs[-1][verb].error.decode()[-300:],
            },
        )


def _shorter(lab: Lab, verb: str) -> tuple[str, ...]:
    """A smoke run does not watch for ten seconds."""
    return ("--seconds", "2") if lab.smoke and verb == "stuck" else ()
