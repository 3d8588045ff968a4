"""The Groups page: every group, the worst first, and below it one of them in time and by partition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.security import hidden_rows as unseen
from kafkaview.triage.watch.columns import Flags, GroupColumns, Longs
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.hidden_rows import Unseen
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import FilterField, Source, Table, TableModel
from kafkaview.ui.pages.groups.columns import group_columns
from kafkaview.ui.pages.groups.detail import GroupPane
from kafkaview.ui.pages.groups.group_actions import GroupActions
from kafkaview.ui.pages.groups.rows import GroupRow, GroupRows, is_behind, is_empty, is_stuck
from kafkaview.words import number, plural

_LEAST_HEIGHT = 340
_REST_MS = 120  # after scrolling, until the lines of what is seen now are asked for
_CUTS: dict[str, tuple[str, Callable[[GroupColumns], Flags]]] = {
    "all": ("All", lambda columns: np.ones(len(columns.names), np.bool_)),
    "stuck": ("Stuck", is_stuck),
    "behind": ("Behind", is_behind),
    "empty": ("No members", is_empty),
}


class GroupsPage(Page):
    """All groups of the cluster."""

    id = "groups"
    title = "Groups"
    icon = "users"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._view: View | None = None
        self._wanted = ""
        self._sparks: Mapping[str, Longs] = {}
        self.filter = FilterField(context.theme)
        self.filter.setFixedWidth(context.theme.px(200))
        self.cuts = Segments(tuple((name, title) for name, (title, _cut) in _CUTS.items()))
        self.model: TableModel[GroupRow] = TableModel(group_columns(self._spark), lambda row: row.name)
        self.model.sort_by(0)
        self.table: Table[GroupRow] = Table(context.theme, self.model, "Consumer groups")
        self.detail = GroupPane(context)
        self.group_actions = GroupActions(context, lambda: self.table.selected, self.detail)
        self._scrolled = QTimer(self, singleShot=True, interval=_REST_MS)
        self._connect()
        self.room = self._lay_out()

    def actions_of_page(self) -> tuple[Action, ...]:
        """Change committed offsets, delete."""
        return self.group_actions.actions()

    def head_actions(self) -> Sequence[QWidget]:
        """The filter and the cuts."""
        return (self.filter, self.cuts)

    def show_view(self, view: View) -> None:
        """Show a new sample."""
        self._view = view
        groups = view.groups
        self.room.show_view(view, None if groups is None else groups.names)
        if groups is None:
            self.finding_changed.emit("The cluster does not answer" if view.dated else "Asking the brokers for groups")
            return
        counts = {name: int(np.count_nonzero(cut(groups))) for name, (_title, cut) in _CUTS.items()}
        words = f"{plural(counts['all'], 'group')}, {number(counts['stuck'])} stuck"
        self.finding_changed.emit(words if counts["all"] else unseen.GROUPS.none)
        for name, (title, _cut) in _CUTS.items():
            self.cuts.set_title(name, f"{title} {number(counts[name])}")
        self.table.set_source(GroupRows(view, groups))
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        elif view.judged and self.model.rows and self.table.selected is None:
            self.table.choose(self.model.rows[0].name)
        self._show_detail(self.table.selected)
        self._read_sparks()

    def filter_focus(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus()

    def place(self) -> Place:
        """The group that is selected."""
        row = self.table.selected
        return Place(self.id, row.name if row else "", self.filter.text())

    def go_to(self, place: Place) -> None:
        """Select a group."""
        self.filter.setText(place.filter)
        if place.what:
            self.cuts.choose("all")
            self._wanted = "" if self.table.choose(place.what) else place.what

    def _spark(self, group: str) -> Sequence[float | None]:
        lags = self._sparks.get(group)
        return [None if lag < 0 else lag for lag in lags.tolist()] if lags is not None and len(lags) > 1 else ()

    def _read_sparks(self) -> None:
        """The last hour of the groups on the screen."""
        names = [row.name for row in self.table.visible_rows()]
        if names:
            self.context.tasks.start("groups.sparks", self._show_sparks(names), on_error=self._no_sparks)

    async def _show_sparks(self, names: Sequence[str]) -> None:
        await self.context.engine.look_at(names, ())
        self._sparks = await self.context.engine.sparklines(names)
        self.table.viewport().update()

    def _no_sparks(self, error: Exception) -> None:
        """What was shown stays; the window says why nothing new comes."""
        if not isinstance(error, ClusterError):
            raise error

    def _show_detail(self, row: GroupRow | None) -> None:
        self.detail.setVisible(row is not None)
        if row is not None and self._view is not None:
            self.detail.show_group(row, self._view.at_ms)

    def _connect(self) -> None:
        self.filter.filtered.connect(self.model.set_filter)
        self.cuts.chosen.connect(self._cut)
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._scrolled.start())
        self._scrolled.timeout.connect(self._read_sparks)
        self.table.chosen.connect(self._show_detail)
        self.table.opened.connect(self._open)
        self.detail.change.clicked.connect(self.group_actions.change_offsets)
        self.detail.change.setEnabled(not self.context.profile.read_only)

    def _cut(self, name: str) -> None:
        def fits(rows: Source[GroupRow]) -> Flags:
            assert isinstance(rows, GroupRows)
            return _CUTS[name][1](rows.columns)

        self.model.set_cut(None if name == "all" else fits)

    def _open(self, row: GroupRow) -> None:
        if row.stuck:
            self.context.go(Place("triage", row.name))

    def _lay_out(self) -> Unseen:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.table)
        splitter.addWidget(self.detail)
        splitter.setSizes([340, 300])
        splitter.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        theme = self.context.theme
        room = Unseen(theme, self.context.profile, unseen.GROUPS, Roomy(theme, (), splitter, _LEAST_HEIGHT))
        column.addWidget(room)
        return room
