"""How long the window's thread stood still, and what ran then: a developer's setting, off unless a file is named.

`KAFKAVIEW_PAUSE_METER=FILE kafkaview` writes one line of JSON for each pause as it ends, and a summary as the last one.
A tick every 5 ms shows a pause by coming late. A thread that sleeps 30 ms at a time sees that it is late, and notes
where the window's thread is.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer

VARIABLE: Final = "KAFKAVIEW_PAUSE_METER"
PAUSE_MS: Final = 50.0  # from here on a user sees it

_TICK_MS: Final = 5
_LATE_S: Final = 0.030
_BETWEEN_LOOKS_S: Final = 0.010
_MOST_LOOKS: Final = 100  # at one pause
_FRAMES: Final = 3
_CAUSES: Final = 10
_PACKAGE: Final = "kafkaview."
_UNUSED: Final = ("start", "end")  # the phases in which nobody uses the window


@contextmanager
def measure_pauses(parent: QObject) -> Iterator[None]:
    """Measures the pauses of this thread while the block runs, if the environment names a file for them."""
    file = os.environ.get(VARIABLE)
    if not file:
        yield
        return
    with Path(file).open("w", encoding="utf-8") as out:
        meter = PauseMeter(out, parent)
        try:
            yield
        finally:
            meter.end()


class PauseMeter(QObject):
    """Measures the thread that makes it. `phase` names what the user does. The summary has each phase by itself, and
    together those of use: all but `start` and `end`.
    """

    def __init__(self, out: IO[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phase = "start"
        self._out = out
        self._gaps: dict[str, array[float]] = {}
        self._causes: dict[str, float] = defaultdict(float)
        self._watcher = _Watcher(threading.get_ident())
        self._clocks = _Clocks()
        self._read_at = self._clocks.read()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._watcher.start()

    def end(self) -> None:
        """Stops measuring and writes the summary."""
        self._timer.stop()
        self._watcher.end()
        self._clocks.close()
        self._write({"summary": self.summary()})

    def summary(self) -> dict[str, object]:
        """Returns the figures of the phases of use together, and of each phase."""
        every = array("d", (gap for phase, gaps in self._gaps.items() if phase not in _UNUSED for gap in gaps))
        phases = {phase: _figures(gaps) for phase, gaps in self._gaps.items()}
        causes = sorted(self._causes.items(), key=lambda cause: -cause[1])
        ran = [{"ms": round(ms, 1), "where": where} for where, ms in causes[:_CAUSES]]
        return {**_figures(every), "phases": phases, "causes": ran}

    def _tick(self) -> None:
        now, read_at = time.monotonic(), self._clocks.read()
        gap = (now - self._watcher.ticked_at) * 1000
        spent = read_at - self._read_at
        self._watcher.ticked_at, self._read_at = now, read_at
        self._gaps.setdefault(self.phase, array("d")).append(gap)
        if gap > PAUSE_MS:
            self._note(gap, spent)
        elif self._watcher.looks:
            self._watcher.looks.clear()

    def _note(self, gap: float, spent: _Spent) -> None:
        """Writes one pause with its end, in seconds of `time.monotonic`, and what it was spent with."""
        looks = tuple(self._watcher.looks)
        self._watcher.looks.clear()
        where: Counter[str] = Counter(looks)
        if self.phase not in _UNUSED:
            for place, count in where.items():
                self._causes[place] += gap * count / len(looks)
        ran = [{"looks": count, "where": place} for place, count in where.most_common(_FRAMES)]
        self._write(
            {
                "phase": self.phase,
                "at": round(self._watcher.ticked_at, 4),
                "ms": round(gap, 1),
                "busy_ms": round(spent.busy_ms, 1),
                "others_ms": round(spent.others_ms, 1),
                "queued_ms": round(spent.queued_ms, 1),
                "faults": spent.faults,
                "ran": ran,
            }
        )

    def _write(self, document: dict[str, object]) -> None:
        self._out.write(json.dumps(document) + "\n")
        self._out.flush()


class _Spent(NamedTuple):
    """What some time was spent with. For `busy_ms` of it the window's thread had the processor, for `others_ms` other
    threads of the process, which may have held Python's lock. It waited `queued_ms` for a core, though it had work, and
    a page of the program had to be read from the disk `faults` times. What is left it waited for another process.
    """

    busy_ms: float
    others_ms: float
    queued_ms: float
    faults: int

    def __sub__(self, before: _Spent) -> _Spent:
        return _Spent(
            self.busy_ms - before.busy_ms,
            self.others_ms - before.others_ms,
            self.queued_ms - before.queued_ms,
            self.faults - before.faults,
        )


class _Clocks:
    """Reads what the thread that makes them has spent. Only Linux tells `queued_ms` and `faults`; elsewhere they stay
    0.
    """

    def __init__(self) -> None:
        self._queue = None
        with suppress(OSError):  # another system, or a kernel that does not count
            self._queue = os.open("/proc/thread-self/schedstat", os.O_RDONLY)

    def read(self) -> _Spent:
        """Returns the sums so far."""
        busy, faults, queued = time.thread_time(), 0, 0
        if self._queue is not None:
            import resource

            faults = resource.getrusage(resource.RUSAGE_SELF).ru_majflt
            queued = int(os.pread(self._queue, 100, 0).split()[1])
        return _Spent(busy * 1000, (time.process_time() - busy) * 1000, queued / 1e6, faults)

    def close(self) -> None:
        if self._queue is not None:
            os.close(self._queue)


class _Watcher(threading.Thread):
    """A thread that sleeps until a tick is late, and then looks at the other thread's frames."""

    def __init__(self, thread: int) -> None:
        super().__init__(name="pause-meter", daemon=True)
        self.ticked_at = time.monotonic()
        self.looks: list[str] = []
        self._thread = thread
        self._ended = threading.Event()

    def end(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        wait = _LATE_S
        while not self._ended.wait(wait):
            left = self.ticked_at + _LATE_S - time.monotonic()
            if left <= 0:
                self._look()
            wait = left if left > 0 else _BETWEEN_LOOKS_S

    def _look(self) -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - there is no other way to another thread's frame
        if frame is not None and len(self.looks) < _MOST_LOOKS:
            self.looks.append(_place(frame))


def _place(innermost: FrameType) -> str:
    """Returns the innermost frames of kafkaview, after the innermost of all if that is another's."""
    places: list[str] = []
    frame: FrameType | None = innermost
    while frame is not None and len(places) < _FRAMES:
        module = str(frame.f_globals.get("__name__", ""))
        if frame is innermost or (module.startswith(_PACKAGE) and module != __name__):
            places.append(f"{module.removeprefix(_PACKAGE)}.{frame.f_code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(places)


def _figures(gaps: Sequence[float]) -> dict[str, float | int]:
    if not gaps:
        return {"seconds": 0.0, "longest_ms": 0.0, "p99_ms": 0.0, "pauses": 0, "frozen": 0.0}
    total = sum(gaps)
    pauses = [gap for gap in gaps if gap > PAUSE_MS]
    return {
        "seconds": round(total / 1000, 3),
        "longest_ms": round(max(gaps), 1),
        "p99_ms": round(sorted(gaps)[int(len(gaps) * 0.99)], 1),
        "pauses": len(pauses),
        "frozen": round(sum(pauses) / total, 4),
    }
