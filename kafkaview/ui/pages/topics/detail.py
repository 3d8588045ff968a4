"""One topic below the table: its partitions, its settings, the groups that read it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.terms import RecordId
from kafkaview.triage.watch.listed_columns import PartitionRow
from kafkaview.triage.watch.sample_arrays import Reader, TopicDetail
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.detail_age import DetailAge
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.layout import column, fill_widget, head
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.topics.column_looks import partition_columns, reader_columns
from kafkaview.ui.pages.topics.rows import TopicRow, partition_rows, reader_rows
from kafkaview.ui.pages.topics.settings_tab import SettingsTab
from kafkaview.ui.pages.topics.statistics import StatisticsTab
from kafkaview.words import DASH, number

_NO_READERS = "No group has committed on this topic, and none owns a partition of it."
_UNKNOWN_READERS = "Which groups read this topic is not known now."


class TopicPane(QWidget):
    """Shows one topic. Its settings are read when they are looked at."""

    change_setting = Signal(str, object)  # the topic, and its Setting
    reset_setting = Signal(str, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._topic = ""
        self._name = Text(size=15, weight=600)
        self.chip = Chip(theme, Mark.OK, "Healthy")
        self.age = DetailAge()
        self._sight = HealthSight.NOT_YET
        self._all_are_known = False  # the groups that read it, as far as the sample tells
        partitions = partition_columns(lambda: self._sight in (HealthSight.NOW, HealthSight.NOT_YET))
        self.partitions: TableModel[PartitionRow] = TableModel(partitions, lambda row: row.topic_partition)
        self.writes = Button(theme, "Change topic…", icon="chevron-down")
        self.readers: TableModel[Reader] = TableModel(reader_columns(lambda: self._sight), lambda row: row.group)
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "partitions": ("Partitions", self._partitions_table),
                "settings": ("Settings", self._settings_tab),
                "groups": ("Groups", self._readers_table),
                "statistics": ("Statistics", lambda: StatisticsTab(context)),
            }
        )
        heading = head(self._name, self.chip, self.age, right=(self.tabs.segments, self.writes))
        fill_widget(self, column(heading, last=self.tabs))
        self.tabs.turned.connect(lambda _name: self._fill_settings())
        self.tabs.turned.connect(lambda _name: self._fill_statistics())

    @property
    def settings(self) -> SettingsTab:
        """The tab of the settings."""
        tab = self.tabs.tabs["settings"]
        assert isinstance(tab, SettingsTab)
        return tab

    def show_topic(self, row: TopicRow | None) -> None:
        """Shows the state of a topic at once, its partitions and readers when the engine has answered."""
        if row is None:
            return
        self._all_are_known = row.sight in (HealthSight.NOW, HealthSight.NOT_YET) and not row.silence
        if row.name != self._topic:
            self.age.forget()
            self.partitions.set_rows(())
            self.readers.nothing = ""
            self.readers.set_rows(())
            self._title_groups(row.groups)
        self._topic = row.name
        if row.sight is not self._sight:
            self._sight = row.sight
            for model in (self.partitions, self.readers):
                model.sort_again()  # their marks say something else now
        self._name.setText(row.name)
        self.chip.set_state(row.mark, row.state[:1].upper() + row.state[1:])
        self.tabs.set_title("partitions", f"Partitions {number(row.partitions)}")
        self._fill_settings()
        self._fill_statistics()
        self.age.await_newer()
        self._context.tasks.ask("topics.detail", self._read(row.name))

    async def _read(self, topic: str) -> None:
        await self._context.engine.look_at((), [topic])
        detail = await self._context.engine.topic_detail(topic)
        if detail is not None and topic == self._topic:
            self.show_detail(detail)

    def show_detail(self, detail: TopicDetail) -> None:
        """Shows the partitions of the topic and its readers."""
        self.age.note()
        self.partitions.set_rows(partition_rows(detail))
        self.readers.nothing = _NO_READERS if self._all_are_known else _UNKNOWN_READERS
        self.readers.set_rows(reader_rows(detail))
        self._title_groups(len(detail.readers))

    def _title_groups(self, count: int) -> None:
        """Counts the readers; of a sample that is old, or with groups that nobody has listed, none is no count."""
        known = count or self._all_are_known
        self.tabs.set_title("groups", f"Groups {number(count) if known else DASH}")

    def reread_settings(self) -> None:
        """Reads the settings again, if they were read."""
        if "settings" in self.tabs.tabs.made and self._topic:
            self.settings.read()

    def _fill_settings(self) -> None:
        """Shows the settings if they are looked at."""
        if self.tabs.current == "settings" and self._topic:
            self.settings.show_topic(self._topic)
            if self._sight in (HealthSight.NOW, HealthSight.NOT_YET):
                self.settings.go_on()

    def _settings_tab(self) -> QWidget:
        return SettingsTab(self._context, self._change_setting, self._reset_setting)

    def _change_setting(self, setting: Setting) -> None:
        self.change_setting.emit(self._topic, setting)

    def _reset_setting(self, setting: Setting) -> None:
        self.reset_setting.emit(self._topic, setting)

    def _fill_statistics(self) -> None:
        """Shows what was counted of the topic, if that is looked at."""
        if self.tabs.current == "statistics":
            tab = self.tabs.front
            assert isinstance(tab, StatisticsTab)
            tab.show_topic(self._topic)

    def _partitions_table(self) -> QWidget:
        menu: RowMenu[PartitionRow] = RowMenu(
            lambda _row: self._context.command_line("topic", self._topic),
            lambda row: [
                self._context.link(f"Read the newest records of {row.topic_partition}", "records", _newest(row))
            ],
        )
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


def _newest(row: PartitionRow) -> str:
    """Returns the newest record of a partition as a place names it; the topic where there is none, or none is known."""
    place, end = row.topic_partition, row.offsets.log_end_offset
    return str(RecordId(place.topic, place.partition, end - 1)) if end else place.topic
