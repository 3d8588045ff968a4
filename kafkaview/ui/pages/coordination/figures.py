"""The five figures at the top: the quorum, the mode, the leader, the high watermark, the elections."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.cluster.ports.feature_levels import METADATA_VERSION, feature_word
from kafkaview.cluster.ports.zookeeper import MigrationPhase
from kafkaview.coordination.history import HOUR_MS
from kafkaview.coordination.migration import migration_sight
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView, Leadership
from kafkaview.ui.kit.controls import Text, escape_tip, ground, hairline, repolish
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.replicas import QUORUM_MARKS
from kafkaview.ui.pages.coordination.words import MODES, health_text, health_word, why_no_quorum
from kafkaview.words import DASH, clock, join_lines, last_span, minute, number, plural, rate

_TITLES = ("Quorum", "Mode", "Leader", "High watermark", "Elections")
_SHARES = (27, 27, 22, 16, 17)
_ROOM = 780  # for five in a row


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and the words under it."""

    value: str
    text: str
    mark: Mark | None = None
    tip: str = ""
    span: str = ""  # what time it is of, after its title


class Figures(QWidget):
    """A row of figures; its background is `bad_fill` if the quorum is lost."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: CoordinationView | None = None
        self._mode: str | None = None
        self._cells = tuple(_Cell(theme, title) for title in _TITLES)
        self._theme = theme
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._lay_out(len(_TITLES))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        ground(self, "surface")

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows a new view."""
        self._view = view
        for cell, figure in zip(self._cells, figures(view, self._mode), strict=True):
            cell.show_figure(figure)
        ground(self, "bad_fill" if view.lost else "surface")
        repolish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: two rows where there is little room."""
        super().resizeEvent(event)
        self._lay_out(len(_TITLES) if self.width() >= self._theme.px(_ROOM) else 3)

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, cell in enumerate(self._cells):
            self._grid.addWidget(cell, place // columns, place % columns)
            cell.line.setVisible(place % columns < columns - 1)
        for column, share in enumerate(_SHARES):
            self._grid.setColumnStretch(column, share if column < columns else 0)

    def say_mode(self, mode: str | None) -> None:
        """Shows the mode that any principal may see, if nothing better is known."""
        if mode != self._mode:
            self._mode = mode
            if self._view is not None:
                self.show_coordination(self._view)

    @property
    def shown(self) -> tuple[Figure, ...]:
        """The figures that are shown."""
        return tuple(cell.figure for cell in self._cells)


class _Cell(QWidget):
    """The widget of one figure."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.figure = Figure(DASH, "")
        self._name = title
        self._title = Text(title, size=11, weight=500, tone="text_3")
        self._mark = MarkLabel(theme, Mark.IDLE)
        self._value = Text(size=18, weight=600)
        self._text = Text(size=12, tone="text_2", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._mark)
        head.addWidget(self._value, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout()
        row.addLayout(column, 1)
        self.line = hairline(vertical=True)
        row.addWidget(self.line)
        column.setContentsMargins(16, 11, 8, 9)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addLayout(head)
        column.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)
        for part in (self._value, self._text):
            part.setMinimumWidth(1)
        self.show_figure(self.figure)

    def show_figure(self, figure: Figure) -> None:
        """Shows another figure."""
        self.figure = figure
        self._mark.setVisible(figure.mark is not None)
        if figure.mark is not None:
            self._mark.set_mark(figure.mark)
        tinted = figure.mark in (Mark.WARN, Mark.BAD)
        self._value.set_tone(figure.mark.text_token if figure.mark is not None and tinted else "text")
        self._value.setText(figure.value)
        self._text.setText(figure.text)
        title = f"{self._name}, {figure.span}" if figure.span else self._name
        self._title.setText(title)
        self.setToolTip(escape_tip(figure.tip or figure.text))
        self.setAccessibleName(f"{title}: {figure.value}. {figure.text}")


