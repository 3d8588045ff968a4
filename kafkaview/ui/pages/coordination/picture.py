"""A picture of the quorum: the leader in the middle, voters as circles, observers as rounded squares around it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.kit.focus_ring import RINGED
from kafkaview.ui.kit.marks import Mark, paint_mark
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.orbits import MANY, RINGS, Orbits, Spot, orbits, spots
from kafkaview.ui.pages.coordination.replicas import QuorumNode

_SIZE = 17  # half the height of a replica
_LOW_SIZE, _LOW = 13, 100  # in a room where the outermost ellipse is lower than this
_MARGIN = 34
_WELL = (Mark.OK, Mark.IDLE)
_OUTLINES = {Mark.WARN: "warn_solid", Mark.BAD: "bad_solid", Mark.UNKNOWN: "unknown_text", Mark.IDLE: "line_strong"}


class QuorumPicture(QWidget):
    """Shows the replicas. A click or the arrow keys choose one."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._nodes: tuple[QuorumNode, ...] = ()
        self._current: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Quorum")
        self.setProperty(RINGED, True)
        theme.changed.connect(self.update)

    def show_nodes(self, nodes: Sequence[QuorumNode]) -> None:
        """Shows these replicas."""
        self._nodes = tuple(nodes)
        self.setAccessibleDescription(sentence(nodes))
        self.update()

    def set_current(self, node: int | None) -> None:
        """Rings the replica that is selected elsewhere."""
        self._current = node
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(560), self._theme.px(360))

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(300), self._theme.px(200))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        where, shown = self._orbits(), self._spots()
        self._paint_rings(painter, where)
        for spot in shown:
            self._paint_way(painter, spot, where)
        for spot, box in self._words(painter, shown):
            self._paint_word(painter, box, spot.node.distance, _tone(spot.node), behind=True)
        for spot in shown:
            self._paint_spot(painter, spot)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        spot = self.spot_at(event.position())
        if spot is not None and event.button() is Qt.MouseButton.LeftButton:
            self._choose(spot.node.id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        spot = self.spot_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if spot else Qt.CursorShape.ArrowCursor)
        self.setToolTip(escape_tip(_describe_node(spot.node) if spot else ""))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: arrows go round."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        ids = [node.id for node in self._nodes]
        if step is None or not ids:
            super().keyPressEvent(event)
            return
        self._choose(ids[(ids.index(self._current) + step) % len(ids)] if self._current in ids else ids[0])

    def spot_at(self, point: QPointF) -> Spot | None:
        """Returns the replica under a point."""
        return next((spot for spot in self._spots() if spot.area().contains(point)), None)

    def _choose(self, node: int) -> None:
        self.set_current(node)
        self.chosen.emit(node)

    def _orbits(self) -> Orbits:
        return orbits(QRectF(self.rect()), self._theme.px(_MARGIN))

    def _spots(self) -> tuple[Spot, ...]:
        return spots(self._nodes, self._orbits(), self._theme.px(_LOW_SIZE if self._low else _SIZE))

    @property
    def _crowded(self) -> bool:
        return self._low or len(self._nodes) > MANY

    @property
    def _low(self) -> bool:
        """Whether there is no room for words under healthy replicas; the table has them too."""
        return self._orbits().down < self._theme.px(_LOW)

    def _paint_rings(self, painter: QPainter, where: Orbits) -> None:
        for place, word in enumerate(RINGS):
            pen = QPen(self._theme.color("line"), 1)
            if place == len(RINGS) - 1:
                pen.setDashPattern([5, 4])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = where.ring(place)
            painter.drawEllipse(ring)
            self._word(painter, QPointF(ring.center().x(), ring.top()), word, "text_3", behind=True)

    def _paint_way(self, painter: QPainter, spot: Spot, where: Orbits) -> None:
        if spot.node.leader or spot.small:
            return
        silent = spot.node.mark in (Mark.BAD, Mark.UNKNOWN, Mark.IDLE)
        pen = QPen(self._theme.color(_OUTLINES[spot.node.mark] if silent else "line_strong"), 1.2)
        if silent:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(where.middle, spot.at)

    def _paint_spot(self, painter: QPainter, spot: Spot) -> None:
        node, size = spot.node, spot.size
        self._outline(painter, spot)
        if spot.small:
            return
        painter.setPen(self._theme.color("text"))
        painter.setFont(self._theme.font(15 if node.leader else 11 if self._low else 13, 600))
        box = QRectF(spot.at.x() - 2 * size, spot.at.y() - size, 4 * size, 2 * size)
        if node.leader:
            painter.drawText(box.translated(0, -self._theme.px(6)), Qt.AlignmentFlag.AlignCenter, str(node.id))
            self._word(painter, spot.at + QPointF(0, self._theme.px(10)), "led" if node.stale else "leader", "accent")
            return
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(node.id))
        side = self._theme.px(13)
        corner = spot.at + QPointF(size * 0.95, -size * 0.85)
        paint_mark(
            painter, QRectF(corner.x() - side / 2, corner.y() - side / 2, side, side), node.mark, self._theme.tokens
        )

    def _words(self, painter: QPainter, shown: Sequence[Spot]) -> list[tuple[Spot, QRectF]]:
        """Returns the replicas with their distance written under them. Healthy ones have none where it is crowded; the
        table has it too.
        """
        painter.setFont(self._theme.font(11, 500))
        words: list[tuple[Spot, QRectF]] = []
        for spot in sorted(shown, key=lambda one: one.node.mark in _WELL):
            box = self._word_box(painter, spot.at + QPointF(0, spot.size + self._theme.px(14)), spot.node.distance)
            others = [other.area() for other in shown if other is not spot] + [taken for _spot, taken in words]
            if spot.small or spot.node.leader:
                continue
            if spot.node.mark not in _WELL or not (self._crowded or any(map(box.intersects, others))):
                words.append((spot, box))
        return words

    def _outline(self, painter: QPainter, spot: Spot) -> None:
        node, size = spot.node, spot.size
        calm = "accent" if node.leader else "ok_solid" if node.voter else "line_strong"
        pen = QPen(self._theme.color(_OUTLINES.get(node.mark, calm)), 2)
        if node.mark in (Mark.BAD, Mark.UNKNOWN, Mark.IDLE):
            pen.setDashPattern([2.5, 1.8])
        box = QRectF(spot.at.x() - size, spot.at.y() - size, 2 * size, 2 * size)
        if node.id == self._current:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setBrush(self._theme.color("select"))
            painter.drawEllipse(box.adjusted(-5, -5, 5, 5))
        painter.setPen(pen)
        painter.setBrush(self._theme.color("accent_soft" if node.leader and not node.stale else "surface"))
        if node.voter:
            painter.drawEllipse(box)
        else:
            painter.drawRoundedRect(box.adjusted(0, size * 0.18, 0, -size * 0.18), 5, 5)

    def _word(self, painter: QPainter, at: QPointF, word: str, tone: str, *, behind: bool = False) -> None:
        """Paints a word around a point, on the page's background where a line would run through it."""
        painter.setFont(self._theme.font(11, 500))
        self._paint_word(painter, self._word_box(painter, at, word), word, tone, behind=behind)

    def _word_box(self, painter: QPainter, at: QPointF, word: str) -> QRectF:
        metrics = painter.fontMetrics()
        wide, high = metrics.horizontalAdvance(word) + 10, metrics.height()
        box = QRectF(at.x() - wide / 2, at.y() - high / 2, wide, high)
        box.moveLeft(min(max(0.0, box.left()), self.width() - wide))
        return box

    def _paint_word(self, painter: QPainter, box: QRectF, word: str, tone: str, *, behind: bool) -> None:
        painter.setFont(self._theme.font(11, 500))
        if behind:
            painter.fillRect(box, self._theme.color("surface"))
        painter.setPen(self._theme.color(tone))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)


def sentence(nodes: Sequence[QuorumNode]) -> str:
    """Returns the picture in words, for screen readers."""
    return ". ".join(_describe_node(node).capitalize() for node in nodes)


def _tone(node: QuorumNode) -> str:
    return node.mark.text_token if node.mark is Mark.BAD else "text_2"


def _describe_node(node: QuorumNode) -> str:
    if node.leader:
        return f"{node.name} {'led' if node.stale else 'leads'}"
    return f"{node.name}, {node.role}, {node.health}, {node.distance}"
