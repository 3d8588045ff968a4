"""The question of a re-route whose group reads in batches: what happens to the good records before the poison."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.writes.option import OneOption


class BetweenQuestion(QFrame):
    """Two answers, of which none is chosen at first: a plan that does not do what was asked for is not made unseen."""

    answered = Signal(bool)  # whether the good records are sent along, and the group moves

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "block")
        self._why = Text(weight=600, wrap=True)
        self.copy_only, self.along = OneOption(), OneOption()
        self._group = QButtonGroup(self)
        for answer in (self.copy_only, self.along):
            self._group.addButton(answer)
        self.copy_only.clicked.connect(lambda: self.answered.emit(False))
        self.along.clicked.connect(lambda: self.answered.emit(True))
        self.setLayout(column(self._why, self.copy_only, self.along, margins=(12, 10, 12, 10), gap=6))

    @property
    def is_open(self) -> bool:
        """Whether it is asked and not answered."""
        return not self.isHidden() and self._group.checkedButton() is None

    def ask(self, why: str, copy_only: str, along: str) -> None:
        """Shows the question with its answers."""
        self._why.setText(why)
        self.copy_only.say(copy_only)
        self.along.say(along)
