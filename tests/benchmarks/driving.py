"""Windows as whole processes: started, driven from inside (drive_window.py), measured from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.ui.window.pause_meter import VARIABLE
from tests.benchmarks.lab import Lab
from tests.kit.leash import LEASH
from tests.kit.processes import command, megabytes

_PROGRAM: Final = "tests.benchmarks.drive_window"
_KILLED_WITH_US: Final = (*LEASH[:-1], "KILL") if LEASH else ()  # a window that stands still hears no other signal
_SCAN_WORKER: Final = "kafkaview.triage.scan.worker"
_BETWEEN_LOOKS_S: Final = 1.0
_TO_END_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Drive:
    """A window that was used: each of its events with the seconds since its process was started."""

    events: Sequence[Mapping[str, Any]]
    pauses: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]
    peak_mb: float  # of the window and its engine
    scan_mb: float  # of the processes that scan
    sizes: Sequence[tuple[float, float]] = ()  # seconds since the start, and what all processes took then

    def seconds(self, name: str) -> float:
        """When an event came."""
        return float(self.event(name)["seconds"])

    def event(self, name: str) -> Mapping[str, Any]:
        """The last event of a name."""
        return next(event for event in reversed(self.events) if event["event"] == name)


@contextmanager
def window(lab: Lab, *line: str, more: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has a window; ended with the block."""
    with (lab.folder / "window.log").open("wb") as log:
        process = subprocess.Popen(
            [*_KILLED_WITH_US, sys.executable, "-m", *line],
            env={**lab.environment, **lab.display, **(more or {})},
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_TO_END_S)
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def drive(lab: Lab, bootstrap: str, way: str, *options: str, metered: bool = False, seconds: float = 180.0) -> Drive:
    """Use a window on a cluster in one of the ways of drive_window.py; ended by force after so many seconds."""
    meter = lab.folder / "pauses.json"
    line = [_PROGRAM, way, *options, "--", "--bootstrap", bootstrap]
    began = time.monotonic()
    with window(lab, *line, more={VARIABLE: str(meter)} if metered else None) as process:
        peak = _Peak(process.pid)
        watchdog = threading.Timer(seconds, process.kill)
        watchdog.daemon = True  # else a run that is ended waits for it
        watchdog.start()
        assert process.stdout is not None
        documents = [json.loads(text) for text in process.stdout]
        watchdog.cancel()
        process.wait(_TO_END_S)
        peak.end()
    events = [{**event, "seconds": event["at"] - began} for event in documents]
    failed = next((event["error"] for event in events if event["event"] == "failed"), None)
    if failed or process.returncode:
        said = (lab.folder / "window.log").read_text()[-2000:]
        raise RuntimeError(f"{way} ended with {process.returncode}: {failed or said}")
    pauses = [json.loads(text) for text in meter.read_text().splitlines()] if metered else []
    summary = pauses.pop()["summary"] if pauses else {}
    return Drive(events, pauses, summary, peak.megabytes, peak.scan_megabytes, peak.sizes)


class _Peak(threading.Thread):
    """Looks every second how much memory the window and its engine take together, and how much a scan beside them."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.megabytes = self.scan_megabytes = 0.0
        self.sizes: list[tuple[float, float]] = []
        self._began = time.monotonic()
        self._pid = pid
        self._ended = threading.Event()
        self.start()

    def end(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(_BETWEEN_LOOKS_S):
            sizes = megabytes(self._pid)
            self.sizes.append((time.monotonic() - self._began, sum(sizes.values())))
            scans = sum(size for pid, size in sizes.items() if _SCAN_WORKER in command(pid))
            self.scan_megabytes = max(self.scan_megabytes, scans)
            self.megabytes = max(self.megabytes, sum(sizes.values()) - scans)
