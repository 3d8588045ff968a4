"""The writes on topics: create one; add partitions to one, change its settings, delete its records or all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.pages.topics.detail import TopicPane
from kafkaview.ui.pages.topics.rows import TopicRow
from kafkaview.ui.pages.topics.topic_sheets import CreateTopicSheet, EmptyingSheet, PartitionsSheet, SettingSheet
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan

_READ_ONLY = "This profile is read-only"


class TopicActions:
    """Each opens a sheet of fields or a plan, or leads to the settings. When a plan has ended, the cluster is asked
    again.
    """

    def __init__(self, context: Context, selected: Callable[[], TopicRow | None], pane: TopicPane) -> None:
        self._context = context
        self._selected = selected
        self._pane = pane
        self._deeds = {
            "topics.settings": ("Change settings…", self.show_settings, "list", _why_no_row),
            "topics.add-partitions": ("Add partitions…", self.add_partitions, "plus", self._why_not),
            "topics.empty": ("Delete records…", self.empty, "trash-2", self._why_not),
            "topics.delete": ("Delete the topic…", self.delete, "trash-2", self._why_not),
        }

    def actions(self) -> tuple[Action, ...]:
        """Returns the actions of the page."""
        create = Action(
            "topics.create", "Create a topic…", self.create, icon="plus", where="Topics", why_not=self.why_not_create
        )
        on_selected = (
            Action(name, title, partial(self._on_selected, deed), (), icon, "Topics", partial(self._ask, why_not))
            for name, (title, deed, icon, why_not) in self._deeds.items()
        )
        return (create, *on_selected)

    def links(self, row: TopicRow) -> Sequence[RowLink]:
        """Returns the writes on a topic for its menu."""
        return [RowLink(title, partial(deed, row), why_not(row)) for title, deed, _, why_not in self._deeds.values()]

    def why_not_create(self) -> str:
        """Returns why no topic can be created; empty if one can."""
        return _READ_ONLY if self._context.profile.read_only else ""

    def create(self) -> None:
        """Asks for the name of a new topic and what is to be said of it."""
        CreateTopicSheet(self._context, self._plan).open()

    def show_settings(self, row: TopicRow) -> None:
        """Leads to the settings of a topic, which are changed and reset there."""
        self._context.go(Place("topics", row.name))
        self._pane.tabs.choose("settings")

    def add_partitions(self, row: TopicRow) -> None:
        """Asks how many partitions a topic shall have."""
        PartitionsSheet(self._context, self._plan, row.name, row.partitions).open()

    def empty(self, row: TopicRow) -> None:
        """Asks which records shall be deleted."""
        EmptyingSheet(self._context, self._plan, row.name).open()

    def delete(self, row: TopicRow) -> None:
        """Plans to delete a topic."""
        self._plan(lambda engine: engine.plan_delete_topic(row.name))

    def delete_selected(self) -> None:
        """Plans to delete the selected topic, if it can be deleted."""
        row = self._selected()
        if row is not None and not self._why_not(row):
            self.delete(row)

    def change_setting(self, topic: str, setting: Setting) -> None:
        """Asks for another value of a setting."""
        SettingSheet(self._context, self._plan, topic, setting).open()

    def reset_setting(self, topic: str, setting: Setting) -> None:
        """Plans to reset a setting to the cluster's."""
        self._plan(lambda engine: engine.plan_reset_settings(topic, [setting.name]))

    def _on_selected(self, deed: Callable[[TopicRow], object]) -> None:
        row = self._selected()
        if row is not None:
            deed(row)

    def _ask(self, why_not: Callable[[TopicRow | None], str]) -> str:
        return why_not(self._selected())

    def _why_not(self, row: TopicRow | None) -> str:
        own = "This topic is Kafka's own" if row is not None and row.internal else ""
        return self.why_not_create() or _why_no_row(row) or own

    def _plan(self, make: Make) -> PlanDialog[ChangePlan]:
        return open_change(self._context, make, lambda _result: self._refresh())

    def _refresh(self) -> None:
        self._context.tasks.start("topics.refresh", self._context.engine.refresh())
        self._pane.reread_settings()


def _why_no_row(row: TopicRow | None) -> str:
    return "" if row is not None else "No topic is selected"
