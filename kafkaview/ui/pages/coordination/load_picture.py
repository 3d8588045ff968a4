"""The load of each broker as bars against the even share: leaders at the left, replicas at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kafkaview.coordination.balance import Balance, Load
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number

_ROW, _BAR, _HEAD, _ID, _FIGURE, _GAP = 26, 14, 30, 64, 70, 24


class LoadPicture(QWidget):
    """One row per broker. A bar beyond the dashed line is more than the even share."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._loads: tuple[Load, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme.changed.connect(self._fit)
        self._fit()

    def show_balance(self, balance: Balance) -> None:
        """Shows the load of the brokers."""
        self._loads = balance.loads
        self.setAccessibleName(sentence(balance))
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(600), self._theme.px(_HEAD + _ROW * len(self._loads) + 8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, left = self._theme.px, self._theme.px(16)
        half = (self.width() - left - px(_ID) - px(_GAP) - px(16)) / 2
        leaders = QRectF(left + px(_ID), 0, half, self.height())
        replicas = QRectF(leaders.right() + px(_GAP), 0, half, self.height())
        self._names(painter, left)
        self._bars(painter, leaders, "Leaders", [load.leaders for load in self._loads], "series_1")
        self._bars(painter, replicas, "Replicas", [load.replicas for load in self._loads], "series_3")
        painter.end()

    def _names(self, painter: QPainter, left: int) -> None:
        painter.setFont(self._theme.font(12, 600))
        painter.setPen(self._theme.color("text"))
        for place, load in enumerate(self._loads):
            painter.drawText(self._line(left, self._theme.px(_ID), place), _MIDDLE, str(load.broker))

    def _bars(self, painter: QPainter, area: QRectF, title: str, counts: Sequence[int], tone: str) -> None:
        theme, even = self._theme, sum(counts) / len(counts) if counts else 0
        room = area.width() - theme.px(_FIGURE)
        scale = room / max([*counts, even, 1])
        painter.setFont(theme.font(12, 600))
        painter.setPen(theme.color("text"))
        head = QRectF(area.left(), 0, area.width(), theme.px(_HEAD))
        painter.drawText(head, _MIDDLE, f"{title}, even share {_share(even)}")
        painter.setFont(theme.font(12))
        for place, count in enumerate(counts):
            line = self._line(area.left(), room, place)
            bar = QRectF(line.left(), line.center().y() - theme.px(_BAR) / 2, max(1, count * scale), theme.px(_BAR))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(tone))
            painter.drawRoundedRect(bar, 3, 3)
            painter.setPen(theme.color("text"))
            painter.drawText(line.translated(bar.width() + theme.px(6), 0), _MIDDLE, number(count))
        painter.setPen(QPen(theme.color("text_2"), 1.2, Qt.PenStyle.DashLine))
        across = area.left() + even * scale
        painter.drawLine(QLineF(across, theme.px(_HEAD), across, theme.px(_HEAD + _ROW * len(counts))))

    def _line(self, left: float, width: float, place: int) -> QRectF:
        return QRectF(left, self._theme.px(_HEAD + _ROW * place), width, self._theme.px(_ROW))

    def _fit(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()


_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def _share(even: float) -> str:
    return f"{even:,.1f}".removesuffix(".0")


def sentence(balance: Balance) -> str:
    """Returns the picture in words, for screen readers."""
    rows = (f"broker {load.broker} leads {load.leaders} and holds {load.replicas} replicas" for load in balance.loads)
    return f"What each broker carries: {', '.join(rows)}"
