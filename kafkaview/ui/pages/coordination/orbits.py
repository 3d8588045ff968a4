"""Where each replica is drawn in the picture: the further out, the further behind the leader. No painting here."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.coordination.replicas import QuorumNode

IN_STEP_MS: Final = 500  # the leader writes a record every 500 ms when nothing happens
RINGS: Final = ("in step", "1 s behind", "10 s or more")
_RADII: Final = (0.44, 0.72, 1.0)
MANY: Final = 12  # from here on there is no room for every id
_TOP: Final = math.radians(32)
_STEPS: Final = 360
_LEADER: Final = 1.55  # its size to that of the others
_GAP: Final = 4  # pixels at least between it and the others


@dataclass(frozen=True, slots=True)
class Spot:
    """One replica in the picture; `size` is half its height."""

    node: QuorumNode
    at: QPointF
    size: float
    small: bool = False  # a dot without its id

    def area(self) -> QRectF:
        """Returns the area of a click on it: at least 24 by 24 pixels."""
        half = max(self.size, 12.0)
        return QRectF(self.at.x() - half, self.at.y() - half, 2 * half, 2 * half)


@dataclass(frozen=True, slots=True)
class Orbits:
    """The middle and the half axes of the outermost ellipse."""

    middle: QPointF
    across: float
    down: float

    def ring(self, place: int) -> QRectF:
        """Returns one of the three ellipses."""
        across, down = self.across * _RADII[place], self.down * _RADII[place]
        return QRectF(self.middle.x() - across, self.middle.y() - down, 2 * across, 2 * down)


def orbits(room: QRectF, margin: float) -> Orbits:
    """Returns the ellipses that fit into an area, with a margin for the outermost replicas and their words."""
    inside = room.adjusted(1.5 * margin, 0.6 * margin, -1.5 * margin, -1.3 * margin)
    return Orbits(inside.center(), max(20.0, inside.width() / 2), max(20.0, inside.height() / 2))


def spots(nodes: Sequence[QuorumNode], where: Orbits, size: float) -> tuple[Spot, ...]:
    """Returns the leader in the middle and the others around it. If there are many, healthy observers are dots."""
    others = [node for node in nodes if not node.leader]
    many = len(others) > MANY
    dots = [many and not node.voter and node.mark in (Mark.OK, Mark.IDLE) for node in others]
    angles = _angles([1 if dot else 8 if many else 1 for dot in dots], where)
    leader = [Spot(node, where.middle, size * _LEADER) for node in nodes if node.leader]
    least = size * (_LEADER + 1) + _GAP
    around = [
        Spot(node, _clear(where, _at(where, angle, radius(node)), least), size * 0.35 if dot else size, small=dot)
        for node, dot, angle in zip(others, dots, angles, strict=True)
    ]
    return (*leader, *around)


def radius(node: QuorumNode) -> float:
    """Returns how far out a replica is drawn, 0 to 1, by its time behind the leader. Silent and unknown replicas are
    drawn on the outermost ellipse.
    """
    behind = node.behind_ms
    if behind is None or node.down:
        return _RADII[2]
    if behind <= IN_STEP_MS:
        return _RADII[0]
    if behind <= 1_000:
        return _between(_RADII[0], _RADII[1], math.log(behind / IN_STEP_MS) / math.log(1_000 / IN_STEP_MS))
    return _between(_RADII[1], _RADII[2], min(1.0, math.log10(behind / 1_000)))


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _angles(weights: Sequence[int], where: Orbits) -> list[float]:
    """Returns directions evenly along the ellipse, for even angles would crowd the sides of a flat one. The top is left
    free for the words of the ellipses.
    """
    if len(weights) == 1:
        return [math.pi / 6]
    whole = sum(weights)
    before = [0, *accumulate(weights)]
    way = _way(where)
    shares = [(start + weight / 2) / whole for start, weight in zip(before, weights, strict=False)]
    return [-math.pi / 2 + _TOP + (2 * math.pi - 2 * _TOP) * bisect(way, share * way[-1]) / _STEPS for share in shares]


def _way(where: Orbits) -> list[float]:
    """Returns the length along the outermost ellipse after each step of the angle."""
    angles = [-math.pi / 2 + _TOP + (2 * math.pi - 2 * _TOP) * step / _STEPS for step in range(_STEPS)]
    return list(accumulate(math.hypot(where.across * math.sin(one), where.down * math.cos(one)) for one in angles))


def _at(where: Orbits, angle: float, out: float) -> QPointF:
    return QPointF(
        where.middle.x() + math.cos(angle) * where.across * out, where.middle.y() + math.sin(angle) * where.down * out
    )


def _clear(where: Orbits, at: QPointF, least: float) -> QPointF:
    """Returns a place in the same direction, far enough out to be clear of the leader: low areas have flat ellipses."""
    way = at - where.middle
    far = math.hypot(way.x(), way.y())
    return at if far >= least else where.middle + way * (least / far)
