"""Tables that paint many rows in bands, one in each turn of the event loop, so that no pause is felt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QTableView, QWidget

from kafkaview.ui.kit.turns import do_in_next_turn

_BAND_ROWS: Final = 8


class ScreenPainter(QWidget):
    """A window that tells its parts whether it paints the screen. A picture of a window is painted whole instead."""

    paints_screen = False

    def event(self, event: QEvent) -> bool:
        """Qt's: what has changed on the screen is painted."""
        if event.type() is not QEvent.Type.UpdateRequest:
            return super().event(event)
        self.paints_screen = True
        try:
            return super().event(event)
        finally:
            self.paints_screen = False


class BandedTable(QTableView):
    """Paints eight rows in each turn. What is below keeps its old picture until its own turn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._later = QRegion()
        self._in_bands = True
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else Qt clears the rows below, too

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        region = event.region()
        window = self.window()
        if self._in_bands and isinstance(window, ScreenPainter) and window.paints_screen:
            region = self._cut_band(region)
            if not self._later.isEmpty():
                do_in_next_turn(self, self._paint_later)
        painter = QPainter(self.viewport())
        for rect in _rects(region):
            painter.fillRect(rect, self.palette().base())
        painter.end()
        super().paintEvent(QPaintEvent(region))

    def paint_rest(self) -> None:
        """Paints at once what waits for its turn."""
        waiting, self._later = self._later, QRegion()
        self._in_bands = False
        self.viewport().repaint(waiting)
        self._in_bands = True

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Qt's: what waits to be painted has moved as well."""
        super().scrollContentsBy(dx, dy)
        if not self._later.isEmpty():
            self._later = QRegion(self.viewport().rect())

    def _cut_band(self, region: QRegion) -> QRegion:
        """Returns the part of a region that is painted now, and keeps the rest for the next turns."""
        high = self.verticalHeader().defaultSectionSize() * _BAND_ROWS
        painted = QRegion()
        for rect in _rects(region):
            part = QRect(rect)
            part.setHeight(min(rect.height(), high))
            painted += part
            high -= part.height()
            if high <= 0:
                break
        shown = QRegion(self.viewport().rect())  # what a bar covers meanwhile is never painted
        self._later = ((self._later - painted) + (region - painted)) & shown
        return painted

    def _paint_later(self) -> None:
        self.viewport().update(self._later)


def _rects(region: QRegion) -> Iterable[QRect]:
    return cast("Iterable[QRect]", region)
