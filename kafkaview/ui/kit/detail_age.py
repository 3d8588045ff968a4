"""Of when the figures of a detail are, where those of the sample above it do not come."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer

from kafkaview.ui.kit.controls import Text
from kafkaview.words import clock

_PATIENCE_MS: Final = 1_000


class DetailAge(Text):
    """Says it when newer figures are waited for. `now_ms` is the time of the sample, set by the page; the engine may
    have ended since the figures were read, or not have seen the row yet.
    """

    def __init__(self) -> None:
        super().__init__(size=12, tone="warn_text")
        self.now_ms = 0
        self._read_ms = 0
        self._waiting = QTimer(self, interval=_PATIENCE_MS, singleShot=True)
        self._waiting.timeout.connect(self._say)
        self.hide()

    def await_newer(self) -> None:
        """Says it in a second, if nothing newer has come by then."""
        if self.isHidden() and not self._waiting.isActive():
            self._waiting.start()

    def note(self) -> None:
        """Notes that figures as new as the sample have come."""
        self.forget()
        self._read_ms = self.now_ms

    def forget(self) -> None:
        """Says nothing: there are no figures."""
        self._read_ms = 0
        self._waiting.stop()
        self.hide()

    def _say(self) -> None:
        if 0 < self._read_ms < self.now_ms:
            self.setText(f"figures of {clock(self._read_ms)}")
            self.show()
