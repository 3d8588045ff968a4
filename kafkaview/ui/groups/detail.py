"""One group below the table: its state in a chip, the lag over time, its offsets and members."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.terms import Member, PartitionLag
from kafkaview.ui.controls import Button, Kind, Segments, Text, ground
from kafkaview.ui.flow import flowing
from kafkaview.ui.formats import clock, number, rate
from kafkaview.ui.groups.columns import MEMBERS, OFFSETS, partition_columns
from kafkaview.ui.groups.rates import Rates, rates
from kafkaview.ui.groups.rows import GroupRow, partitions_by_lag
from kafkaview.ui.marks import Chip, Mark
from kafkaview.ui.page import Context, Place
from kafkaview.ui.plots import Event, LagPlot, Line
from kafkaview.ui.tables import Table, TableModel

_TABS = ("lag", "offsets", "members")


class GroupDetail(QWidget):
    """Shows a group as it stands now and where it was."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._context = context
        self._row: GroupRow | None = None
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Moves")
        self._rates = Text(size=12, tone="text_2")
        self.open = Button(theme, "Open in Triage", kind=Kind.PRIMARY, icon="siren", clicked=self._open)
        self.tabs = Segments((("lag", "Lag"), ("offsets", "Offsets"), ("members", "Members")))
        self._plot = LagPlot(theme)
        self.partitions: TableModel[PartitionLag] = TableModel(
            partition_columns(lambda lag: self._row is not None and self._row.stands_on(lag)),
            lambda row: row.topic_partition,
        )
        self._offsets: TableModel[PartitionLag] = TableModel(OFFSETS, lambda row: row.topic_partition)
        self._members: TableModel[Member] = TableModel(MEMBERS, lambda row: row.member_id)
        self._views = QStackedWidget()
        self._lay_out()
        self.tabs.chosen.connect(lambda name: self._views.setCurrentIndex(_TABS.index(name)))

    def show_group(self, row: GroupRow, now_ms: int) -> None:
        """Show a group."""
        self._row = row
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.head)
        self.open.setVisible(bool(row.stuck))
        history = self._context.watch.total_history(row.name)
        self._rates.setText(_rates(rates(history, now_ms)))
        partitions = partitions_by_lag(row)
        self.partitions.set_rows(partitions)
        self._offsets.set_rows(sorted(partitions, key=lambda p: p.topic_partition))
        members = row.view.group.members if row.view.group is not None else ()
        self._members.set_rows(members)
        self.tabs.set_title("members", f"Members {number(row.members)}")
        self._show_lag(row)

    def _show_lag(self, row: GroupRow) -> None:
        points = self._context.watch.total_history(row.name)
        lags = [
            (
                p.at_ms,
                None
                if p.committed_offset is None or p.log_end_offset is None
                else p.log_end_offset - p.committed_offset,
            )
            for p in points
        ]
        bad = row.mark is Mark.BAD
        tone = "bad_solid" if bad else "series_1"
        events = [
            Event(
                stuck.since_ms,
                f"stops at {stuck.topic_partition} @ {number(stuck.committed_offset)}, {clock(stuck.since_ms)}",
            )
            for stuck in row.stuck[:1]
            if points and stuck.since_ms > points[0].at_ms
        ]
        self._plot.show_lines([Line(lags, tone)], events, fill=tone, from_zero=True)
        self._plot.say(f"Lag of {row.name} over the time that was watched, now {number(row.lag.records)}")

    def _open(self) -> None:
        if self._row is not None:
            self._context.go(Place("triage", self._row.name))

    def _lay_out(self) -> None:
        theme = self._context.theme
        head = flowing(self._name, self.chip, self._rates, gap=12)
        head.setContentsMargins(16, 8, 12, 6)
        head.push()
        head.addWidget(self.open)
        self._views.addWidget(self._plot)
        self._views.addWidget(Table(theme, self._offsets, "Offsets of the group"))
        self._views.addWidget(Table(theme, self._members, "Members of the group"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 0, 8, 6)
        column.setSpacing(6)
        column.addWidget(self.tabs, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._views, stretch=1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setHandleWidth(1)
        halves.addWidget(left)
        halves.addWidget(Table(theme, self.partitions, "Partitions of the group by lag"))
        halves.setSizes([600, 480])
        ground(self, "surface")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(halves, stretch=1)


def _rates(seen: Rates) -> str:
    if seen.consumed is None or seen.produced is None:
        return ""
    return f"consumes {rate(seen.consumed)}   produced {rate(seen.produced)}"
