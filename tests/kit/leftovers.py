"""What a test of the window must not leave behind: threads, timers, child processes, top-level widgets."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from tests.kit.patience import patience
from tests.kit.processes import below, command

_PATIENCE_S = 3.0  # threads and processes that were told to end need a moment


@dataclass(frozen=True)
class Leftovers:
    """What there was before a test."""

    threads: frozenset[threading.Thread] = field(default_factory=lambda: frozenset(threading.enumerate()))
    processes: frozenset[int] = field(default_factory=lambda: frozenset(below(os.getpid())))
    widgets: frozenset[int] = field(default_factory=lambda: frozenset(map(id, QApplication.topLevelWidgets())))
    timers: frozenset[int] = field(default_factory=lambda: frozenset(map(id, _timers())))

    def found(self) -> list[str]:
        """Waits for what is about to end; returns the rest in words."""
        until = time.monotonic() + patience(_PATIENCE_S)
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
            *(f"the process {one}: {command(one)}" for one in below(os.getpid()) if one not in self.processes),
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
