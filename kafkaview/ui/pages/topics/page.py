"""The Topics page: every topic, offline and stuck ones first, and below it the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QCheckBox, QWidget

from kafkaview.security.hidden_rows import TOPICS as HIDDEN
from kafkaview.triage.watch.sample_arrays import Flags
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.connection_state import date_finding
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.master_detail import MasterDetail, MasterPage
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import RowMenu, Source, Table, TableModel, link_menu
from kafkaview.ui.pages.topics.column_looks import TOPICS
from kafkaview.ui.pages.topics.detail import TopicPane
from kafkaview.ui.pages.topics.rows import TopicRow, TopicRows
from kafkaview.ui.pages.topics.topic_actions import TopicActions
from kafkaview.ui.pages.topics.words import describe_topics

_SUBJECT = Subject("the topics", "Asking the brokers for topics", "DESCRIBE on Topic *", HIDDEN.grant)


class TopicsPage(MasterPage):
    """All topics of the cluster; a switch shows internal ones."""

    id = "topics"
    title = "Topics"
    icon = "layers"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self.internal = QCheckBox("Internal topics")
        self.model: TableModel[TopicRow] = TableModel(TOPICS, lambda row: row.name)
        self.model.set_row_filter(_ordinary)
        self.model.sort_by(0)
        menu: RowMenu[TopicRow] = RowMenu(
            lambda row: context.command_line("topic", row.name),
            lambda row: [
                *self.topic_actions.links(row),
                context.link(f"Read the records of {row.name}", "records", row.name),
                context.link(f"Read {row.name} as dead letters", "deadletters", row.name),
                *(context.link(f"Go to the stuck group {group}", "triage", group) for group in row.stuck),
            ],
        )
        self.table: Table[TopicRow] = Table(theme, self.model, "Topics", menu=menu)
        self.detail = TopicPane(context)
        self.topic_actions = TopicActions(context, lambda: self.table.selected, self.detail)
        self.create_button = Button(theme, "Create a topic…", icon="plus", clicked=self.topic_actions.create)
        self.master = MasterDetail(theme, self.table, self.detail, self.detail.show_topic, text_of=lambda row: row.name)
        self.room = QueryView(theme, context.profile, _SUBJECT, self.master, why=context.why)
        self.table.opened.connect(lambda row: context.go(Place("records", row.name)))
        self.table.delete_wanted.connect(self.topic_actions.delete_selected)
        self.internal.toggled.connect(lambda shown: self.model.set_row_filter(None if shown else _ordinary))
        self.detail.writes.clicked.connect(self._open_writes)
        self.detail.change_setting.connect(self.topic_actions.change_setting)
        self.detail.reset_setting.connect(self.topic_actions.reset_setting)
        self.create_button.setEnabled(not self.topic_actions.why_not_create())
        self.create_button.setToolTip(self.topic_actions.why_not_create())
        self.setLayout(column(self.room))

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the tables of the detail."""
        return (self.detail.tabs.tabs,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the writes on topics."""
        return self.topic_actions.actions()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the switch, the filter and the button of a new topic."""
        return (self.internal, self.master.filter, self.create_button)

    def show_view(self, view: View) -> None:
        """Shows a new sample."""
        topics = view.topics
        why_none = self.room.show_sample(view, topics.names if topics is not None else None, HIDDEN)
        if topics is None:
            self.finding_changed.emit(why_none)
        else:
            self.finding_changed.emit(why_none or date_finding(view, describe_topics(topics, view)))
            self.detail.age.now_ms = view.at_ms
            self.master.show_rows(TopicRows(view, topics), first=view.judged)

    def refresh(self) -> None:
        """Reads the settings that are shown again."""
        self.detail.reread_settings()

    def go_to(self, place: Place) -> None:
        """Selects a topic, also an internal one."""
        super().go_to(place)
        if place.what and self.master.text != place.what:
            self.internal.setChecked(True)
            self.master.select(place.what)

    def _open_writes(self) -> None:
        """Opens the menu of the writes on the selected topic."""
        row, button = self.table.selected, self.detail.writes
        if row is not None:
            menu = link_menu(button, self.topic_actions.links(row))
            menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _ordinary(rows: Source[TopicRow]) -> Flags:
    assert isinstance(rows, TopicRows)
    return ~rows.columns.internal