def figures(view: CoordinationView, mode: str | None = None) -> tuple[Figure, ...]:
    """Returns the five figures of a view; `mode` is what is known besides it."""
    quorum = view.quorum
    mark = (
        Mark.BAD
        if view.lost
        else Mark.WARN
        if view.electing
        else Mark.UNKNOWN
        if quorum is None or view.stale
        else QUORUM_MARKS[quorum.health]
    )
    return (
        Figure(health_word(view), health_text(view), Mark.IDLE if view.mode is CoordinationMode.ZOOKEEPER else mark),
        _mode(view, mode),
        _leader(view),
        _watermark(view),
        _elections(view),
    )


def _mode(view: CoordinationView, mode: str | None) -> Figure:
    coordination = view.coordination
    if coordination is None:
        return Figure(DASH, "no broker has said") if mode is None else Figure(mode, "by a broker's features")
    sides = (*coordination.kraft_brokers, *coordination.zookeeper_brokers)
    agreed = f"said by {plural(len(sides), 'broker')}" if sides else ""
    said = ", ".join(filter(None, (_move(coordination), agreed, _metadata(coordination))))
    return Figure(MODES[coordination.mode], said or "no broker has said", tip=join_lines(*coordination.evidence))


def _move(coordination: Coordination) -> str:
    """Returns the phase of a migration to KRaft, if there is one or may be."""
    sight = migration_sight(coordination)
    moving = sight is not None and sight.phase is not MigrationPhase.NONE
    return sight.name if sight is not None and moving else ""


def _metadata(coordination: Coordination) -> str:
    level = next((one.finalized for one in coordination.features if one.name == METADATA_VERSION), None)
    return "" if level is None else f"metadata {feature_word(METADATA_VERSION, level)}"


def _leader(view: CoordinationView) -> Figure:
    quorum = view.quorum
    if quorum is None or quorum.leader_id is None:
        return _controller(view)
    if view.stale or view.lost:
        epoch = number(quorum.leader_epoch)
        return Figure(
            "None" if view.answer is CoordinationAnswer.LEADERLESS else DASH,
            f"controller {quorum.leader_id} led in epoch {epoch}",
        )
    last = view.leaders[-1] if view.leaders else None
    return Figure(f"Controller {quorum.leader_id}", f"{_since(last)}, epoch {number(quorum.leader_epoch)}")


def _controller(view: CoordinationView) -> Figure:
    controller = view.coordination.controller_id if view.coordination is not None else None
    if controller is not None and view.mode is CoordinationMode.ZOOKEEPER:
        return Figure(f"Broker {controller}", "elected by ZooKeeper")
    if controller is not None and view.mode is CoordinationMode.MIGRATING:
        return Figure(f"Controller {controller}", "the quorum is unknown")
    return Figure(DASH, why_no_quorum(view))


def _since(last: Leadership | None) -> str:
    return "active" if last is None or last.since_ms is None else f"active since {minute(last.since_ms)}"


def _watermark(view: CoordinationView) -> Figure:
    quorum = view.quorum
    if quorum is None:
        return Figure(DASH, why_no_quorum(view))
    value = number(quorum.high_watermark)
    if view.stale:
        return Figure(value, f"at {clock(view.quorum_at_ms)}")
    if view.watermark_rate is None:
        return Figure(value, "measuring")
    moves = "moves" if view.watermark_rate > 0 else "stands still"
    return Figure(value, f"+{rate(view.watermark_rate)}, {moves}" if view.watermark_rate > 0 else moves)


def _elections(view: CoordinationView) -> Figure:
    seen = [minute(one.since_ms) for one in view.leaders if one.since_ms is not None]
    if view.watched_since_ms is None or not view.leaders:
        return Figure(DASH, why_no_quorum(view))
    span = last_span(min(HOUR_MS, view.at_ms - view.watched_since_ms))
    if not view.elections:
        return Figure("0", f"watched since {minute(view.watched_since_ms)}", span=span)
    return Figure(number(view.elections), " and ".join(seen[-2:]), span=span)
