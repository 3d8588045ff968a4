"""Steps of the look by key or click: said at once, and applied together once no more of them comes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QToolTip, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.theme import Theme, ThemeMode

_REST_MS: Final = 60  # every step styles what is seen anew: a key that is held down shall not queue them
_SHOWN_MS: Final = 1_500


class LookSteps(QObject):
    """Text size and theme of a window's program, changed from a window."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._scale: float | None = None
        self._mode: ThemeMode | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.apply)

    def scale(self, step: float) -> None:
        """Makes the text larger or smaller by a step; 0 gives it its usual size."""
        now = self._theme.scale if self._scale is None else self._scale
        self._scale = 1.0 if step == 0 else round(min(2.0, max(1.0, now + step)), 2)
        self._say(f"Text {self._scale:.0%}")

    def turn(self) -> None:
        """Changes from light to dark, or back."""
        dark = self._theme.dark if self._mode is None else self._mode is ThemeMode.DARK
        self._mode = ThemeMode.LIGHT if dark else ThemeMode.DARK
        self._say(self._mode.value.capitalize())

    def apply(self) -> None:
        """Applies the steps that were made."""
        self._rest.stop()
        scale, mode, self._scale, self._mode = self._scale, self._mode, None, None
        if mode is not None:
            self._theme.set_mode(mode)
        if scale is not None:
            self._theme.set_scale(scale)

    def _say(self, word: str) -> None:
        say_briefly(self._window, word)
        self._rest.start()


def say_briefly(window: QWidget, words: str) -> None:
    """Says some words in the middle of a window, for a moment."""
    at = window.mapToGlobal(window.rect().center())
    QToolTip.showText(at, escape_tip(words), window, window.rect(), _SHOWN_MS)
