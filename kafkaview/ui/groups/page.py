"""The Groups page: every group, the worst first, and below it one of them in time and by partition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from kafkaview.access import unseen
from kafkaview.triage.verdict import Verdict
from kafkaview.triage.view import View
from kafkaview.ui.controls import Segments
from kafkaview.ui.formats import number
from kafkaview.ui.groups.columns import group_columns
from kafkaview.ui.groups.detail import GroupDetail
from kafkaview.ui.groups.rows import GroupRow, group_rows
from kafkaview.ui.page import Context, Page, Place
from kafkaview.ui.roomy import Roomy
from kafkaview.ui.tables import FilterField, Table, TableModel
from kafkaview.ui.triage.words import plural
from kafkaview.ui.unseen import Unseen

_LEAST_HEIGHT = 340
_SPARKS = 60  # points of a sparkline
_CUTS: dict[str, tuple[str, Callable[[GroupRow], bool]]] = {
    "all": ("All", lambda _row: True),
    "stuck": ("Stuck", lambda row: row.verdict is not None and row.verdict is not Verdict.NO_MEMBERS),
    "behind": ("Behind", lambda row: row.behind),
    "empty": ("No members", lambda row: row.members == 0 and row.verdict in (None, Verdict.NO_MEMBERS)),
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
        self.filter = FilterField(context.theme)
        self.filter.setFixedWidth(context.theme.px(200))
        self.cuts = Segments(tuple((name, title) for name, (title, _cut) in _CUTS.items()))
        self.model: TableModel[GroupRow] = TableModel(group_columns(self._spark), lambda row: row.name)
        self.table: Table[GroupRow] = Table(context.theme, self.model, "Consumer groups")
        self.detail = GroupDetail(context)
        self._connect()
        self.room = self._lay_out()

    def head_actions(self) -> Sequence[QWidget]:
        """The filter and the cuts."""
        return (self.filter, self.cuts)

    def show_view(self, view: View) -> None:
        """Show a new sample."""
        self._view = view
        rows = group_rows(view)
        stuck = sum(_CUTS["stuck"][1](row) for row in rows)
        self.finding_changed.emit(
            f"{plural(len(rows), 'group')}, {number(stuck)} stuck" if rows else unseen.GROUPS.none
        )
        self.room.show_view(view, some=bool(rows))
        for name, (title, cut) in _CUTS.items():
            self.cuts.set_title(name, f"{title} {number(sum(map(cut, rows)))}")
        self.table.set_rows(rows)
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        elif view.judged and rows and self.table.selected is None:
            self.table.choose(rows[0].name)
        self._show_detail(self.table.selected)

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
        points = self.context.watch.total_history(group)
        step = max(1, len(points) // _SPARKS)
        lags = [
            None if p.committed_offset is None or p.log_end_offset is None else p.log_end_offset - p.committed_offset
            for p in points[::step]
        ]
        return lags if len(lags) > 1 else ()

    def _show_detail(self, row: GroupRow | None) -> None:
        self.detail.setVisible(row is not None)
        if row is not None and self._view is not None:
            self.detail.show_group(row, self._view.at_ms)

    def _connect(self) -> None:
        self.filter.filtered.connect(self.model.set_filter)
        self.cuts.chosen.connect(lambda name: self.model.set_cut(_CUTS[name][1]))
        self.table.chosen.connect(self._show_detail)
        self.table.opened.connect(self._open)

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
        room = Unseen(theme, self.context.session.profile, unseen.GROUPS, Roomy(theme, (), splitter, _LEAST_HEIGHT))
        column.addWidget(room)
        return room
