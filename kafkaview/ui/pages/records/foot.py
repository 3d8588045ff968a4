"""The line below the records: what was read, of how much, how long it took, and what could not be decoded."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, ground
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number


class RecordsFoot(QWidget):
    """Shows the sentence about the range; its buttons show the records that cannot be decoded, and load more."""

    failed_wanted = Signal(bool)
    more_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        ground(self, "surface")
        self.words = Elided(size=12, tone="text_2")
        self._mark = MarkLabel(theme, Mark.BAD, 14)
        self.failed = Elided(size=12, tone="bad_text")
        self.show_failed = Button(theme, "Show", kind=ButtonKind.LINK, clicked=self._turn)
        self.more = Button(theme, "Load older", kind=ButtonKind.LINK, clicked=self.more_wanted.emit)
        self._only_failed = False
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.words, 3)
        row.addWidget(self._mark)
        row.addWidget(self.failed, 1)
        row.addWidget(self.show_failed)
        row.addWidget(self.more)
        self.say("", 0)

    def say(self, words: str, failed: int, more: str = "") -> None:
        """Shows what was read, how many of the loaded records cannot be decoded, and the button for more."""
        self.words.setText(words)
        self.failed.setText(f"{number(failed)} cannot be decoded")
        for part in (self._mark, self.failed, self.show_failed):
            part.setVisible(failed > 0)
        self.more.setText(more)
        self.more.setVisible(bool(more))

    def note(self, words: str) -> None:
        """Shows another sentence until the next read."""
        self.words.setText(words)

    def show_all(self) -> None:
        """Shows all records again."""
        if self._only_failed:
            self._turn()

    def _turn(self) -> None:
        self._only_failed = not self._only_failed
        self.show_failed.setText("Show all" if self._only_failed else "Show")
        self.failed_wanted.emit(self._only_failed)
