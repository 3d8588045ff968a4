"""What a test of the window must not leave behind: threads, timers, child processes, top-level widgets."""

from __future__ import annotations

import gc
import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

_PATIENCE_S = 3.0  # threads and processes that were told to end need a moment


@dataclass(frozen=True)
class Leftovers:
    """What there was before a test."""

    threads: frozenset[threading.Thread] = field(default_factory=lambda: frozenset(threading.enumerate()))
    processes: frozenset[int] = field(default_factory=lambda: frozenset(_processes()))
    widgets: frozenset[int] = field(default_factory=lambda: frozenset(map(id, QApplication.topLevelWidgets())))
    timers: frozenset[int] = field(default_factory=lambda: frozenset(map(id, _timers())))

    def found(self) -> list[str]:
        """Waits for what is about to end; returns the rest in words."""
        until = time.monotonic() + _PATIENCE_S
        while (left := self._left()) and time.monotonic() < until:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()
            time.sleep(0.02)
        return left

    def _left(self) -> list[str]:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        widgets = [one for one in QApplication.topLevelWidgets() if id(one) not in self.widgets]
        return [
            *(f"the thread {one.name}" for one in threading.enumerate() if one not in self.threads),
            *(f"the process {one}: {_command(one)}" for one in _processes() if one not in self.processes),
            *(f"the widget {one!r} of {one.parent()!r}" for one in widgets),
            *(f"the timer {one!r} of {one.parent()!r}" for one in _timers() if id(one) not in self.timers),
        ]


class LogWatch(logging.Handler):
    """Keeps what is logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Logging's."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def _timers() -> list[QTimer]:
    """Those that run and belong to no widget which is still there: the collector rests during a test, so that all it
    made are in the youngest generation.
    """
    known = [one for one in gc.get_objects(generation=0) if isinstance(one, QTimer)]
    return [one for one in known if isValid(one) and one.isActive()]


def _processes() -> list[int]:
    lists = Path("/proc/self/task").glob("*/children")
    return [int(one) for children in lists for one in _read(children).split()]


def _command(process: int) -> str:
    return _read(Path(f"/proc/{process}/cmdline")).replace("\0", " ")


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # it has just ended
        return ""
