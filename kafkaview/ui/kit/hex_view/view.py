"""The hex view: the marked byte in a box, its row tinted, bytes selected by mouse or keyboard and copied."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind
from kafkaview.ui.kit.hex_view.rows import FIRST_SHOWN, PER_ROW, Bytes, as_hex, character
from kafkaview.ui.kit.theme import Theme, fonts
from kafkaview.words import number, size

_ROW, _HEAD, _EDGE = 19, 26, 12
_CENTER = Qt.AlignmentFlag.AlignCenter
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -PER_ROW,
    Qt.Key.Key_Down: PER_ROW,
}


class HexView(QAbstractScrollArea):
    """Shows the bytes of a key, value or header; of a large value the first 64 KiB until the user asks for more."""

    byte_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = b""
        self._bytes = Bytes(b"")
        self._from = self._to = -1
        self._more = Button(theme, "Show more", kind=ButtonKind.LINK, clicked=self._show_all, parent=self)
        self.setAccessibleName("Bytes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._rescale)
        self.set_bytes(b"")

    def set_bytes(self, data: bytes, position: int | None = None, length: int = 1) -> None:
        """Shows these bytes and marks some of them."""
        marked = range(0) if position is None else range(position, position + max(1, length))
        same = data == self._whole and len(self._bytes.data) == len(data)
        self._whole = data
        shown = len(data) if same else max(FIRST_SHOWN, marked.stop)
        self._bytes = Bytes(data[:shown], marked)
        self._from = self._to = -1
        mark = f", byte {number(position)} is marked" if position is not None else ""
        self.setAccessibleDescription(f"{size(len(data))}{mark}")
        self._rescale()
        if position is not None:
            self._show_row(position // PER_ROW)

    @property
    def marked(self) -> range:
        """The marked bytes."""
        return self._bytes.marked

    @property
    def selected(self) -> bytes:
        """The selected bytes."""
        if self._from < 0:
            return b""
        low, high = sorted((self._from, self._to))
        return self._bytes.data[low : high + 1]

    def copy(self) -> None:
        """Copies the selected bytes, or all that are shown, to the clipboard as hex."""
        QGuiApplication.clipboard().setText(as_hex(self.selected or self._bytes.data))

    def sizeHint(self) -> QSize:
        """Qt's: as wide as a row, up to nine rows high."""
        rows = min(9, self._bytes.rows)
        return QSize(round(self._width()), self._theme.px(_HEAD + _ROW * rows + _EDGE))

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(200), self._theme.px(_HEAD + _ROW * 2 + _EDGE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's: only the rows in sight are painted."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter)
        painter.translate(-self.horizontalScrollBar().value(), 0)
        painter.setFont(self._theme.font(12, mono=True))
        self._head(painter)
        wide = max(self._width(), self.viewport().width()) - 2
        painter.setClipRect(QRectF(1, self._theme.px(_HEAD), wide, self.viewport().height()))
        first = self.verticalScrollBar().value()
        for number_ in range(first, min(self._bytes.rows, first + self._in_sight() + 1)):
            self._row(painter, number_, self._theme.px(_HEAD) + (number_ - first) * self._theme.px(_ROW))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        at = self._byte_at(event.position().toPoint())
        self._from = self._to = at
        self.viewport().update()
        if at >= 0:
            self.byte_chosen.emit(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        at = self._byte_at(event.position().toPoint())
        if self._from >= 0 and at >= 0 and event.buttons() & Qt.MouseButton.LeftButton:
            self._to = at
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: arrows move, Shift selects, copy and select all as everywhere."""
        step = _STEPS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self._bytes.data:
            self._from, self._to = 0, len(self._bytes.data) - 1
            self.viewport().update()
        elif step is not None and self._bytes.data:
            self._move(step, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._rescale()

    def _move(self, step: int, *, extend: bool) -> None:
        start = self._to if self._to >= 0 else max(0, self._bytes.marked.start) - step
        self._to = min(len(self._bytes.data) - 1, max(0, start + step))
        if not extend or self._from < 0:
            self._from = self._to
        self._show_row(self._to // PER_ROW)
        self.viewport().update()
        self.byte_chosen.emit(self._to)

    def _ground(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._theme.color("accent" if self.hasFocus() else "line"), 2 if self.hasFocus() else 1))
        painter.setBrush(self._theme.color("code"))
        painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _head(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("text_3"))
        painter.setFont(self._theme.font(11, mono=True))
        for place in range(PER_ROW):
            painter.drawText(self._cell(place, self._theme.px(5)), _CENTER, f"{place:x}")
        painter.setFont(self._theme.font(12, mono=True))

    def _row(self, painter: QPainter, number_: int, top: float) -> None:
        if self._bytes.marks_row(number_):
            row = QRectF(1, top, max(self._width(), self.viewport().width()) - 2, self._theme.px(_ROW))
            painter.fillRect(row, self._theme.color("bad_fill"))
        painter.setPen(self._theme.color("text_3"))
        offset = QRectF(self._theme.px(_EDGE), top, self._advance() * 8, self._theme.px(_ROW))
        painter.drawText(offset, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._offset(number_))
        for place, byte in enumerate(self._bytes.row(number_)):
            self._byte(painter, number_ * PER_ROW + place, byte, top)
        self._end_mark(painter, number_, top)

    def _byte(self, painter: QPainter, at: int, byte: int, top: float) -> None:
        cell, letter = self._cell(at % PER_ROW, top), self._letter(at % PER_ROW, top)
        low, high = sorted((self._from, self._to))
        tone = "text"
        if at in self._bytes.marked:
            tone = "on_solid"
            self._box(painter, cell, "bad_solid")
            self._box(painter, letter.adjusted(-0.5, 0, 0.5, 0), "bad_solid")
        elif low <= at <= high:
            painter.fillRect(cell, self._theme.color("select"))
            painter.fillRect(letter, self._theme.color("select"))
        painter.setPen(self._theme.color(tone))
        painter.drawText(cell, _CENTER, f"{byte:02x}")
        painter.setPen(self._theme.color(tone if tone == "on_solid" else "text_2"))
        painter.drawText(letter, _CENTER, character(byte))

    def _end_mark(self, painter: QPainter, number_: int, top: float) -> None:
        """Paints an empty box after the last byte: the value ends too early."""
        end = len(self._bytes.data)
        if end in self._bytes.marked and end // PER_ROW == number_ and end == len(self._whole):
            painter.setPen(QPen(self._theme.color("bad_solid"), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._cell(end % PER_ROW, top).adjusted(1, 2, -1, -2), 3, 3)

    def _box(self, painter: QPainter, rect: QRectF, token: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(token))
        painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 3, 3)

    def _advance(self) -> float:
        return _advance(self._theme.px(12))

    def _offset(self, number_: int) -> str:
        return f"{number_ * PER_ROW:0{4 if len(self._whole) <= 0x10000 else 8}x}"

    def _bytes_edge(self) -> float:
        return self._theme.px(_EDGE) + self._advance() * (len(self._offset(0)) + 2)

    def _measure(self) -> None:
        """Computes once where cells and letters stand in a row; every paint needs it."""
        advance, left = self._advance(), self._bytes_edge()
        gap = advance * 1.6  # in the middle
        self._cells = [left + place * advance * 3 + (gap if place >= PER_ROW // 2 else 0) for place in range(PER_ROW)]
        letters = self._cells[-1] + advance * (3 + 1.3)
        self._letters = [letters + place * advance for place in range(PER_ROW)]

    def _cell(self, place: int, top: float) -> QRectF:
        return QRectF(self._cells[place], top, self._advance() * 3, self._theme.px(_ROW))

    def _letter(self, place: int, top: float) -> QRectF:
        return QRectF(self._letters[place], top, self._advance(), self._theme.px(_ROW))

    def _width(self) -> float:
        return self._letter(PER_ROW - 1, 0).right() + self._theme.px(8)

    def _in_sight(self) -> int:
        return max(1, (self.viewport().height() - self._theme.px(_HEAD) - 4) // self._theme.px(_ROW))

    def _byte_at(self, point: QPoint) -> int:
        row = self.verticalScrollBar().value() + (point.y() - self._theme.px(_HEAD)) // self._theme.px(_ROW)
        x = point.x() + self.horizontalScrollBar().value()
        for place in range(PER_ROW):
            cell, letter = self._cell(place, 0), self._letter(place, 0)
            if cell.left() <= x < cell.right() or letter.left() <= x < letter.right():
                at = row * PER_ROW + place
                return at if 0 <= at < len(self._bytes.data) and point.y() >= self._theme.px(_HEAD) else -1
        return -1

    def _show_row(self, number_: int) -> None:
        first, sight = self.verticalScrollBar().value(), self._in_sight()
        if not first <= number_ < first + sight:
            self.verticalScrollBar().setValue(max(0, number_ - sight // 2))

    def _show_all(self) -> None:
        self._bytes = Bytes(self._whole, self._bytes.marked)
        self._rescale()

    def _rescale(self) -> None:
        self._measure()
        left_out = len(self._whole) > len(self._bytes.data)
        self._more.setText(f"{size(len(self._whole))}, first {size(len(self._bytes.data))} shown. Show more")
        self._more.setVisible(left_out)
        self.setViewportMargins(0, 0, 0, self._more.sizeHint().height() if left_out else 0)
        self._more.adjustSize()
        self._more.move(0, self.height() - self._more.height())
        self.verticalScrollBar().setRange(0, max(0, self._bytes.rows - self._in_sight()))
        self.verticalScrollBar().setPageStep(self._in_sight())
        self.horizontalScrollBar().setRange(0, max(0, round(self._width()) - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.updateGeometry()
        self.viewport().update()


@cache
def _advance(pixels: int) -> float:
    """Returns how wide a digit is; cached, for every painted byte asks for it."""
    return QFontMetricsF(fonts.font(pixels, mono=True)).horizontalAdvance("0")
