"""A migration from ZooKeeper to KRaft: the phase, what each side says, and the next step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from kafkaview.cluster.ports.zookeeper import MigrationPhase
from kafkaview.coordination.migration import MigrationSight
from kafkaview.ui.kit.controls import Text, ground
from kafkaview.ui.kit.layout import clear_grid
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.theme import Theme

_MARKS = {MigrationPhase.NONE: Mark.IDLE, MigrationPhase.FINALIZED: Mark.OK, None: Mark.UNKNOWN}


class MigrationView(QScrollArea):
    """Shows a MigrationSight."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chip = Chip(theme, Mark.IDLE, "No move to KRaft")
        self.meaning = Text(wrap=True)
        self.next_step = Text(tone="text_2", wrap=True)
        self._next = Text("Next step", size=12, weight=600)
        self.sides: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        inside = QWidget()
        ground(inside, "surface")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 6, 16, 10)
        column.setSpacing(6)
        column.addWidget(self.chip, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.meaning)
        column.addSpacing(4)
        column.addWidget(Text("What each side says", size=12, weight=600))
        column.addLayout(self._grid)
        column.addSpacing(4)
        for part in (self._next, self.next_step):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(inside)

    def show_sight(self, sight: MigrationSight) -> None:
        """Shows how far the migration has come."""
        self.chip.set_state(_MARKS.get(sight.phase, Mark.WORKING), sight.name)
        self.meaning.setText(sight.meaning)
        self.next_step.setText(sight.next_step or "")
        for part in (self._next, self.next_step):
            part.setVisible(sight.next_step is not None)
        if sight.sides == self.sides:
            return
        self.sides = sight.sides
        clear_grid(self._grid)
        for line, (who, what) in enumerate(sight.sides):
            self._grid.addWidget(Text(who, size=12, weight=500), line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Text(what, size=12, tone="text_2", wrap=True), line, 1)
