"""The steps of a write while it is carried out, as they are reported, printed and shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LOOKING_UP: Final = "Looking up what stands"


class WriteStepName(StrEnum):
    """The steps of an execution. Until WRITE, or TRANSACTION, nothing has been sent, as long as its engine runs."""

    WAIT = "wait"
    JOURNAL = "journal"
    CHECK = "check"
    TOPIC = "topic"
    WRITE = "write"
    TRANSACTION = "transaction"
    EVICT = "evict"
    WATCH = "watch"
    VERIFY = "verify"
    LOOK_UP = "look_up"  # what stands of a write whose engine has ended

    @property
    def may_cancel(self) -> bool:
        """Whether cancelling during this step still writes nothing."""
        return self in _BEFORE_THE_WRITE


_BEFORE_THE_WRITE = frozenset({WriteStepName.WAIT, WriteStepName.JOURNAL, WriteStepName.CHECK})


class StepState(StrEnum):
    """The state of a step."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class WriteStep:
    """One report of progress: `text` is what stands ("Transaction committed"), `detail` the figures under it."""

    name: WriteStepName
    state: StepState
    text: str
    detail: str = ""
    ms: int | None = None


Report = Callable[[WriteStep], None]


class Progress:
    """Reports the steps of one execution, one after the other, with the time that each took."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._running: tuple[WriteStepName, str] | None = None
        self._since = 0.0

    def begin(self, name: WriteStepName, text: str, detail: str = "") -> None:
        """Reports that a step has begun; the one before it is done then."""
        self.end()
        self._running, self._since = (name, text), time.monotonic()
        self._report(WriteStep(name, StepState.RUNNING, text, detail))

    def update(self, detail: str) -> None:
        """Reports how far the step is."""
        if self._running is not None:
            self._report(WriteStep(*self._of(StepState.RUNNING), detail, self._elapsed_ms))

    def end(self, text: str = "", detail: str = "", *, failed: bool = False) -> None:
        """Reports that the step has ended, with the words that it began with where none are given."""
        if self._running is not None:
            name, state, begun = self._of(StepState.FAILED if failed else StepState.DONE)
            self._report(WriteStep(name, state, text or begun, detail, self._elapsed_ms))
            self._running = None

    def _of(self, state: StepState) -> tuple[WriteStepName, StepState, str]:
        assert self._running is not None
        name, text = self._running
        return name, state, text

    @property
    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._since) * 1000)
