"""`python -m tests.benchmarks [ROW ...]`: measures, prints the table and writes it to build/bench.json.

Without a row all of them, in an order in which each cluster is started once.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from kafkaview.demo.jars import KAFKA_VERSION
from tests.benchmarks import (
    bench_commands,
    bench_demo,
    bench_growth,
    bench_lag,
    bench_records,
    bench_reroute,
    bench_rest,
    bench_sample,
    bench_scan,
    bench_start,
    bench_watch,
    bench_window,
    bench_window_start,
    bench_window_table,
)
from tests.benchmarks.figures import Figure, as_table
from tests.benchmarks.lab import Lab

BENCHMARKS: Final[dict[str, Callable[[Lab], Iterator[Figure]]]] = {
    "growth-groups": bench_growth.measure_groups,
    "lag": bench_lag.measure,
    "sample": bench_sample.measure,
    "window-groups": bench_window.measure_groups,
    "growth-partitions": bench_growth.measure_partitions,
    "commands": bench_commands.measure,
    "first-list": bench_window_start.measure_large,
    "window-topics": bench_window.measure_topics,
    "start": bench_start.measure,
    "window-start": bench_window_start.measure,
    "restyle": bench_window.measure_restyle,
    "scan": bench_scan.measure,
    "watch": bench_watch.measure,
    "records": bench_records.measure,
    "reroute": bench_reroute.measure,
    "rest": bench_rest.measure,
    "table": bench_window_table.measure,
    "demo": bench_demo.measure,
}
_ONCE: Final = frozenset({"growth-partitions", "window-topics", "demo"})  # a smoke run has one cluster for all
_OUT: Final = Path("build/bench.json")


def main() -> int:
    """Exit code 1 if something could not be measured."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    lab = Lab(smoke=options.smoke, repeats=1 if options.smoke else options.repeats, seconds=options.seconds)
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    try:
        for name in options.rows or [name for name in BENCHMARKS if not (options.smoke and name in _ONCE)]:
            print(name, file=sys.stderr, flush=True)
            try:
                figures += BENCHMARKS[name](lab)
            except Exception as why:  # noqa: BLE001 - the others are measured all the same
                traceback.print_exc()
                failed[name] = f"{type(why).__name__}: {why}"
    finally:
        lab.close()
    print(as_table(figures))
    for name, reason in failed.items():
        print(f"{name} could not be measured: {reason}")
    _write(options.out, {"machine": _broker(), "figures": [figure.as_json() for figure in figures], "failed": failed})
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*BENCHMARKS, []], help=", ".join(BENCHMARKS))
    parser.add_argument("--smoke", action="store_true", help="the smallest of everything: only that it runs")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long a window's tour takes")
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args()
    if options.smoke:
        options.seconds = 1.0
    return options


def _write(out: Path, document: dict[str, Any]) -> None:
    """Rows of an earlier run stay, where this one measured only some."""
    earlier = json.loads(out.read_text())["figures"] if out.exists() else []
    rows = {figure["row"]: figure for figure in [*earlier, *document["figures"]]}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({**document, "figures": list(rows.values())}, indent=1) + "\n")


def _broker() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / (1 << 30)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        "commit": commit.stdout.strip() or None,
        "at": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "load": os.getloadavg(),
    }


if __name__ == "__main__":
    sys.exit(main())
