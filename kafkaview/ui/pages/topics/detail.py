"""One topic below the table: its partitions, its settings, the groups that read it."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.triage.watch.columns import Reader, TopicDetail
from kafkaview.ui.kit.controls import Segments, Text, ground
from kafkaview.ui.kit.flow_layout import flowing
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.topics.columns import PARTITIONS, READERS, SETTINGS
from kafkaview.ui.pages.topics.rows import PartitionRow, TopicRow, partition_rows, reader_rows
from kafkaview.words import number

_TABS = ("partitions", "settings", "groups")


class TopicPane(QWidget):
    """Shows a topic as it stands now. Settings are asked for when they are looked at."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._context = context
        self._topic = ""
        self._asked = ""
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Healthy")
        self.tabs = Segments((("partitions", "Partitions"), ("settings", "Settings"), ("groups", "Groups")))
        self.partitions: TableModel[PartitionRow] = TableModel(PARTITIONS, lambda row: row.topic_partition)
        self.settings: TableModel[TopicSetting] = TableModel(SETTINGS, lambda row: row.name)
        self.readers: TableModel[Reader] = TableModel(READERS, lambda row: row.group)
        self._unread = Text(size=12, tone="text_2", wrap=True)
        self._views = QStackedWidget()
        self._lay_out()
        self.tabs.chosen.connect(self._choose)

    def show_topic(self, row: TopicRow) -> None:
        """Show a topic: its state at once, its partitions and readers when the engine has answered."""
        if row.name != self._topic:
            self.partitions.set_rows(())
            self.readers.set_rows(())
            self.tabs.set_title("groups", f"Groups {number(row.groups)}")
        self._topic = row.name
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.state[:1].upper() + row.state[1:])
        self.tabs.set_title("partitions", f"Partitions {number(row.partitions)}")
        self._choose(self.tabs.current)
        self._context.tasks.start("topics.detail", self._read(row.name), on_error=self._unread_detail)

    async def _read(self, topic: str) -> None:
        await self._context.engine.look_at((), [topic])
        detail = await self._context.engine.topic_detail(topic)
        if detail is not None and topic == self._topic:
            self.show_detail(detail)

    def show_detail(self, detail: TopicDetail) -> None:
        """Show the partitions of the topic, and who reads it."""
        self.partitions.set_rows(partition_rows(detail))
        self.readers.set_rows(reader_rows(detail))
        self.tabs.set_title("groups", f"Groups {number(len(detail.readers))}")

    def _unread_detail(self, error: Exception) -> None:
        """What was shown stays; the window says why nothing new comes."""
        if not isinstance(error, ClusterError):
            raise error

    def _choose(self, name: str) -> None:
        self._views.setCurrentIndex(_TABS.index(name))
        if name == "settings" and self._topic and self._asked != self._topic:
            self._asked = self._topic
            self.settings.set_rows(())
            self._context.tasks.start("topics.settings", self._ask(self._topic), on_error=self._refused)

    async def _ask(self, topic: str) -> None:
        settings = await self._context.engine.topic_settings(topic)
        if topic == self._topic:
            self._unread.hide()
            self.settings.set_rows(sorted(settings, key=lambda s: (s.is_default, s.name)))

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self._asked = ""
        self._unread.setText(f"The settings are not told: {error.message}. {error.hint}")
        self._unread.show()

    def _lay_out(self) -> None:
        theme = self._context.theme
        readers: Table[Reader] = Table(theme, self.readers, "Groups that read the topic")
        readers.opened.connect(lambda row: self._context.go(Place("groups", row.group)))
        settings = QWidget()
        below = QVBoxLayout(settings)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._unread)
        below.addWidget(Table(theme, self.settings, "Settings of the topic"))
        self._unread.hide()
        self._views.addWidget(Table(theme, self.partitions, "Partitions of the topic"))
        self._views.addWidget(settings)
        self._views.addWidget(readers)
        head = flowing(self._name, self.chip, gap=12)
        head.setContentsMargins(16, 8, 12, 8)
        head.push()
        head.addWidget(self.tabs)
        ground(self, "surface")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._views, stretch=1)
