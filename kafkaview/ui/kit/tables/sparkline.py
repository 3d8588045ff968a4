"""A small line without axes for a table's cell, on its own scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

Share = TypeVar("Share", float, NDArray[np.float64])

WIDTH, HEIGHT = 90, 16
_HALF_LINE = 0.75  # of its thickness, pixels
_GROUND = 30 / 255  # how much of the colour there is below the line
_ABOVE, _BELOW = 2.0, 1.0  # pixels that the line keeps free


def paint_sparkline(painter: QPainter, rect: QRectF, values: Sequence[float | None], colour: QColor) -> None:
    """Paints the known values from old to new, filled below, the last one dotted. Gaps stay gaps."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return
    low, high = min(known), max(known)
    ratio = painter.device().devicePixelRatioF()
    painter.drawImage(
        rect.topLeft().toPoint(), _picture(tuple(values), colour.rgb(), rect.width(), rect.height(), ratio)
    )
    last = max(place for place, value in enumerate(values) if value is not None)
    across = rect.width() * last / (len(values) - 1)
    down = _down((known[-1] - low) / (high - low) if high > low else 0.0, rect.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(rect.left() + across, rect.top() + down), 2, 2)


def _down(share: Share, height: float) -> Share:
    """Returns how far below the upper edge a value lies; `value` is its share from the lowest to the highest."""
    return height - _BELOW - (height - _ABOVE - _BELOW) * share


@lru_cache(maxsize=256)
def _picture(values: tuple[float | None, ...], rgb: int, width: float, height: float, ratio: float) -> QImage:
    """Returns the line and the ground below it. As a polygon Qt takes 1.5 ms for one, and a table has forty."""
    pixels, rows = round(width * ratio), round(height * ratio)
    points = np.array([np.nan if value is None else value for value in values], np.float64)
    low, high = np.nanmin(points), np.nanmax(points)
    shares = (points - low) / (high - low) if high > low else points - low
    edges = np.interp(
        np.linspace(0, len(points) - 1, pixels + 1), np.arange(len(points)), _down(shares, height) * ratio
    )
    upper, lower = np.minimum(edges[:-1], edges[1:]), np.maximum(edges[:-1], edges[1:])
    row = np.arange(rows)[:, None]
    half = _HALF_LINE * ratio
    line = np.clip(np.minimum(row + 1, lower + half) - np.maximum(row, upper - half), 0, 1)
    ground = np.clip(row + 1 - upper, 0, 1) * _GROUND
    share = np.nan_to_num(np.maximum(line, ground))[..., None]
    colour = np.array([rgb & 255, rgb >> 8 & 255, rgb >> 16 & 255, 255])  # as it lies in memory
    drawn = np.rint(share * colour).astype(np.uint8)
    picture = QImage(drawn.tobytes(), pixels, rows, 4 * pixels, QImage.Format.Format_ARGB32_Premultiplied).copy()
    picture.setDevicePixelRatio(ratio)
    return picture
