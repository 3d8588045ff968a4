"""The strokes of the record strip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from kafkaview.ui.kit.marks import Mark, paint_mark
from kafkaview.ui.kit.record_strip.cells import CellKind, Copied, Pointer, Strip, StripCell
from kafkaview.ui.kit.record_strip.geometry import Geometry
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number

_CENTER = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RADIUS = 3


def paint_cell(painter: QPainter, rect: QRectF, cell: StripCell, theme: Theme) -> None:
    """Paints one record; a gap is written as the number of records left out."""
    painter.setPen(Qt.PenStyle.NoPen)
    match cell.kind:
        case CellKind.READ:
            painter.setBrush(theme.color("line"))
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
            _check(painter, rect, theme, "text_2")
        case CellKind.POISON:
            painter.setBrush(theme.color("bad_fill"))
            painter.setPen(QPen(theme.color("bad_solid"), 2))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
            paint_mark(painter, rect.adjusted(2.5, 2.5, -2.5, -2.5), Mark.BAD, theme.tokens)
        case CellKind.GAP:
            painter.setPen(theme.color("text_3"))
            painter.setFont(theme.font(11))
            painter.drawText(rect.adjusted(-8, 0, 8, 0), _CENTER, f"+{number(cell.count)}")
        case CellKind.GOOD | CellKind.WAITING:
            good = cell.kind is CellKind.GOOD
            painter.setBrush(theme.color("accent_soft" if good else "surface"))
            painter.setPen(QPen(theme.color("accent" if good else "line_strong"), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)


def paint_words(painter: QPainter, strip: Strip, geometry: Geometry, shown: Sequence[StripCell], theme: Theme) -> None:
    """Paints the words before the cells, and how many more records wait behind them."""
    row = geometry.cell(0)
    painter.setFont(theme.font(12, mono=strip.lead_mono))
    painter.setPen(theme.color("text" if strip.lead_mono else "text_3"))
    painter.drawText(QRectF(0, row.top(), geometry.left, row.height()), _LEFT, strip.lead)
    more = strip.more_than(shown)
    if more:
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("text_3"))
        left = geometry.cell(len(shown)).left() + 4
        painter.drawText(QRectF(left, row.top(), 400, row.height()), _LEFT, f"{number(more)} more")


def paint_pointers(
    painter: QPainter, strip: Strip, geometry: Geometry, shown: Sequence[StripCell], theme: Theme
) -> None:
    """Paints a line and a triangle for each pointer. Of two, the first has its words at its left."""
    placed = [(pointer, x) for pointer in strip.pointers if (x := geometry.before(pointer.offset, shown)) is not None]
    for place, (pointer, x) in enumerate(placed):
        colour = theme.color(pointer.tone)
        top = geometry.top - theme.px(8)
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, top), QPointF(x, geometry.top + geometry.height + theme.px(2)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, top - 2), QPointF(x + 5, top - 2), QPointF(x, top + 5)]))
        _pointer_words(painter, pointer, QPointF(x, top), _side(place, len(placed)), theme)


def _side(place: int, count: int) -> str:
    if count == 1:
        return "over"
    return "left" if place == 0 else "right"


def _pointer_words(painter: QPainter, pointer: Pointer, tip: QPointF, side: str, theme: Theme) -> None:
    font = theme.font(11, 600)
    width = QFontMetricsF(font).horizontalAdvance(pointer.label) + 2
    height = theme.px(16)
    over = min(max(0.0, tip.x() - 6), max(0.0, painter.device().width() - width))
    left = {"over": over, "left": tip.x() - width - 8, "right": tip.x() + 9}[side]
    above = tip.y() - height - (3 if side == "over" else -theme.px(6))
    painter.setFont(font)
    painter.setPen(theme.color(pointer.tone))
    painter.drawText(QRectF(left, above, width, height), _LEFT, pointer.label)


def paint_offsets(
    painter: QPainter, strip: Strip, geometry: Geometry, shown: Sequence[StripCell], theme: Theme
) -> None:
    """Paints offsets below the first cell, those pointed at, poison records and the last, where there is room."""
    font = theme.font(11, mono=True)
    painter.setFont(font)
    painter.setPen(theme.color("text_2"))
    important = {p.offset for p in strip.pointers} | {c.offset for c in shown if c.kind is CellKind.POISON}
    order = sorted(
        range(len(shown)), key=lambda place: (shown[place].offset not in important, 0 < place < len(shown) - 1)
    )
    taken: list[QRectF] = []
    for place in order:
        if shown[place].offset not in important and 0 < place < len(shown) - 1:
            break
        box = _under(geometry.cell(place), number(shown[place].offset), font)
        if not any(box.adjusted(-6, 0, 6, 0).intersects(other) for other in taken):
            painter.drawText(box, _CENTER, number(shown[place].offset))
            taken.append(box)


def _under(cell: QRectF, text: str, font: QFont) -> QRectF:
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text) + 2
    return QRectF(max(0.0, cell.center().x() - width / 2), cell.bottom() + 3, width, metrics.height())


def paint_copied(
    painter: QPainter, copied: Copied, geometry: Geometry, shown: Sequence[StripCell], theme: Theme
) -> None:
    """Paints the row below: each copied record with an arrow down to its copy."""
    below = geometry.top + geometry.height + theme.px(20)
    places = [place for place, cell in enumerate(shown) if cell.offset in copied.offsets]
    for place in places:
        cell = geometry.cell(place)
        box = QRectF(cell.left(), below, cell.width(), cell.height())
        _arrow(painter, cell.center().x(), cell.bottom() + 3, below - 2, theme)
        painter.setBrush(theme.color("accent_soft"))
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        picture = theme.pixmap("copy", "accent", 12, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(box.center().x() - theme.px(6), box.center().y() - theme.px(6)), picture)
    painter.setPen(theme.color("text"))
    painter.setFont(theme.font(12, mono=True))
    painter.drawText(QRectF(0, below, geometry.left, geometry.height), _LEFT, copied.topic)
    if places:
        left = geometry.cell(places[-1] + 1).left() + 6
        painter.setPen(theme.color("text_2"))
        painter.setFont(theme.font(12))
        room = QRectF(left, below, painter.device().width() - left, geometry.height)
        over = theme.px(6)  # a second line reaches into the space between the rows
        painter.drawText(room.adjusted(0, -over, 0, over), _LEFT | Qt.TextFlag.TextWordWrap, copied.note)


def _arrow(painter: QPainter, x: float, top: float, bottom: float, theme: Theme) -> None:
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom - 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    painter.drawPolygon(QPolygonF([QPointF(x - 4, bottom - 6), QPointF(x + 4, bottom - 6), QPointF(x, bottom)]))


def _check(painter: QPainter, rect: QRectF, theme: Theme, token: str) -> None:
    painter.setPen(QPen(theme.color(token), 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    center = rect.center()
    painter.drawPolyline(
        QPolygonF([center + QPointF(-3.5, 0.2), center + QPointF(-1, 2.7), center + QPointF(3.5, -2.3)])
    )
