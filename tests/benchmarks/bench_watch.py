"""A watch that copies poison, by 1, 2 and 4 copies: whole processes from their start until every record is passed,
beside kcat, which only reads.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.benchmarks.rigs import Rig
from tests.benchmarks.shapes import SMALL

_RECORDS: Final = 1_000_000
_FEW: Final = 8_000
_POISONED: Final = 1_000  # one in so many
_COPIES: Final = (1, 2, 4)
_SECONDS_AT_MOST: Final = 300.0
_RULES: Final = ("--rule", "json", "--rule", "max-bytes:110")  # those that are planted are larger


def measure(lab: Lab) -> Iterator[Figure]:
    """Each number of copies beside kcat."""
    rig, count = lab.rig(SMALL), _FEW if lab.smoke else _RECORDS
    planted = count // _POISONED
    topic = rig.records(count, planted)
    for copies in _COPIES:
        ours, theirs, processor = [], [], []
        for _run in range(lab.repeats):
            theirs.append(lab.run("kcat", "-C", "-b", rig.bootstrap, "-t", topic, "-e", "-q", "-f", "").seconds)
            seconds, cpu = _watch(lab, rig, topic, copies, count, planted)
            ours.append(seconds)
            processor.append(cpu)
        yield Figure(
            f"watch-{copies}",
            f"watch of {count:,} records, {planted:,} of them copied, by {copies} "
            f"{'copy' if copies == 1 else 'copies'}, {count / median(ours):,.0f}/s, "
            f"{median(processor):.1f} s of processor time",
            "s",
            ours,
            theirs,
            beside="kcat -e -q -f ''",
            details={"processor_s": [round(one, 2) for one in processor]},
        )


def _watch(lab: Lab, rig: Rig, topic: str, copies: int, count: int, planted: int) -> tuple[float, float]:
    """Returns the seconds until all was read and copied, and the processor time of all copies."""
    name = uuid.uuid4().hex[:8]
    words = ["watch", topic, *_RULES, "--to", f"queue-{name}", "--create-dlq", "--group", f"watch-{name}"]
    line = [sys.executable, "-m", "kafkaview", "--bootstrap", rig.bootstrap, *words]
    line += ["--metrics", "127.0.0.1:0", "--yes", "--json"]
    files = [(lab.folder / f"{name}-{one}.out", lab.folder / f"{name}-{one}.err") for one in range(copies)]
    began = time.monotonic()
    started = [
        subprocess.Popen(line, stdout=out.open("wb"), stderr=err.open("wb"), env=lab.environment) for out, err in files
    ]
    try:
        _wait(files, count, planted, began)
        seconds = time.monotonic() - began
        times = [psutil.Process(one.pid).cpu_times() for one in started]
        for one in started:
            one.send_signal(signal.SIGTERM)
        codes = [one.wait(60) for one in started]
    finally:
        for one in started:
            one.kill()
    ends = [json.loads(out.read_bytes().splitlines()[-1]) for out, _ in files]
    if codes != [0] * copies or sum(end["copied"] for end in ends) != planted:
        raise RuntimeError(f"{codes}: {ends}")
    return seconds, sum(one.user + one.system for one in times)


def _wait(files: Sequence[tuple[Path, Path]], count: int, planted: int, began: float) -> None:
    while time.monotonic() < began + _SECONDS_AT_MOST:
        figures = [_figures(err) for _, err in files]
        if sum(one[0] for one in figures) >= count and sum(one[1] for one in figures) >= planted:
            return
        time.sleep(0.1)
    raise RuntimeError(f"not all was read: {figures}")


def _figures(err: Path) -> tuple[float, float]:
    """Returns how many records a copy has read and copied."""
    found = re.search(r"http://\S+/metrics", err.read_text())
    if found is None:
        return 0.0, 0.0
    try:
        text = httpx.get(found[0], trust_env=False).text
    except httpx.HTTPError:
        return 0.0, 0.0
    sums = [
        re.findall(rf"^kafkaview_watch_{name}_total{{.*}} (\S+)$", text, re.MULTILINE) for name in ("records", "copied")
    ]
    return sum(map(float, sums[0])), sum(map(float, sums[1]))
