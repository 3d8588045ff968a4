"""The writes on topics: create one; add partitions to one, change its settings, delete its records or all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.topics.rows import TopicRow
from kafkaview.ui.pages.topics.topic_sheets import CreateTopicSheet, EmptyingSheet, PartitionsSheet, SettingSheet
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.form_sheet import Make

_READ_ONLY = "This profile is read-only"


class TopicActions:
    """Each opens a sheet of fields or a plan. When a plan has ended, the cluster is asked again, and `reread` reads
    what only the page shows.
    """

    def __init__(self, context: Context, selected: Callable[[], TopicRow | None], reread: Callable[[], object]) -> None:
        self._context = context
        self._selected = selected
        self._reread = reread
        self._deeds = {
            "topics.add-partitions": ("Add partitions…", self.add_partitions, "plus"),
            "topics.empty": ("Delete records…", self.empty, "trash-2"),
            "topics.delete": ("Delete the topic…", self.delete, "trash-2"),
        }

    def actions(self) -> tuple[Action, ...]:
        """Returns the actions of the page."""
        create = Action(
            "topics.create", "Create a topic…", self.create, icon="plus", where="Topics", why_not=self.why_not_create
        )
        on_selected = (
            Action(name, title, partial(self._on_selected, deed), (), icon, "Topics", self._why_not_selected)
            for name, (title, deed, icon) in self._deeds.items()
        )
        return (create, *on_selected)

    def links(self, row: TopicRow) -> Sequence[RowLink]:
        """Returns the writes on a topic for its menu."""
        why = self._why_not(row)
        return [RowLink(title, partial(deed, row), why) for title, deed, _icon in self._deeds.values()]

    def why_not_create(self) -> str:
        """Returns why no topic can be created; empty if one can."""
        return _READ_ONLY if self._context.profile.read_only else ""

    def create(self) -> None:
        """Asks for the name of a new topic and what is to be said of it."""
        CreateTopicSheet(self._context, self._plan).open()

    def add_partitions(self, row: TopicRow) -> None:
        """Asks how many partitions a topic shall have."""
        PartitionsSheet(self._context, self._plan, row.name, row.partitions).open()

    def empty(self, row: TopicRow) -> None:
        """Asks which records shall be deleted."""
        EmptyingSheet(self._context, self._plan, row.name).open()

    def delete(self, row: TopicRow) -> None:
        """Plans to delete a topic."""
        self._plan(lambda engine: engine.plan_delete_topic(row.name))

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

    def _why_not_selected(self) -> str:
        row = self._selected()
        return self.why_not_create() or ("No topic is selected" if row is None else self._why_not(row))

    def _why_not(self, row: TopicRow) -> str:
        return self.why_not_create() or ("This topic is Kafka's own" if row.internal else "")

    def _plan(self, make: Make) -> None:
        change_dialog(self._context, make, lambda _result: self._refresh()).open()

    def _refresh(self) -> None:
        self._context.tasks.start("topics.refresh", self._context.engine.refresh())
        self._reread()
