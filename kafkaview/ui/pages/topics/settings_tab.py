"""The settings of one topic: those that were changed first, with Kafka's documentation; changed and reset from here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.setting_words import count_settings, describe_setting
from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.again import Again
from kafkaview.ui.kit.controls import Button, escape_tip
from kafkaview.ui.kit.explained_table import ExplainedTable
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.topics.column_looks import SETTINGS

_SETTINGS_OF = Subject(
    "the settings",
    "Asking the brokers for the topic's settings",
    "DESCRIBE_CONFIGS on Topic",
    ("--operation", "DescribeConfigs", "--topic", "*"),
)
Deed = Callable[[Setting], object]


class SettingsTab(QueryView):
    """The settings are read when they are looked at, once for each topic, and again after a change."""

    def __init__(self, context: Context, change: Deed, reset: Deed) -> None:
        theme, profile = context.theme, context.profile
        self._context = context
        self._topic = ""
        self._left_open = Again()
        self._read_of = ""  # the topic whose settings were asked for
        self._deeds = {
            "Change setting…": (change, self._why_not_change),
            "Reset setting…": (reset, self._why_not_reset),
        }
        self.model: TableModel[Setting] = TableModel(SETTINGS, lambda row: row.name)
        menu: RowMenu[Setting] = RowMenu(self._line, self._links)
        table: Table[Setting] = Table(theme, self.model, "Settings of the topic", menu=menu)
        self.buttons = {title: Button(theme, title) for title in self._deeds}
        self.settings: ExplainedTable[Setting] = ExplainedTable(
            theme,
            table,
            "Filter settings",
            describe_setting,
            lambda model: count_settings(model.rows, model.total),
            beside=tuple(self.buttons.values()),
        )
        super().__init__(theme, profile, _SETTINGS_OF, self.settings, again=self.read)
        for title, button in self.buttons.items():
            button.clicked.connect(partial(self._open_deed, title))
        table.chosen.connect(self._offer)
        self._offer(None)

    @property
    def selected(self) -> Setting | None:
        """The selected setting."""
        return self.settings.table.selected

    def show_topic(self, topic: str) -> None:
        """Shows the settings of a topic; reads them if they were not asked for yet."""
        self._topic = topic
        if self._read_of != topic:
            self._left_open.forget()
            self.show_loading()
            self.read()

    def go_on(self) -> None:
        """Reads again what a silent broker left open, now that brokers answer."""
        self._left_open.go_on()

    def read(self) -> None:
        """Reads the settings again."""
        self._read_of = self.named = self._topic
        self._context.tasks.ask("topics.settings", self._show_settings(self._topic), self._refuse)

    def _refuse(self, error: ClusterError) -> None:
        self.show_error(error)
        self._left_open.note_failure(error, self.read)

    async def _show_settings(self, topic: str) -> None:
        settings = await self._context.engine.topic_settings(topic)
        if topic == self._topic:
            self.settings.show_rows(sorted(settings, key=lambda one: (one.is_default, one.name)))
            self.show_content()
            self._left_open.note_success()
            self._offer(self.selected)

    def _open_deed(self, title: str, _checked: object = None) -> None:
        setting = self.selected
        if setting is not None:
            self._deeds[title][0](setting)

    def _offer(self, setting: Setting | None) -> None:
        for title, (_deed, why_not) in self._deeds.items():
            why = why_not(setting)
            self.buttons[title].setEnabled(not why)
            self.buttons[title].setToolTip(escape_tip(why))

    def _links(self, setting: Setting) -> list[RowLink]:
        return [
            RowLink(f"{title.split()[0]} {setting.name}…", partial(deed, setting), why_not(setting))
            for title, (deed, why_not) in self._deeds.items()
        ]

    def _why_not_change(self, setting: Setting | None) -> str:
        if self._context.profile.read_only:
            return "This profile is read-only"
        if setting is None:
            return "Select a setting first"
        return "It is sensitive: a plan would show its value" if setting.sensitive else ""

    def _why_not_reset(self, setting: Setting | None) -> str:
        why = self._why_not_change(setting)
        if why or setting is None:
            return why
        return "" if setting.of_the_topic else "The topic has no value of its own for it"

    def _line(self, _row: Setting) -> str:
        return self._context.command_line("configs", "topic", self._topic, options=["--all"])
