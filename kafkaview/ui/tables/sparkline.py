"""A small line without axes for a table's cell, on its own scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from kafkaview.ui.formats import DASH, number

WIDTH, HEIGHT = 90, 16


def paint_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float | None], colour: QColor) -> None:
    """Paint the known values from old to new, filled below, the last one dotted. Gaps stay gaps."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low, high = min(known), max(known)
    points: list[QPointF] = []
    for run in _runs(values):
        points = [_point(rect, place, value, len(values), (low, high)) for place, value in run]
        _run(painter, rect, points, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(points[-1], 2, 2)
    painter.restore()


def sparkline_words(values: Sequence[float | None]) -> str:
    """Lowest, highest and last, for the tooltip."""
    known = [round(value) for value in values if value is not None]
    if not known:
        return DASH
    return f"lowest {number(min(known))}, highest {number(max(known))}, last {number(known[-1])}"


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    return [run for run in runs if run]


def _point(rect: QRectF, place: int, value: float, count: int, scale: tuple[float, float]) -> QPointF:
    low, high = scale
    part = (value - low) / (high - low) if high > low else 0.0
    return QPointF(rect.left() + rect.width() * place / (count - 1), rect.bottom() - 1 - (rect.height() - 3) * part)


def _run(painter: QPainter, rect: QRectF, points: list[QPointF], colour: QColor) -> None:
    ground = QColor(colour)
    ground.setAlpha(30)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    corners = [QPointF(points[0].x(), rect.bottom()), *points, QPointF(points[-1].x(), rect.bottom())]
    painter.drawPolygon(QPolygonF(corners))
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
