"""One group below the table: its state in a chip, the lag over time, its offsets and members."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import Member, TopicPartition
from kafkaview.triage.watch.columns import GroupDetail, Longs
from kafkaview.ui.kit.controls import Button, ButtonKind, Segments, Text, ground
from kafkaview.ui.kit.flow_layout import flowing
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.plots import Event, LagPlot, Line
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.groups.columns import MEMBERS, OFFSETS, partition_columns
from kafkaview.ui.pages.groups.lag_rows import LagRow, LagRows
from kafkaview.ui.pages.groups.rates import Rates, rates
from kafkaview.ui.pages.groups.rows import GroupRow
from kafkaview.words import clock, number, rate

_TABS = ("lag", "offsets", "members")


class GroupPane(QWidget):
    """Shows a group as it stands now and where it was."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._context = context
        self._row: GroupRow | None = None
        self._standing: frozenset[TopicPartition] = frozenset()
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Moves")
        self._rates = Text(size=12, tone="text_2")
        self.open = Button(theme, "Open in Triage", kind=ButtonKind.PRIMARY, icon="siren", clicked=self._open)
        self.tabs = Segments((("lag", "Lag"), ("offsets", "Offsets"), ("members", "Members")))
        self._plot = LagPlot(theme)
        self.partitions: TableModel[LagRow] = TableModel(
            partition_columns(lambda lag: lag.topic_partition in self._standing), lambda row: row.topic_partition
        )
        self._offsets: TableModel[LagRow] = TableModel(OFFSETS, lambda row: row.topic_partition)
        self._members: TableModel[Member] = TableModel(MEMBERS, lambda row: row.member_id)
        self._lags: Table[LagRow] = Table(theme, self.partitions, "Partitions of the group by lag")
        self.change = Button(theme, "Change offsets…", icon="skip-forward")
        self._views = QStackedWidget()
        self._lay_out()
        self.partitions.sort_by(3, turned=True)
        self._offsets.sort_by(0)
        self.tabs.chosen.connect(lambda name: self._views.setCurrentIndex(_TABS.index(name)))

    @property
    def selected_partition(self) -> TopicPartition | None:
        """The partition that is selected in the table at the right."""
        row = self._lags.selected
        return row.topic_partition if row is not None else None

    @property
    def topics(self) -> list[str]:
        """The topics that the group reads, in order."""
        return sorted({row.topic_partition.topic for row in self.partitions.rows})

    def show_group(self, row: GroupRow, now_ms: int) -> None:
        """Show a group: its state at once, its partitions and its past when the engine has answered."""
        if self._row is None or row.name != self._row.name:
            self._clear()
        self._row = row
        self._standing = frozenset(stuck.topic_partition for stuck in row.stuck)
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.head)
        self.open.setVisible(bool(row.stuck))
        self.tabs.set_title("members", f"Members {number(row.members)}")
        self._context.tasks.start("groups.detail", self._read(row, now_ms), on_error=self._unread)

    async def _read(self, row: GroupRow, now_ms: int) -> None:
        detail = await self._context.engine.group_detail(row.name)
        if detail is not None and self._row is row:
            self.show_detail(row, detail, now_ms)

    def show_detail(self, row: GroupRow, detail: GroupDetail, now_ms: int) -> None:
        """Show the partitions, the members and the last hour of the group."""
        self._rates.setText(_rates(rates(detail, now_ms)))
        rows = LagRows(detail)
        self.partitions.set_source(rows)
        self._offsets.set_source(rows)
        self._members.set_rows(detail.members or ())
        self._show_lag(row, detail)

    def _unread(self, error: Exception) -> None:
        """What was shown stays; the window says why nothing new comes."""
        if not isinstance(error, ClusterError):
            raise error

    def _clear(self) -> None:
        """Nothing of the group before stands under another's name."""
        for model in (self.partitions, self._offsets):
            model.set_rows(())
        self._members.set_rows(())
        self._rates.setText("")
        self._plot.show_lines([], [], from_zero=True)

    def _show_lag(self, row: GroupRow, detail: GroupDetail) -> None:
        lags = list(zip(detail.at_ms.tolist(), _known(total_lag(detail)), strict=True))
        bad = row.mark is Mark.BAD
        tone = "bad_solid" if bad else "series_1"
        events = [
            Event(
                stuck.since_ms,
                f"stops at {stuck.topic_partition} @ {number(stuck.committed_offset)}, {clock(stuck.since_ms)}",
            )
            for stuck in row.stuck[:1]
            if lags and stuck.since_ms > lags[0][0]
        ]
        self._plot.show_lines([Line(lags, tone)], events, fill=tone, from_zero=True)
        self._plot.say(f"Lag of {row.name} over the time that was watched, now {number(row.lag.value)}")

    def _open(self) -> None:
        if self._row is not None:
            self._context.go(Place("triage", self._row.name))

    def _lay_out(self) -> None:
        theme = self._context.theme
        head = flowing(self._name, self.chip, self._rates, gap=12)
        head.setContentsMargins(16, 8, 12, 6)
        head.push()
        head.addWidget(self.change)
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
        halves.addWidget(self._lags)
        halves.setSizes([600, 480])
        ground(self, "surface")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(halves, stretch=1)


def total_lag(detail: GroupDetail) -> Longs:
    """The records that waited on all partitions together; -1 where that was unknown."""
    known = (detail.committed_total >= 0) & (detail.end_total >= 0)
    return np.where(known, np.maximum(0, detail.end_total - detail.committed_total), -1)


def _known(values: Longs) -> list[int | None]:
    return [None if value < 0 else value for value in values.tolist()]


def _rates(seen: Rates) -> str:
    if seen.consumed is None or seen.produced is None:
        return ""
    return f"consumes {rate(seen.consumed)}   produced {rate(seen.produced)}"
