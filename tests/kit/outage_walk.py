"""A window is looked at, page after page, while the cluster behind it goes wrong and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import cycle

from kafkaview.ui.kit.page import Place
from kafkaview.ui.window.window import Window
from tests.kit.claims import Examiner, Truth
from tests.kit.said import said_by

_NOTES_S = 0.03  # from one note of the truth to the next
_LAST_STEPS = 5


class OutageWalk:
    """Keeps what was done, and what was said and not so. `grace_s` is how old a claim may be, `page_s` how long each
    page is in front, and `work` is done between two notes.
    """

    def __init__(
        self,
        window: Window,
        truth: Callable[[], Truth],
        places: Sequence[Place],
        *,
        grace_s: float,
        page_s: float,
        work: Callable[[], None] = lambda: None,
    ) -> None:
        self.examiner = Examiner(grace_s)
        self.history: list[str] = []
        self.faults: dict[str, str] = {}  # what was said, and after which steps
        self._window = window
        self._truth = truth
        self._places = cycle(places)
        self._page_s = page_s
        self._work = work

    async def look(self, seconds: float) -> None:
        """Looks at one page after the other for some seconds."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self._window.go(next(self._places))
            turns_s = time.monotonic() + self._page_s
            while time.monotonic() < turns_s:
                self._work()
                self.examiner.note(self._truth())
                await asyncio.sleep(_NOTES_S)
            self.examiner.note(self._truth())
            for fault in self.examiner.faults(said_by(self._window)):
                self.faults.setdefault(fault, "; ".join(self.history[-_LAST_STEPS:]))

    def report(self) -> str:
        """Prints what was said and not so, and returns it; empty if all was so."""
        lines = [f"{fault}\n    after {steps}" for fault, steps in self.faults.items()]
        lines += [f"words that no claim knows: {words}" for words in sorted(self.examiner.new_words)]
        report = "\n".join(lines)
        print(report)  # pytest cuts what it compares
        return report
