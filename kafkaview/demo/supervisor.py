"""The supervisor of the demo's applications, which restarts those that ended.

One process imports the client library once and forks for each start, so that a crash loop costs next to nothing. It
creates no client itself, because a client does not survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn, Protocol

from kafkaview.demo.applications import AutoCommits, CrashesPerBatch, CrashesPerRecord, Retries, RetriesKip848
from kafkaview.demo.guard import end_with_parent
from kafkaview.demo.ledger import Ledger
from kafkaview.demo.traffic import Shop


class SupervisedProgram(Protocol):
    """A program to run: it runs until it is ended, or raises."""

    def run(self) -> NoReturn:
        """Runs for ever."""
        ...


_PROGRAMS: Mapping[str, Callable[[str, str], SupervisedProgram]] = {
    "shop": Shop,
    "billing": CrashesPerRecord,
    "invoices": CrashesPerBatch,
    "shipping": Retries,
    "audit": RetriesKip848,
    "analytics": AutoCommits,
    "ledger": Ledger,
}
_RUNNING = ("shop", "billing", "invoices", "shipping", "shipping", "audit", "analytics", "ledger")
_SECONDS_TO_RESTART = 1.0
_START = multiprocessing.get_context("spawn") if sys.platform == "win32" else multiprocessing.get_context("fork")


@dataclass(slots=True)
class Slot:
    """One program: its process, or when to start it again."""

    name: str
    process: BaseProcess | None = None
    start_at: float = 0.0


def supervise(bootstrap: str, logs: Path) -> NoReturn:
    """Keeps every program running."""
    slots = [Slot(name) for name in _RUNNING]
    while True:
        for slot in slots:
            _look_after(slot, bootstrap, logs)
        wait([slot.process.sentinel for slot in slots if slot.process], timeout=0.1)


def _look_after(slot: Slot, bootstrap: str, logs: Path) -> None:
    if slot.process is None:
        if time.monotonic() >= slot.start_at:
            slot.process = _START.Process(target=_run, args=(slot.name, bootstrap, logs / f"{slot.name}.log"))
            slot.process.start()
    elif not slot.process.is_alive():
        slot.process.join()
        slot.process = None
        slot.start_at = time.monotonic() + _SECONDS_TO_RESTART


def _run(name: str, bootstrap: str, log: Path) -> None:
    """Runs the program in the forked process; its output and its traceback go to its log."""
    if sys.platform == "linux":
        end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    _PROGRAMS[name](bootstrap, name).run()


if __name__ == "__main__":
    supervise(sys.argv[1], Path(sys.argv[2]))
