"""The record strip on the screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.record_strip.cells import CellKind, Strip, StripCell
from kafkaview.ui.kit.record_strip.geometry import Geometry
from kafkaview.ui.kit.record_strip.paint import paint_cell, paint_copied, paint_offsets, paint_pointers, paint_words
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number


class RecordStrip(QWidget):
    """Shows a Strip. A click on a cell, or arrows and Enter, choose a record."""

    chosen = Signal(int)  # the record's offset

    def __init__(
        self, theme: Theme, *, large: bool = False, offsets: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cell = (28, 26, 34) if large else (22, 20, 26)
        self._offsets = offsets
        self._strip = Strip(())
        self._current: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme.changed.connect(self._repaint)

    def set_strip(self, strip: Strip) -> None:
        """Shows another strip."""
        self._strip = strip
        self.setAccessibleName("Record strip")
        self.setAccessibleDescription(strip.sentence)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if strip.cells else Qt.FocusPolicy.NoFocus)
        if self._current is not None and self._current not in self._offsets_shown():
            self._current = None
        self._repaint()

    def set_current(self, offset: int | None) -> None:
        """Outlines the record that is shown elsewhere."""
        self._current = offset
        self.update()

    @property
    def strip(self) -> Strip:
        """The strip that is shown."""
        return self._strip

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(self._cell[2] * 12 + 120), self._theme.px(self._height()))

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(self._cell[2] * 6 + 80), self._theme.px(self._height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        geometry, shown = self._geometry(), self._visible_cells()
        for place, cell in enumerate(shown):
            paint_cell(painter, geometry.cell(place), cell, self._theme)
        self._outline(painter, geometry, shown)
        paint_words(painter, self._strip, geometry, shown, self._theme)
        paint_pointers(painter, self._strip, geometry, shown, self._theme)
        if self._offsets:
            paint_offsets(painter, self._strip, geometry, shown, self._theme)
        if self._strip.copied is not None:
            paint_copied(painter, self._strip.copied, geometry, shown, self._theme)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        cell = self._at(event.position())
        if cell is not None and event.button() is Qt.MouseButton.LeftButton:
            self._choose(cell.offset)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        cell = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
        self.setToolTip(escape_tip(_tip(cell) if cell else self._strip.sentence))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: arrows choose the record beside."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        shown = self._offsets_shown()
        step = steps.get(Qt.Key(event.key()))
        if step is None or not shown:
            super().keyPressEvent(event)
            return
        at = shown.index(self._current) + step if self._current in shown else 0
        self._choose(shown[min(len(shown) - 1, max(0, at))])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's: the focus is a ring around one record."""
        if self._current is None and self._strip.cells:
            pointed = [pointer.offset for pointer in self._strip.pointers]
            self._current = pointed[0] if pointed else self._strip.cells[0].offset
        super().focusInEvent(event)

    def _choose(self, offset: int) -> None:
        self._current = offset
        self.update()
        self.chosen.emit(offset)

    def _outline(self, painter: QPainter, geometry: Geometry, shown: tuple[StripCell, ...]) -> None:
        for place, cell in enumerate(shown):
            if cell.offset == self._current and cell.kind is not CellKind.GAP:
                pen = painter.pen()
                pen.setColor(self._theme.color("accent"))
                pen.setWidthF(2)
                pen.setStyle(Qt.PenStyle.SolidLine)
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(geometry.cell(place).adjusted(-2, -2, 2, 2), 4, 4)

    def _geometry(self) -> Geometry:
        width, height, pitch = (self._theme.px(part) for part in self._cell)
        metrics_font = self._theme.font(12, mono=self._strip.lead_mono)
        lead = _advance(metrics_font, self._strip.lead)
        left = lead + self._theme.px(12 if not self._strip.lead_mono else 40) if self._strip.lead else 2
        return Geometry(left, self._theme.px(self._above()), width, height, pitch)

    def _visible_cells(self) -> tuple[StripCell, ...]:
        geometry = self._geometry()
        more = self._strip.more_than(self._strip.cells)
        words = _advance(self._theme.font(12), f"{number(more or 10**6)} more") + self._theme.px(12)
        room = self.width() - geometry.left - (words if self._strip.log_end_offset is not None else 0)
        return self._strip.fitting(max(1, int(room // geometry.pitch)))

    def _offsets_shown(self) -> list[int]:
        return [cell.offset for cell in self._visible_cells() if cell.kind is not CellKind.GAP]

    def _at(self, point: QPointF) -> StripCell | None:
        geometry = self._geometry()
        for place, cell in enumerate(self._visible_cells()):
            if geometry.cell(place).adjusted(-2, -2, 2, 2).contains(point) and cell.kind is not CellKind.GAP:
                return cell
        return None

    def _above(self) -> int:
        return 30 if self._strip.pointers else 4

    def _height(self) -> int:
        below = 20 if self._offsets else 4
        copied = self._cell[1] + 20 if self._strip.copied is not None else 0
        return self._above() + self._cell[1] + max(below, copied + 4 if copied else below)

    def _repaint(self) -> None:
        self.updateGeometry()
        self.update()


def _advance(font: QFont, text: str) -> int:
    return QFontMetrics(font).horizontalAdvance(text)


def _tip(cell: StripCell) -> str:
    return f"{number(cell.offset)}: {cell.kind.value}"
