"""The Groups page: every group, the worst first, and below it the selected one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.security.hidden_rows import GROUPS as HIDDEN
from kafkaview.triage.watch.sample_arrays import Flags, GroupColumns, Sparklines
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.connection_state import date_finding
from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.master_detail import MasterDetail, MasterPage
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tab_order import enter
from kafkaview.ui.kit.tables import RowMenu, Source, Table, TableModel
from kafkaview.ui.pages.groups.column_looks import group_columns
from kafkaview.ui.pages.groups.detail import GroupPane
from kafkaview.ui.pages.groups.group_actions import GroupActions
from kafkaview.ui.pages.groups.rows import BEHIND, GroupRow, GroupRows, describe_groups, is_behind, is_empty, is_stuck
from kafkaview.words import at_least, last_span, number

_SUBJECT = Subject("the groups", "Asking the brokers for groups", "DESCRIBE on Group *", HIDDEN.grant)
_REST_MS = 120  # after scrolling, until the lines of what is seen now are asked for
_HIDES_LAG = (UnseenKind.SILENT, UnseenKind.RIGHT)
_CUTS: dict[str, tuple[str, Callable[[GroupColumns], Flags]]] = {
    "all": ("All", lambda columns: np.ones(len(columns.names), np.bool_)),
    "stuck": ("Stuck", is_stuck),
    "behind": ("Behind", is_behind),
    "empty": ("No members", is_empty),
}


class GroupsPage(MasterPage):
    """All groups of the cluster."""

    id = "groups"
    title = "Groups"
    icon = "users"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._sparks = Sparklines(0, {})
        self.cuts = Segments(tuple((name, title) for name, (title, _cut) in _CUTS.items()))
        self.cuts.set_tip("behind", f"{number(BEHIND)} records wait, or more")
        self.model: TableModel[GroupRow] = TableModel(group_columns(self._spark, self._span), lambda row: row.name)
        self.model.sort_by(0)
        menu: RowMenu[GroupRow] = RowMenu(lambda row: context.command_line("lag", row.name), self._links)
        self.table: Table[GroupRow] = Table(theme, self.model, "Consumer groups", menu=menu)
        self.detail = GroupPane(context)
        self.master = MasterDetail(
            theme, self.table, self.detail, self.detail.show_group, text_of=lambda row: row.name, sizes=(340, 300)
        )
        self.room = QueryView(theme, context.profile, _SUBJECT, self.master, why=context.why)
        self.group_actions = GroupActions(context, lambda: self.table.selected, self.detail)
        self._scrolled = QTimer(self, singleShot=True, interval=_REST_MS)
        self.setLayout(column(self.room))
        self._connect()

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the tables of the detail."""
        return (self.detail.tabs.tabs,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions on the selected group."""
        return self.group_actions.actions()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the filter and the segments."""
        return (self.master.filter, self.cuts)

    def show_view(self, view: View) -> None:
        """Shows a new sample."""
        groups = view.groups
        why_none = self.room.show_sample(view, groups.names if groups is not None else None, HIDDEN)
        if groups is not None:
            self._count(view, groups)
        self.finding_changed.emit(why_none or date_finding(view, describe_groups(view)))
        if groups is not None:
            self.detail.age.now_ms = view.at_ms
            self.master.show_rows(GroupRows(view, groups), first=view.judged)
            self._read_sparks()

    def go_to(self, place: Place) -> None:
        """Selects a group, whichever segment is chosen."""
        if place.what:
            self.cuts.choose("all")
        super().go_to(place)

    def _count(self, view: View, groups: GroupColumns) -> None:
        """Counts the groups of each segment; a count is the least where others may belong to it."""
        seen = len(groups.names) == 0 or bool((groups.error < 0).any())
        all_listed = not any(one.group is None for one in view.unseen)
        all_seen = all_listed and not (groups.error >= 0).any()
        no_lag = (groups.lag < 0) & (groups.partitions > 0)  # their log ends, or their commits, are not read yet
        known = {
            "all": True,
            "stuck": seen and view.judged,
            "behind": seen and not (no_lag.any() and no_lag.all()),
            "empty": seen,
        }
        complete = {
            "all": all_listed,
            "stuck": all_seen and not any(one.kind is not UnseenKind.UNSUPPORTED for one in view.unseen),
            "behind": all_seen and not no_lag.any() and not any(one.kind in _HIDES_LAG for one in view.unseen),
            "empty": all_seen,
        }
        for name, (title, cut) in _CUTS.items():
            count = int(np.count_nonzero(cut(groups))) if known[name] else None
            self.cuts.set_title(name, f"{title} {at_least(count, complete=complete[name])}")

    def _spark(self, group: str) -> Sequence[float | None]:
        lags = self._sparks.lags.get(group)
        return [None if lag < 0 else lag for lag in lags.tolist()] if lags is not None and len(lags) > 1 else ()

    def _span(self) -> str:
        return last_span(self._sparks.span_ms) if self._sparks.span_ms else "lag over time"

    def _read_sparks(self) -> None:
        """Reads the last hour of the groups on the screen."""
        names = [row.name for row in self.table.visible_rows()]
        if names:
            self.context.tasks.ask("groups.sparks", self._show_sparks(names))

    async def _show_sparks(self, names: Sequence[str]) -> None:
        await self.context.engine.look_at(names, ())
        self._sparks = await self.context.engine.sparklines(names)
        for part in (self.table, self.table.horizontalHeader()):
            part.viewport().update()

    def _links(self, row: GroupRow) -> Sequence[RowLink]:
        link = self.context.link
        topics = sorted({stuck.topic_partition.topic for stuck in row.stuck})
        stops = [
            link(f"Go to {stuck.topic_partition} @ {number(stuck.committed_offset)}", "triage", row.name)
            for stuck in row.stuck[:1]
        ]
        return [*stops, *(link(f"Go to the topic {topic}", "topics", topic) for topic in topics)]

    def _connect(self) -> None:
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._scrolled.start())
        self._scrolled.timeout.connect(self._read_sparks)
        self.detail.change.clicked.connect(self.group_actions.change_offsets)
        self.detail.change.setEnabled(not self.context.profile.read_only)
        self.cuts.chosen.connect(self._cut)
        self.table.opened.connect(self._open)
        self.table.delete_wanted.connect(self.group_actions.delete_group)

    def _cut(self, name: str) -> None:
        def fits(rows: Source[GroupRow]) -> Flags:
            assert isinstance(rows, GroupRows)
            return _CUTS[name][1](rows.columns)

        self.model.set_row_filter(None if name == "all" else fits)

    def _open(self, row: GroupRow) -> None:
        if row.stuck:
            self.context.go(Place("triage", row.name))
        else:
            enter(self.detail)
