"""The Topics page: every topic, offline and stuck ones first, and below it one of them by partition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QSplitter, QVBoxLayout, QWidget

from kafkaview.security import hidden_rows as unseen
from kafkaview.triage.watch.columns import Flags, TopicColumns
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.hidden_rows import Unseen
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import FilterField, Source, Table, TableModel
from kafkaview.ui.pages.topics.columns import TOPICS
from kafkaview.ui.pages.topics.detail import TopicPane
from kafkaview.ui.pages.topics.rows import TopicRow, TopicRows
from kafkaview.words import number, plural

_LEAST_HEIGHT = 340


class TopicsPage(Page):
    """All topics of the cluster; internal ones behind a switch."""

    id = "topics"
    title = "Topics"
    icon = "layers"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._view: View | None = None
        self._wanted = ""
        self.filter = FilterField(context.theme)
        self.filter.setFixedWidth(context.theme.px(200))
        self.internal = QCheckBox("Internal topics")
        self.model: TableModel[TopicRow] = TableModel(TOPICS, lambda row: row.name)
        self.model.set_cut(_ordinary)
        self.model.sort_by(0)
        self.table: Table[TopicRow] = Table(context.theme, self.model, "Topics")
        self.detail = TopicPane(context)
        self.filter.filtered.connect(self.model.set_filter)
        self.internal.toggled.connect(lambda shown: self.model.set_cut(None if shown else _ordinary))
        self.table.chosen.connect(self._show_detail)
        self.room = self._lay_out()

    def head_actions(self) -> Sequence[QWidget]:
        """The switch and the filter."""
        return (self.internal, self.filter)

    def show_view(self, view: View) -> None:
        """Show a new sample."""
        self._view = view
        self.room.show_view(view, None if view.topics is None else view.topics.names)
        if view.topics is None:
            self.finding_changed.emit("The cluster does not answer" if view.dated else "Asking the brokers for topics")
            return
        self.finding_changed.emit(_finding(view.topics) if view.topics.names else unseen.TOPICS.none)
        self.table.set_source(TopicRows(view, view.topics))
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        elif view.judged and self.table.selected is None and self.model.rows:
            self.table.choose(self.model.rows[0].name)
        self._show_detail(self.table.selected)

    def filter_focus(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus()

    def place(self) -> Place:
        """The topic that is selected."""
        row = self.table.selected
        return Place(self.id, row.name if row else "", self.filter.text())

    def go_to(self, place: Place) -> None:
        """Select a topic, an internal one too."""
        self.filter.setText(place.filter)
        if place.what and not self.table.choose(place.what):
            self.internal.setChecked(True)
            self._wanted = "" if self.table.choose(place.what) else place.what

    def _show_detail(self, row: TopicRow | None) -> None:
        self.detail.setVisible(row is not None)
        if row is not None and self._view is not None:
            self.detail.show_topic(row)

    def _lay_out(self) -> Unseen:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.table)
        splitter.addWidget(self.detail)
        splitter.setSizes([320, 320])
        splitter.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        theme = self.context.theme
        room = Unseen(theme, self.context.profile, unseen.TOPICS, Roomy(theme, (), splitter, _LEAST_HEIGHT))
        column.addWidget(room)
        return room


def _ordinary(rows: Source[TopicRow]) -> Flags:
    assert isinstance(rows, TopicRows)
    return ~rows.columns.internal


def _finding(topics: TopicColumns) -> str:
    ordinary = int(np.count_nonzero(~topics.internal))
    offline, behind = int(topics.offline.sum()), int(topics.under_replicated.sum())
    said = [plural(ordinary, "topic")]
    if offline:
        said.append(f"{plural(offline, 'partition')} without a leader")
    if behind:
        said.append(f"{number(behind)} under-replicated")
    if not offline and not behind:
        said.append("every partition has its leader and replicas")
    return ", ".join(said)
