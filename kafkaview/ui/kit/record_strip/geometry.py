"""Where the parts of a record strip lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from kafkaview.ui.kit.record_strip.cells import StripCell


@dataclass(frozen=True, slots=True)
class Geometry:
    """Cells of this size and pitch, with the left of the first and the top of all."""

    left: float
    top: float
    width: float
    height: float
    pitch: float

    def cell(self, place: int) -> QRectF:
        """Returns the rectangle of a cell by its place in the row."""
        return QRectF(self.left + place * self.pitch, self.top, self.width, self.height)

    def before(self, offset: int, shown: Sequence[StripCell]) -> float | None:
        """Returns the middle of the space before a record; the end of the row if the record comes right behind it."""
        for place, cell in enumerate(shown):
            if cell.offset <= offset < cell.offset + cell.count:
                return self.cell(place).left() - (self.pitch - self.width) / 2
        if shown and offset == shown[-1].offset + shown[-1].count:
            return self.cell(len(shown)).left() - (self.pitch - self.width) / 2
        return None
