"""The outcome of a write above the pages of the window, until it is dismissed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.triage.watch.view import Point, View
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button, ground, hairline, repolish
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.plots import Event, LagPlot, Line
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.outcome import OutcomeWords
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.run import Run
from kafkaview.ui.writes.undoing import open_undo
from kafkaview.ui.writes.write_result import MovedGroup, Result
from kafkaview.words import join_names, name_text, number, plural

_BEFORE_MS = 20_000  # shown of the time before a group was moved


class OutcomeStrip(QWidget):
    """The newest outcome; hidden until a write has ended. If it moved a group, the group's lag is plotted."""

    changed = Signal()  # a plan that was made from here has ended: pages may ask again

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._moved: MovedGroup | None = None
        self.deed = Text(size=12, tone="text_2", wrap=True)
        self.words = OutcomeWords(theme)
        self._plot = LagPlot(theme)
        self._plot.setMaximumWidth(theme.px(330))
        self._plot.setFixedHeight(theme.px(96))
        self._group = Button(theme, kind=ButtonKind.LINK, clicked=self._look)
        self.stands = Button(theme, "Show it in Triage", kind=ButtonKind.LINK, clicked=self._look_at_incident)
        self.lag = Text(size=12, tone="text_2")
        self._result: Result | None = None
        self._shown: Result | None = None  # what has become of it
        self._again: str | None = None  # the group that stands again
        self.open_record = Button(theme, kind=ButtonKind.LINK, clicked=self._open_record)
        self._record: RecordId | None = None
        self.entry = Button(theme, kind=ButtonKind.LINK, clicked=self._open_entry)
        self.undo = Button(theme, "Undo…", kind=ButtonKind.LINK, clicked=self._undo)
        self.remove = Button(theme, kind=ButtonKind.LINK, clicked=self._remove)
        self._entry: int | None = None
        self._asks_members = False
        self._empty_queue: str | None = None
        self.dismiss = Button(theme, kind=ButtonKind.ICON, icon="x", tip="Dismiss", clicked=self._dismiss)
        self._lay_out()
        self.hide()

    def follow(self, run: Run) -> None:
        """Shows the outcome of a write that has begun, as soon as it ends."""
        self._dismiss()
        run.ended.connect(partial(self._show_result, run.title))

    def look(self, view: View) -> None:
        """Plots the lag of the group that was moved, and says where it stands again; called with every sample."""
        moved = self._moved
        if moved is None or self.isHidden():
            return
        self._turn(moved, view)
        self._context.tasks.start("outcome", self._show_history(moved), on_error=_keep_plot)

    def _turn(self, moved: MovedGroup, view: View) -> None:
        """Says that the group stands again, on which record, with the way there; or that it moves again after all. That
        it moves is dated while that is not seen.
        """
        if self._result is None:
            return
        result = self._result
        groups = (moved, *result.moved_too)
        seen = [one for one in groups if view.tells_health and view.sees(one.group)]
        again = {one.group: stuck for one in seen for stuck in view.stuck if _stands_again(stuck, one)}
        if again:
            result = replace(result, tone="warn", title=stand_again(again), advice=())
        elif len(seen) < len(groups):
            if self._again is not None:
                return
            if result.moves:
                result = replace(result, tone="unknown", title=f"When last seen: {result.title}")
        if result == self._shown:
            return
        self._shown = result
        self._again = next(iter(again), None)
        self.words.show_result(result)
        sheet = Veil.over(self.window())
        if isinstance(sheet, PlanDialog):
            sheet.turn(result)
        self.stands.setVisible(self._again is not None)
        ground(self, Mark.of_tone(result.tone).fill_token)
        repolish(self)

    def _show_result(self, deed: str, result: Result) -> None:
        if isinstance(Veil.over(self.window()), PlanDialog):
            result = replace(result, secret=None)  # the sheet shows it, once
        self._moved = moved = result.moved
        self._result, self._shown, self._again = result, result, None
        self.stands.hide()
        self.lag.hide()
        self.deed.setText(deed)
        self.words.show_result(result)
        ground(self, Mark.of_tone(result.tone).fill_token)
        repolish(self)
        self._group.setVisible(moved is not None)
        self._group.setText(escape_button(f"Open {name_text(moved.group)} in Groups") if moved else "")
        self._record = result.record
        self.open_record.setVisible(result.record is not None)
        self.open_record.setText(escape_button(f"Open {result.record} in Records"))
        self._entry, self._asks_members = result.journal_id, result.asks_members
        self.entry.setText(f"Journal entry {self._entry}")
        self.entry.setVisible(self._entry is not None)
        self.undo.setVisible(result.undoable)
        self._empty_queue = result.empty_queue
        self.remove.setText(escape_button(f"Remove {result.empty_queue}…"))
        self.remove.setVisible(result.empty_queue is not None)
        self._plot.setVisible(moved is not None)
        self.show()

    async def _show_history(self, moved: MovedGroup) -> None:
        points = await self._context.engine.history(moved.group, moved.topic_partition)
        if self._moved is not moved:
            return
        shown = [point for point in points if point.at_ms >= moved.moved_at_ms - _BEFORE_MS]
        newest = _lag(points[-1]) if points else None
        self.lag.setText(f"{plural(newest, 'record waits', 'records wait')} now" if newest is not None else "")
        self.lag.setVisible(newest is not None)
        line = Line([(point.at_ms, _lag(point)) for point in shown], "series_1")
        self._plot.show_lines([line], [Event(moved.moved_at_ms, "moved", "ok_text")], fill="series_1", from_zero=True)
        self._plot.say(f"Lag of {moved.group} on {moved.topic_partition} since it was moved")

    def _look(self) -> None:
        if self._moved is not None:
            self._context.go(Place("groups", self._moved.group))

    def _look_at_incident(self) -> None:
        if self._again is not None:
            self._context.go(Place("triage", self._again))

    def _open_record(self) -> None:
        if self._record is not None:
            self._context.go(Place("records", str(self._record)))

    def _undo(self) -> None:
        if self._entry is not None:
            asks = self._asks_members
            open_undo(self._context, self._entry, asks_members=asks, ended=lambda _result: self.changed.emit())

    def _remove(self) -> None:
        queue = self._empty_queue
        if queue is not None:
            make = lambda engine: engine.plan_delete_topic(queue)  # noqa: E731
            open_change(self._context, make, lambda _result: self.changed.emit())

    def _open_entry(self) -> None:
        if self._entry is not None:
            self._context.go(Place("journal", str(self._entry)))

    def _dismiss(self) -> None:
        self._moved = None
        self.words.secret.show_secret(None)
        self.hide()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        for part in (self.deed, self.words):
            words.addWidget(part)
        links = make_flow(
            self.stands, self.lag, self.entry, self.undo, self.remove, self._group, self.open_record, gap=12
        )
        links.setContentsMargins(30, 0, 0, 0)
        words.addLayout(links)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 12, 8)
        row.setSpacing(16)
        row.addLayout(words, stretch=3)
        row.addWidget(self._plot, stretch=2)  # as wide as it may be, but with large text
        row.addWidget(self.dismiss, alignment=Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(row, hairline()))


def _stands_again(stuck: Stuck, moved: MovedGroup) -> bool:
    here = (stuck.group, stuck.topic_partition) == (moved.group, moved.topic_partition)
    return here and stuck.since_ms > moved.moved_at_ms


def stand_again(groups: Mapping[str, Stuck]) -> str:
    """Returns that groups that were moved stand again: the first on which record, or where nothing is known of one."""
    (group, stuck), *others = groups.items()
    if stuck.suspect is not None:
        stands = f"stands again at {number(stuck.suspect.record.offset)}: another record"
    else:
        stands = f"stands again at {number(stuck.committed_offset)}: {stuck.verdict.row.label.lower()}"
    too = f"; {join_names([name for name, _stuck in others])} too" if others else ""
    return f"{name_text(group)} {stands}{too}"


def _lag(point: Point) -> int | None:
    if point.committed_offset is None or point.log_end_offset is None:
        return None
    return max(0, point.log_end_offset - point.committed_offset)


def _keep_plot(error: Exception) -> None:
    """Keeps the plot if no broker answers: the window says so itself."""
    if not isinstance(error, ClusterError):
        raise error
