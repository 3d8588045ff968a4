"""Dragging a saved connection to another place in its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.pages.connections.environment_head import EnvironmentHead

Row = EnvironmentHead | ConnectionProfile


def neighbours(rows: Sequence[Row], place: int, pinned: str = "") -> range:
    """Returns the rows among which a row may be moved: those of its section, without the `pinned` profile."""

    def stays(row: Row) -> bool:
        return isinstance(row, EnvironmentHead) or row.id == pinned

    if stays(rows[place]):
        return range(place, place + 1)
    first, after = place, place + 1
    while first > 0 and not stays(rows[first - 1]):
        first -= 1
    while after < len(rows) and not stays(rows[after]):
        after += 1
    return range(first, after)


@dataclass(slots=True)
class Carried:
    """A row that is pressed. It is dragged once the pointer has moved away; `gap` is the row before which it would be
    dropped.
    """

    place: int
    pressed: QPoint
    gap: int | None = None

    def follow(self, at: QPoint, gap: int, among: range) -> bool:
        """Follows the pointer to a gap between rows. Returns whether the row is dragged."""
        if self.gap is None and (at - self.pressed).manhattanLength() < QApplication.startDragDistance():
            return False
        self.gap = min(max(gap, among.start), among.stop)
        return True

    @property
    def takes_place_of(self) -> int | None:
        """The row whose place the dragged row takes if it is dropped now; None if it stays."""
        if self.gap is None or self.gap in (self.place, self.place + 1):
            return None
        return self.gap if self.gap < self.place else self.gap - 1
