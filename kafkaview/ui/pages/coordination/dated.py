"""Over a tab whose values are old: since when, why, and when they are asked for again."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer

from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, duration


class DatedBanner(Banner):
    """Counts down to the next look, every second."""

    def __init__(self, theme: Theme, look: Callable[[], object]) -> None:
        super().__init__(theme)
        self._view: CoordinationView | None = None
        self._news = ""
        self._countdown = QTimer(self, interval=1000)
        self._countdown.timeout.connect(self._say)
        self.action.clicked.connect(lambda _checked=False: look())

    def say_old(self, view: CoordinationView, since_ms: int | None, what: str = "Not told") -> None:
        """What is shown is of that time, Unix ms."""
        self._view, self._news = view, f"{what} since {clock(since_ms)}."
        self._countdown.start()
        self._say()

    def say_of(self, view: CoordinationView) -> None:
        """The same of what any principal is told (`view.told`), if the look before told it last."""
        old = view.told is not None and view.told_at_ms is not None and view.told_at_ms < view.at_ms
        if old:
            self.say_old(view, view.told_at_ms)
        else:
            self.say_new()

    def say_new(self) -> None:
        """What is shown was told just now."""
        self._countdown.stop()
        self.hide()

    def _say(self) -> None:
        if self._view is None:
            return
        error = self._view.error
        why = f"{error.message.rstrip('.')}. " if error is not None else ""
        meaning = f"This is what was last known. {why}{_next_try(self._view)}".strip()
        self.say(BannerKind.DATED, self._news, meaning, "Look again")


def _next_try(view: CoordinationView) -> str:
    if view.next_try_at_ms is None:
        return ""
    left = view.next_try_at_ms - time.time_ns() // 1_000_000
    return f"Next look in {duration(-(-left // 1000) * 1000)}." if left > 0 else "Looking now."
