"""One group below the table: its state, the lag over time, its committed offsets and members."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from kafkaview.terms import Member, TopicPartition
from kafkaview.triage.watch.sample_arrays import GroupDetail, Longs
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.detail_age import DetailAge
from kafkaview.ui.kit.layout import SideBySide, column, fill_widget, head
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.plots import Event, LagPlot, Line
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.groups.column_looks import MEMBERS, OFFSETS, partition_columns
from kafkaview.ui.pages.groups.commits_tab import CommitsTab
from kafkaview.ui.pages.groups.lag_rows import LagRow, LagRows
from kafkaview.ui.pages.groups.rates import Rates, rates
from kafkaview.ui.pages.groups.rows import GroupRow
from kafkaview.words import clock, last_span, number, rate

_NO_MEMBERS = "The group has no members."
_MEMBERS_UNKNOWN = "Who its members are was not told."
_NOTHING_COMMITTED = "The group has committed nothing, and owns no partition."


class GroupPane(QWidget):
    """Shows a group now and over the last hour."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._row: GroupRow | None = None
        self.age = DetailAge()
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Moves")
        self._rates = Text(size=12, tone="text_2")
        self.open = Button(theme, "Open in Triage", kind=ButtonKind.PRIMARY, icon="siren", clicked=self._open)
        self.change = Button(theme, "Change offsets…", icon="skip-forward")
        self._plot = LagPlot(theme)
        self._offsets: TableModel[LagRow] = TableModel(OFFSETS, lambda row: row.topic_partition)
        self._members: TableModel[Member] = TableModel(MEMBERS, lambda row: row.member_id)
        self.partitions: TableModel[LagRow] = TableModel(
            partition_columns(self._stands), lambda row: row.topic_partition
        )
        self.lags = self._lag_table(self.partitions, "Partitions of the group by lag")
        self._stuck_on: frozenset[TopicPartition] = frozenset()
        self._stuck_topics: frozenset[str] = frozenset()  # of which one entry speaks for several partitions
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "lag": ("Lag", self._plot),
                "offsets": ("Offsets", lambda: self._lag_table(self._offsets, "Offsets of the group")),
                "members": ("Members", self._members_table),
                "commits": ("How it commits", lambda: CommitsTab(context)),
            }
        )
        self._lay_out()
        self.tabs.turned.connect(lambda _name: self._fill_commits())
        self.partitions.sort_by(3, turned=True)
        self._offsets.sort_by(0)

    @property
    def selected_partition(self) -> TopicPartition | None:
        """The partition that is selected in the table at the right."""
        row = self.lags.selected
        return row.topic_partition if row is not None else None

    @property
    def topics(self) -> list[str]:
        """The topics that the group reads, sorted."""
        return sorted({row.topic_partition.topic for row in self.partitions.rows})

    def show_group(self, row: GroupRow | None) -> None:
        """Shows the state of a group at once, its partitions and history when the engine has answered."""
        if row is None:
            return
        if self._row is None or row.name != self._row.name:
            self._clear()
        self._row = row
        self.age.await_newer()
        self._stuck_on = frozenset(stuck.topic_partition for stuck in row.stuck)
        self._stuck_topics = frozenset(one.topic_partition.topic for one in row.stuck if one.partitions > 1)
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.head)
        self.open.setVisible(bool(row.stuck))
        self.tabs.set_title("members", f"Members {number(row.members)}")
        self._fill_commits()
        self._context.tasks.ask("groups.detail", self._read(row))

    async def _read(self, row: GroupRow) -> None:
        detail = await self._context.engine.group_detail(row.name)
        if detail is not None and self._row is row:
            self.show_detail(row, detail, self.age.now_ms)

    def show_detail(self, row: GroupRow, detail: GroupDetail, now_ms: int) -> None:
        """Shows the partitions, the members and the last hour of the group."""
        self.age.note()
        self._rates.setText(_rates(rates(detail, now_ms)))
        rows = LagRows(detail)
        self.partitions.nothing = self._offsets.nothing = _NOTHING_COMMITTED
        self.partitions.set_source(rows)
        self._offsets.set_source(rows)
        self._members.nothing = _NO_MEMBERS if detail.members is not None else _MEMBERS_UNKNOWN
        self._members.set_rows(detail.members or ())
        self._show_lag(row, detail)

    def _fill_commits(self) -> None:
        """Looks up how the group commits, if that is looked at."""
        if self.tabs.current == "commits" and self._row is not None:
            tab = self.tabs.front
            assert isinstance(tab, CommitsTab)
            tab.show_group(self._row.name)

    def _clear(self) -> None:
        """Removes what belongs to the group before."""
        self.age.forget()
        for model in (self.partitions, self._offsets):
            model.nothing = ""
            model.set_rows(())
        self._members.nothing = ""
        self._members.set_rows(())
        self._rates.setText("")
        self._plot.show_lines([], [], from_zero=True)

    def _show_lag(self, row: GroupRow, detail: GroupDetail) -> None:
        lags = list(zip(detail.at_ms.tolist(), _known_values(total_lag(detail)), strict=True))
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
        span = last_span(lags[-1][0] - lags[0][0]) if len(lags) > 1 else ""
        self.tabs.set_title("lag", f"Lag, {span}" if span else "Lag")
        self._plot.show_lines([Line(lags, tone)], events, fill=tone, from_zero=True)
        self._plot.say(f"Lag of {row.name}, {span or 'just seen'}, now {number(row.lag.value)}")

    def _open(self) -> None:
        if self._row is not None:
            self._context.go(Place("triage", self._row.name))

    def _stands(self, lag: LagRow) -> bool:
        """Returns whether the group is stuck on a partition."""
        place = lag.topic_partition
        return place in self._stuck_on or (place.topic in self._stuck_topics and bool(lag.cells["Lag"]))

    def _links(self, lag: LagRow) -> Sequence[RowLink]:
        place, link = lag.topic_partition, self._context.link
        stop = [link(f"Go to {place} in Triage", "triage", self._row.name)] if self._row and self._stands(lag) else []
        return [*stop, link(f"Go to the topic {place.topic}", "topics", place.topic)]

    def _line(self, _row: object) -> str:
        return self._context.command_line("lag", self._row.name if self._row is not None else "")

    def _lag_table(self, model: TableModel[LagRow], name: str) -> Table[LagRow]:
        return Table(self._context.theme, model, name, menu=RowMenu(self._line, self._links))

    def _members_table(self) -> Table[Member]:
        return Table(self._context.theme, self._members, "Members of the group", menu=RowMenu(self._line))

    def _lay_out(self) -> None:
        left = QWidget()
        tabs = column(margins=(16, 0, 8, 6), gap=6)
        tabs.addWidget(self.tabs.segments, alignment=Qt.AlignmentFlag.AlignLeft)
        tabs.addWidget(self.tabs, stretch=1)
        left.setLayout(tabs)
        halves = SideBySide("Group", (left, self.lags), (600, 480))
        heading = head(self._name, self.chip, self._rates, self.age, right=(self.change, self.open))
        fill_widget(self, column(heading, last=halves))


def total_lag(detail: GroupDetail) -> Longs:
    """Returns the lag of all partitions together; -1 where it was unknown."""
    known = (detail.committed_total >= 0) & (detail.end_total >= 0)
    return np.where(known, np.maximum(0, detail.end_total - detail.committed_total), -1)


def _known_values(values: Longs) -> list[int | None]:
    return [None if value < 0 else value for value in values.tolist()]


def _rates(seen: Rates) -> str:
    if seen.consumed is None or seen.produced is None:
        return ""
    if seen.consumed < 0:  # its offsets were moved back
        return f"produced {rate(seen.produced)}"
    return f"consumes {rate(seen.consumed)}   produced {rate(seen.produced)}"
