"""The plot of arrivals: bars by hour, stacked by cause; each cause has a colour and a pattern of its own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.dead_letters.arrivals import ArrivalBars
from kafkaview.words import EscapedText, join_lines, minute, number, plural, visible_alone

_LEFT, _TOP, _BELOW, _LEGEND, _SWATCH, _LEAST = 44, 8, 18, 18, 10, 104
_TONES = ("series_1", "series_2", "series_3", "series_4")
_PATTERNS = (
    Qt.BrushStyle.SolidPattern,
    Qt.BrushStyle.BDiagPattern,
    Qt.BrushStyle.Dense5Pattern,
    Qt.BrushStyle.HorPattern,
)


class ArrivalsPlot(QWidget):
    """Emits the bar that is clicked; the arrows go from bar to bar, and Enter picks one."""

    picked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: ArrivalBars | None = None
        self._current: int | None = None  # the bar that the keyboard is at
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Arrivals")
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def bars(self) -> ArrivalBars | None:
        """The bars that are shown."""
        return self._bars

    def show_bars(self, bars: ArrivalBars | None) -> None:
        """Shows bars; None where no record has a time."""
        if self._bars is None or bars is None or self._bars.from_ms != bars.from_ms:
            self._current = None
        self._bars = bars
        self.setAccessibleName(_sentence(bars))
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(360), self._theme.px(150))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's: a bar is picked."""
        self._pick(self._bar_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: to the bar before or after that has records, or picks it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self._current)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Qt's: the tooltip tells a bar's time and numbers."""
        if isinstance(event, QHelpEvent) and self._bars is not None:
            bar = self._bar_at(event.pos().x())
            QToolTip.showText(event.globalPos(), "" if bar is None else escape_tip(_tip(self._bars, bar)), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setFont(self._theme.font(11))
        if self._bars is None:
            painter.setPen(self._theme.color("text_3"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No record has a time")
        else:
            self._scale(painter, self._bars)
            for place, counts in enumerate(self._bars.counts):
                self._bar(painter, self._bars, place, counts)
            self._times(painter, self._bars)
            self._legend(painter, self._bars)
        painter.end()

    def _pick(self, bar: int | None) -> None:
        if bar is not None and self._bars is not None and any(self._bars.counts[bar]):
            self.picked.emit(bar)

    def _step(self, way: int) -> None:
        """Goes to the next bar that has records; the first step goes to the newest."""
        if self._bars is None:
            return
        filled = [place for place, counts in enumerate(self._bars.counts) if any(counts)]
        current = self._current
        ahead = [place for place in filled if current is None or (place - current) * way > 0]
        if ahead:
            self._current = ahead[-1] if current is None or way < 0 else ahead[0]
            self.setAccessibleDescription(_tip(self._bars, self._current))
            self.update()

    def _fit(self) -> None:
        self.setMinimumHeight(self._theme.px(_LEAST))
        self.update()

    def _area(self) -> QRectF:
        px = self._theme.px
        return QRectF(px(_LEFT), px(_TOP), self.width() - px(_LEFT + 8), self.height() - px(_TOP + _BELOW + _LEGEND))

    def _bar_at(self, x: float) -> int | None:
        if self._bars is None:
            return None
        area = self._area()
        bar = int((x - area.left()) / area.width() * len(self._bars.counts))
        return bar if x >= area.left() and 0 <= bar < len(self._bars.counts) else None

    def _scale(self, painter: QPainter, bars: ArrivalBars) -> None:
        area = self._area()
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - area.height() * share
            painter.setPen(QPen(self._theme.color("line"), 1))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            value = bars.most * share
            if value == int(value):
                painter.setPen(self._theme.color("text_3"))
                box = QRectF(0, y - 8, area.left() - 6, 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(int(value)))

    def _bar(self, painter: QPainter, bars: ArrivalBars, place: int, counts: tuple[int, ...]) -> None:
        area = self._area()
        wide = area.width() / len(bars.counts)
        base = area.bottom()
        for series, count in enumerate(counts):
            if count:
                high = max(1.0, area.height() * count / bars.most)
                box = QRectF(area.left() + place * wide + 1, base - high, max(2.0, wide - 2), high)
                self._fill(painter, box, series)
                base -= high
        if place == self._current and self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(area.left() + place * wide, area.top(), wide, area.height()))

    def _fill(self, painter: QPainter, box: QRectF, series: int) -> None:
        colour = self._theme.color(_TONES[series])
        painter.setPen(QPen(colour, 1))
        painter.setBrush(QBrush(colour, _PATTERNS[series]))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _times(self, painter: QPainter, bars: ArrivalBars) -> None:
        area = self._area()
        painter.setPen(self._theme.color("text_3"))
        box = QRectF(area.left(), area.bottom() + 2, area.width(), self._theme.px(_BELOW))
        middle = bars.from_ms + bars.width_ms * len(bars.counts) // 2
        labels = [
            (Qt.AlignmentFlag.AlignHCenter, minute(middle)),
            (Qt.AlignmentFlag.AlignLeft, minute(bars.from_ms)),
            (Qt.AlignmentFlag.AlignRight, minute(bars.span(len(bars.counts) - 1)[1])),
        ]
        metrics = QFontMetrics(painter.font())
        while labels and sum(metrics.horizontalAdvance(text) for _, text in labels) > area.width() - self._theme.px(16):
            del labels[0]  # the least needed goes first
        for side, text in labels:
            painter.drawText(box, side | Qt.AlignmentFlag.AlignTop, text)

    def _legend(self, painter: QPainter, bars: ArrivalBars) -> None:
        px, area = self._theme.px, self._area()
        left, top = area.left(), self.height() - px(_LEGEND)
        each = area.width() / max(1, len(bars.titles))
        metrics = QFontMetrics(painter.font())
        for series, title in enumerate(bars.titles):
            self._fill(painter, QRectF(left, top + px(4), px(_SWATCH), px(_SWATCH)), series)
            room = each - px(_SWATCH + 14)
            painter.setPen(self._theme.color("text_2"))
            text = metrics.elidedText(visible_alone(title), Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(
                QRectF(left + px(_SWATCH + 5), top, room, px(_LEGEND)),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            left += each


def _tip(bars: ArrivalBars, bar: int) -> EscapedText:
    begin, end = bars.span(bar)
    counts = [f"{title}: {number(many)}" for title, many in zip(bars.titles, bars.counts[bar], strict=True) if many]
    return join_lines(f"{minute(begin)} to {minute(end)}", *(counts or ["none"]))


def _sentence(bars: ArrivalBars | None) -> str:
    if bars is None:
        return "Arrivals: no record has a time"
    total = sum(sum(one) for one in bars.counts)
    ends = f"{minute(bars.from_ms)} and {minute(bars.span(len(bars.counts) - 1)[1])}"
    return f"Arrivals: {plural(total, 'dead letter')} between {ends}, at most {number(bars.most)} in a bar"
