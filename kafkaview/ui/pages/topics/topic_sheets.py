"""The fields of plans for topics: a new one, more partitions, the records to delete, the value of a setting."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.setting_words import describe_setting
from kafkaview.records.positions import Anchor
from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.words import DASH, plural
from kafkaview.writes.topics.creation import NewTopic
from kafkaview.writes.topics.emptying import EmptyingRequest, parse_before
from kafkaview.writes.topics.settings import parse_settings

_DEFAULT: Final = "the cluster's default"
_UNWRITTEN: Final = "Nothing is written from here."
_BEFORE: Final = (
    (Anchor.END, "All that is there now", ""),
    (Anchor.OFFSET, "Those before an offset", "18443"),
    (Anchor.TIME, "Those before a time", "2026-11-29T02:15:00Z"),
)


class CreateTopicSheet(FormSheet):
    """The name of a new topic, and what the cluster's defaults shall not decide."""

    def __init__(self, context: Context, plan: Plan) -> None:
        text = f"The plan shows what the cluster gives where nothing is said. {_UNWRITTEN}"
        super().__init__(context, "Create a topic", text, plan)
        self.name = QLineEdit()
        self.partitions, self.replicas = QLineEdit(), QLineEdit()
        self.settings = QPlainTextEdit()
        self.settings.setTabChangesFocus(True)
        self.settings.setPlaceholderText("retention.ms=604800000\ncleanup.policy=compact")
        self.settings.setFixedHeight(self.theme.px(84))
        for label, line in (("Topic", self.name), ("Partitions", self.partitions), ("Replicas", self.replicas)):
            line.setPlaceholderText(_DEFAULT if line is not self.name else "")
            self.field(label, line)
            line.textChanged.connect(self.check)
        self.field("Settings", self.settings)
        self.settings.textChanged.connect(self.check)
        self.check()

    def why_not(self) -> str:
        """Returns which field cannot be read."""
        try:
            new = self._new()
        except ValueError as error:
            return str(error)
        return "" if new.name else "A topic needs a name."

    def make(self) -> Make:
        """Returns the function that plans the topic."""
        new = self._new()
        return lambda engine: engine.plan_create_topic(new)

    def _new(self) -> NewTopic:
        lines = [line.strip() for line in self.settings.toPlainText().splitlines()]
        partitions, replicas = _number(self.partitions, "Partitions"), _number(self.replicas, "Replicas")
        return NewTopic(self.name.text().strip(), partitions, replicas, parse_settings(filter(None, lines)))


class PartitionsSheet(FormSheet):
    """How many partitions a topic shall have."""

    def __init__(self, context: Context, plan: Plan, topic: str, partitions: int) -> None:
        has = f"It has {plural(partitions, 'partition')}. {_UNWRITTEN}"
        super().__init__(context, f"Add partitions to {topic}", has, plan, width=520)
        self._topic, self._has = topic, partitions
        self.to = QLineEdit()
        self.to.setPlaceholderText(str(partitions + 1))
        self.field("Partitions in all", self.to)
        self.to.textChanged.connect(self.check)
        self.check()

    def why_not(self) -> str:
        """Returns what is wrong with the number."""
        try:
            to = _number(self.to, "Partitions in all")
        except ValueError as error:
            return str(error)
        return "" if to is not None and to > self._has else f"More than {self._has:,}: Kafka removes no partition."

    def make(self) -> Make:
        """Returns the function that plans the partitions."""
        topic, to = self._topic, int(self.to.text())
        return lambda engine: engine.plan_add_partitions(topic, to)


class EmptyingSheet(FormSheet):
    """Which records of a topic are to be deleted."""

    def __init__(self, context: Context, plan: Plan, topic: str) -> None:
        text = f"The plan shows where each log starts then, and who has not read what goes. {_UNWRITTEN}"
        super().__init__(context, f"Delete records of {topic}", text, plan)
        self._topic = topic
        self.anchor = ComboBox()
        for anchor, title, _example in _BEFORE:
            self.anchor.addItem(title, anchor)
        self.value = QLineEdit()
        self.partitions = QLineEdit()
        self.partitions.setPlaceholderText("all; or 0, 3")
        self.field("Delete", self.anchor)
        self.field("Before", self.value)
        self.field("Partitions", self.partitions)
        self.anchor.currentIndexChanged.connect(self._turn)
        for line in (self.value, self.partitions):
            line.textChanged.connect(self.check)
        self._turn()

    def why_not(self) -> str:
        """Returns which field cannot be read."""
        try:
            self._request()
        except ValueError as error:
            return str(error)
        return ""

    def make(self) -> Make:
        """Returns the function that plans the deletion."""
        request = self._request()
        return lambda engine: engine.plan_empty_topic(request)

    def _request(self) -> EmptyingRequest:
        text, anchor = self.value.text().strip(), Anchor(self.anchor.currentData())
        if anchor is Anchor.OFFSET and not text.isdecimal():
            raise ValueError("An offset is a number from 0.")
        if anchor is Anchor.TIME and not text:
            raise ValueError("A time is missing.")
        before = parse_before({Anchor.END: "end", Anchor.OFFSET: text, Anchor.TIME: f"@{text}"}[anchor])
        return EmptyingRequest(self._topic, before, self._partitions())

    def _partitions(self) -> tuple[int, ...] | None:
        words = self.partitions.text().replace(",", " ").split()
        if not all(word.isdecimal() for word in words):
            raise ValueError("Partitions are numbers: 0, 3.")
        return tuple(sorted({int(word) for word in words})) or None

    def _turn(self) -> None:
        example = next(example for anchor, _title, example in _BEFORE if anchor == self.anchor.currentData())
        self.value.setPlaceholderText(example)
        self.show_field(self.value, shown=bool(example))
        self.check()


class SettingSheet(FormSheet):
    """Another value of one setting, with Kafka's own words on it."""

    def __init__(self, context: Context, plan: Plan, topic: str, setting: Setting) -> None:
        super().__init__(context, f"Change {setting.name} of {topic}", _UNWRITTEN, plan)
        self._topic, self._setting = topic, setting
        now = DASH if setting.value is None else setting.value or "empty"
        self.value = QLineEdit(setting.value or "")
        self.field("Now", Text(now, mono=True, wrap=True))
        self.field("New value", self.value)
        self.body.addWidget(Text(describe_setting(setting), size=12, tone="text_2", wrap=True))
        self.value.textChanged.connect(self.check)
        self.check()

    def why_not(self) -> str:
        """Returns that nothing would change."""
        if self._setting.of_the_topic and self.value.text() == self._setting.value:
            return "It has this value already."
        return ""

    def make(self) -> Make:
        """Returns the function that plans the value."""
        topic, values = self._topic, {self._setting.name: self.value.text()}
        return lambda engine: engine.plan_set_settings(topic, values)


def _number(line: QLineEdit, label: str) -> int | None:
    """Returns the number of a field, None where it is empty. Raises ValueError."""
    text = line.text().strip()
    if not text:
        return None
    if not text.isdecimal() or not int(text):
        raise ValueError(f"{label}: a number from 1.")
    return int(text)
