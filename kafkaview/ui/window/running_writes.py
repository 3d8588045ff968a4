"""The writes of a window that are not done: closing it asks, and the next window tells what became of one cut off."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from kafkaview.journal.entry import EntryState
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.notices import bring_to_front
from kafkaview.ui.kit.preferences import Remembered
from kafkaview.ui.kit.sheets import Veil

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kafkaview.journal.search import EntryRow
    from kafkaview.ui.kit.theme import Theme
    from kafkaview.ui.writes.run import Run

_KEPT: Final = "cut-off"
_UNKNOWN: Final = "whether it was written is not known, look at what stands now"
_BECAME: Final = {
    EntryState.COMMITTED: "it is written",
    EntryState.ABORTED: "it was not done",
    EntryState.NONE: "it was not done",
    EntryState.UNKNOWN: _UNKNOWN,
    EntryState.BEGUN: _UNKNOWN,
}


def describe_cut_off(titles: Sequence[str], entries: Sequence[EntryRow]) -> str:
    """Returns what became of writes that the window before has cut off, by the journal's entries since."""
    if not entries:
        return f"{', '.join(titles)}: it was cut off before it began, and nothing was written."
    return " ".join(f"{row.title}: {_BECAME[row.state]} (journal entry {row.id})." for row in reversed(entries))


class RunningWrites:
    """Follows every write of a window from its begin to its end."""

    def __init__(
        self, theme: Theme, window: QWidget, profile: ConnectionProfile, name: str, remembered: Remembered | None
    ) -> None:
        self._theme = theme
        self._window = window
        self._profile = profile
        self._name = f"{name}/{_KEPT}"
        self._remembered = remembered
        self._runs: dict[Run, int] = {}  # with when it began, in Unix milliseconds
        self._then: Callable[[], object] | None = None  # what waits for the end of the last one

    def follow(self, run: Run) -> None:
        """Follows a write that begins."""
        self._runs[run] = time.time_ns() // 1_000_000
        run.ended.connect(lambda _result: self._drop(run))
        run.destroyed.connect(lambda: self._drop(run))  # cancelled, or broken

    def ask(self, close: Callable[[], object]) -> bool:
        """Returns whether the window may be closed at once; else asks, and calls `close` if the user wants it."""
        if not self._runs:
            return True
        from kafkaview.ui.window.closing_sheet import ClosingSheet  # only a window that writes needs it

        if isinstance(Veil.over(self._window), ClosingSheet):
            return False
        bring_to_front(self._window)  # Quit closes windows that are minimised, too
        sheet = ClosingSheet(self._theme, self._window, self._profile, next(reversed(self._runs)))

        def close_later() -> None:
            self._then = close
            sheet.lift()

        sheet.now.connect(close)
        sheet.later.connect(close_later)
        sheet.open()
        return False

    def keep(self) -> None:
        """Remembers the writes that the end of the window cuts off."""
        if self._remembered is not None and self._runs:
            cut = {"since_ms": min(self._runs.values()), "titles": [run.title for run in self._runs]}
            self._remembered.put({self._name: cut})

    def take_cut_off(self) -> tuple[int, tuple[str, ...]] | None:
        """Returns when the writes began that the window before has cut off, and their titles; None if there are none.
        They are told once.
        """
        kept = self._remembered.get(self._name) if self._remembered is not None else {}
        since_ms, titles = kept.get("since_ms"), kept.get("titles")
        if not isinstance(since_ms, int) or not isinstance(titles, list) or self._remembered is None:
            return None
        self._remembered.put({self._name: {}})
        return since_ms, tuple(map(str, titles))

    def _drop(self, run: Run) -> None:
        self._runs.pop(run, None)
        if self._then is not None and not self._runs:
            then, self._then = self._then, None
            then()
