"""Outline icons (Lucide) in a token's colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from kafkaview.resources import ROOT

_RATIOS = (1.0, 2.0, 3.0)


@lru_cache(maxsize=512)
def icon(name: str, colour: str, size: int = 16, gap: int = 0) -> QIcon:
    """Returns one icon, sharp at every screen scale; `gap` is room at its right, where Qt leaves too little."""
    drawing = _load_svg(name, colour)
    made = QIcon()
    for ratio in _RATIOS:
        made.addPixmap(_pixmap(drawing, size, ratio, gap))
    return made


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    """Returns one icon as a picture for a painter or a label."""
    return _pixmap(_load_svg(name, colour), size, ratio)


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """Returns kafkaview's own icon: three cells of the record strip, the middle one poison."""
    return QIcon(str(ROOT / "icons" / "kafkaview.svg"))


@lru_cache(maxsize=512)
def _load_svg(name: str, colour: str) -> QByteArray:
    svg = (ROOT / "icons" / "lucide" / f"{name}.svg").read_text(encoding="utf-8")
    return QByteArray(svg.replace("currentColor", colour).replace('stroke-width="2"', 'stroke-width="1.75"').encode())


def _pixmap(drawing: QByteArray, size: int, ratio: float, gap: int = 0) -> QPixmap:
    picture = QPixmap(round((size + gap) * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(drawing).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
