"""A scan with the JSON rule beside kcat, which only reads: whole processes over the same topic. And how it grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median
from typing import Final

from tests.benchmarks.figures import Figure, growth
from tests.benchmarks.lab import Lab, Run
from tests.benchmarks.shapes import SMALL

_RECORDS: Final = 2_000_000
_FEW: Final = 16_000


def measure(lab: Lab) -> Iterator[Figure]:
    """Both alternate, one size after the other."""
    rig, most = lab.rig(SMALL), _FEW if lab.smoke else _RECORDS
    costs: list[float] = []
    for part in lab.steps:
        count = most // part
        topic = rig.records(count)
        ours, theirs = [], []
        for run in range(0 if lab.smoke else -1, lab.repeats):
            alone = lab.run("kcat", "-C", "-b", rig.bootstrap, "-t", topic, "-e", "-q", "-f", "")
            scan = lab.kafkaview("--bootstrap", rig.bootstrap, "scan", topic, "--rule", "json", "--json")
            _check(scan, count)
            if run >= 0:  # before it the broker's compiler has seen such a read of both
                theirs.append(alone.seconds)
                ours.append(scan.seconds)
        costs.append(median(ours))
    yield Figure(
        "scan",
        f"scan --rule json of {most:,} records (lz4, 6 partitions), whole process, {most / costs[-1]:,.0f}/s",
        "s",
        ours,
        theirs,
        beside="kcat -e -q -f ''",
        must=0.9,
        goal=1.1,
        by_ratio=True,
    )
    yield growth("growth-records", "a scan of so many records", [most // part for part in lab.steps], costs)


def _check(scan: Run, count: int) -> None:
    """It has read all and found nothing: its only line of JSON is the summary."""
    if scan.code:
        raise RuntimeError(scan.error.decode()[-2000:])
    (summary,) = (json.loads(line) for line in scan.out.splitlines())
    assert summary["scanned"] == count, summary
