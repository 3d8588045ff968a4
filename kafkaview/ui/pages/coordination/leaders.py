"""The leaders of the quorum over the last hour as a bar: a new piece for every election."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kafkaview.coordination.view import CoordinationView, Leadership
from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, last_span, number

_SERIES = ("series_1", "series_2", "series_3", "series_4")
_BAR, _HEIGHT, _LEFT, _RIGHT = 24, 42, 39, 30  # left and right as the plot below
_LEAST = 4


class LeaderBar(QWidget):
    """Shows leaderships from the first view until now, on the time axis of the plot below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._leaders: tuple[Leadership, ...] = ()
        self._from_ms = self._to_ms = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_coordination(self, view: CoordinationView, from_ms: int) -> None:
        """Shows who has led since a time."""
        self._leaders = view.leaders
        self._from_ms, self._to_ms = from_ms, max(view.at_ms, from_ms + 1)
        led = ", ".join(_describe_leadership(one) for one in self._leaders)
        text = f"Leaders, {last_span(view.at_ms - from_ms)}: {led}"
        self.setAccessibleName(text)
        self.setToolTip(escape_tip(text))
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(300), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tones = _tones(self._leaders)
        starts = [self._x(one.since_ms or self._from_ms) for one in self._leaders]
        ends = [*starts[1:], self._x(self._to_ms)]
        for one, left, right in zip(self._leaders, starts, ends, strict=True):
            self._paint(painter, one, QRectF(left, 1, max(_LEAST, right - left - 1), self._theme.px(_BAR)), tones)
        painter.end()

    def _paint(self, painter: QPainter, one: Leadership, box: QRectF, tones: dict[int | None, str]) -> None:
        tone = tones[one.leader_id]
        painter.setPen(QPen(self._theme.color(tone), 1))
        painter.setBrush(self._theme.color(tone, alpha=40))
        painter.drawRoundedRect(box, 3, 3)
        name = "no leader" if one.leader_id is None else f"controller {one.leader_id}"
        painter.setFont(self._theme.font(12, 600))
        for words in (name, str(one.leader_id)):
            if painter.fontMetrics().horizontalAdvance(words) + 12 <= box.width():
                painter.setPen(self._theme.color("text"))
                painter.drawText(box.adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
                break
        painter.setFont(self._theme.font(11))
        painter.setPen(self._theme.color("text_3"))
        below = QRectF(box.left(), box.bottom() + 1, box.width(), self._theme.px(16))
        epoch = f"epoch {number(one.epoch)}"
        if painter.fontMetrics().horizontalAdvance(epoch) <= box.width():
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, epoch)

    def _x(self, at_ms: int) -> float:
        left, right = self._theme.px(_LEFT), self.width() - self._theme.px(_RIGHT)
        share = (at_ms - self._from_ms) / (self._to_ms - self._from_ms)
        return left + (right - left) * min(1.0, max(0.0, share))


def _tones(leaders: Sequence[Leadership]) -> dict[int | None, str]:
    """Returns one colour for each controller; the present leader has the first."""
    ids = dict.fromkeys(one.leader_id for one in reversed(leaders))
    tones: dict[int | None, str] = {one: _SERIES[place % len(_SERIES)] for place, one in enumerate(ids)}
    return tones | {None: "bad_solid"} if None in tones else tones


def _describe_leadership(one: Leadership) -> str:
    who = "nobody" if one.leader_id is None else f"controller {one.leader_id}"
    since = "" if one.since_ms is None else f" since {clock(one.since_ms)}"
    return f"{who} in epoch {number(one.epoch)}{since}"
