"""One topic below the table: its partitions, its settings, the groups that read it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.triage.watch.columns import Reader, TopicDetail
from kafkaview.triage.watch.fields import PartitionRow
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column, fill_widget, head
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.topics.columns import PARTITIONS, READERS, SETTINGS
from kafkaview.ui.pages.topics.rows import TopicRow, partition_rows, reader_rows
from kafkaview.words import number

_SETTINGS_OF = Subject(
    "the settings",
    "Asking the brokers for the topic's settings",
    "DESCRIBE_CONFIGS on Topic",
    ("--operation", "DescribeConfigs", "--topic", "*"),
)


class TopicPane(QWidget):
    """Shows one topic. Its settings are read when they are looked at."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._topic = ""
        self._settings_of = ""  # the topic whose settings were asked for
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Healthy")
        self.partitions: TableModel[PartitionRow] = TableModel(PARTITIONS, lambda row: row.topic_partition)
        self.settings: TableModel[TopicSetting] = TableModel(SETTINGS, lambda row: row.name)
        self.readers: TableModel[Reader] = TableModel(READERS, lambda row: row.group)
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "partitions": ("Partitions", self._partitions_table),
                "settings": ("Settings", self._settings_room),
                "groups": ("Groups", self._readers_table),
            }
        )
        heading = head(self._name, self.chip, right=(self.tabs.segments,))
        fill_widget(self, column(heading, last=self.tabs))
        self.tabs.turned.connect(lambda _name: self._fill_settings())

    @property
    def of_settings(self) -> QueryView:
        """The tab of the settings."""
        room = self.tabs.tabs["settings"]
        assert isinstance(room, QueryView)
        return room

    def show_topic(self, row: TopicRow | None) -> None:
        """Shows the state of a topic at once, its partitions and readers when the engine has answered."""
        if row is None:
            return
        if row.name != self._topic:
            self.partitions.set_rows(())
            self.readers.set_rows(())
            self.tabs.set_title("groups", f"Groups {number(row.groups)}")
        self._topic = row.name
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.state[:1].upper() + row.state[1:])
        self.tabs.set_title("partitions", f"Partitions {number(row.partitions)}")
        self._fill_settings()
        self._context.tasks.ask("topics.detail", self._read(row.name))

    async def _read(self, topic: str) -> None:
        await self._context.engine.look_at((), [topic])
        detail = await self._context.engine.topic_detail(topic)
        if detail is not None and topic == self._topic:
            self.show_detail(detail)

    def show_detail(self, detail: TopicDetail) -> None:
        """Shows the partitions of the topic and its readers."""
        self.partitions.set_rows(partition_rows(detail))
        self.readers.set_rows(reader_rows(detail))
        self.tabs.set_title("groups", f"Groups {number(len(detail.readers))}")

    def _fill_settings(self) -> None:
        """Reads the settings if they are looked at, once for each topic."""
        if self.tabs.current == "settings" and self._topic and self._settings_of != self._topic:
            self._settings_of = self._topic
            self.of_settings.show_loading()
            self._read_settings()

    def _read_settings(self) -> None:
        self._context.tasks.ask("topics.settings", self._show_settings(self._topic), self.of_settings.show_error)

    async def _show_settings(self, topic: str) -> None:
        settings = await self._context.engine.topic_settings(topic)
        if topic == self._topic:
            self.settings.set_rows(sorted(settings, key=lambda s: (s.is_default, s.name)))
            self.of_settings.show_content()

    def _settings_room(self) -> QueryView:
        theme, profile = self._context.theme, self._context.profile
        settings = Table(theme, self.settings, "Settings of the topic", menu=RowMenu(self._settings_line))
        return QueryView(theme, profile, _SETTINGS_OF, settings, again=self._read_settings)

    def _settings_line(self, _row: TopicSetting) -> str:
        return self._context.command_line("configs", "topic", self._topic, options=["--all"])

    def _partitions_table(self) -> QWidget:
        menu: RowMenu[PartitionRow] = RowMenu(lambda _row: self._context.command_line("topic", self._topic))
        return Table(self._context.theme, self.partitions, "Partitions of the topic", menu=menu)

    def _readers_table(self) -> QWidget:
        context = self._context
        menu: RowMenu[Reader] = RowMenu(
            lambda row: context.command_line("lag", row.group),
            lambda row: [context.link(f"Go to the group {row.group}", "groups", row.group)],
        )
        readers: Table[Reader] = Table(context.theme, self.readers, "Groups that read the topic", menu=menu)
        readers.opened.connect(lambda row: context.go(Place("groups", row.group)))
        return readers
