"""Carrying a saved connection to another place of its list: which places there are, and what is under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.pages.connections.head import EnvironmentHead

Row = EnvironmentHead | ConnectionProfile


def neighbours(rows: Sequence[Row], place: int, pinned: str = "") -> range:
    """The rows among which one may be moved: those of its section, without the `pinned` profile, which stays."""

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
    """A row that was pressed. It is carried from where the pointer has left the spot on; `gap` is where it would go
    then: before the row of this place.
    """

    place: int
    pressed: QPoint
    gap: int | None = None

    def follow(self, at: QPoint, gap: int, among: range) -> bool:
        """The pointer has moved on, to a gap between rows. Says whether the row is carried."""
        if self.gap is None and (at - self.pressed).manhattanLength() < QApplication.startDragDistance():
            return False
        self.gap = min(max(gap, among.start), among.stop)
        return True

    @property
    def takes_place_of(self) -> int | None:
        """The row whose place it takes if it is let go now; None where it stays."""
        if self.gap is None or self.gap in (self.place, self.place + 1):
            return None
        return self.gap if self.gap < self.place else self.gap - 1
