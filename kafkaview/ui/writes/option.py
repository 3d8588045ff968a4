"""A tick box, and one choice of several, whose words wrap into a second line if they have to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy

from kafkaview.words import visible

_BOX_AND_GAPS = 3  # in heights of the letters: what stands left of the words

if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object


class _Wrapped(_Button):
    """A button that wraps its words. Qt's own is as wide as the whole text, and takes `&` for the mark of a key."""

    words = ""

    def say(self, words: str) -> None:
        """Sets the words."""
        self.words = visible(words)
        self.setAccessibleName(self.words)
        self._break()

    def minimumSizeHint(self) -> QSize:
        """Qt's: as narrow as its longest word."""
        metrics = self.fontMetrics()
        longest = max(map(metrics.horizontalAdvance, self.words.split() or [""]))
        return QSize(longest + self._aside, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._break()

    @property
    def _aside(self) -> int:
        return _BOX_AND_GAPS * self.fontMetrics().height()

    def _break(self) -> None:
        text = "\n".join(broken(self.words.replace("&", "&&"), self.fontMetrics(), self.width() - self._aside))
        if text != self.text():
            self.setText(text)


class Option(_Wrapped, QCheckBox):
    """A tick box that wraps its words."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # narrower than its hint, too
        self.say(words)


class OneOption(_Wrapped, QRadioButton):
    """One choice of several that wraps its words."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.say(words)


def broken(words: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Returns a text in lines that are no wider than `width` pixels, except for a single long word."""
    lines: list[str] = []
    for word in words.split(" "):  # all of them: a name may have two in a row
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
