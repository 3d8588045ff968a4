"""The form of a scan: the topic, which of its records, and the rule that they are held to."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from kafkaview.triage.scan.request import ScanRequest
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.kind_field import KindField
from kafkaview.ui.kit.partition_field import PartitionField
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.scan.kinds import OWN, RULES, STARTS, STOPS, rule_title

_VALUES, _KEYS = "values", "keys"
_FIELDS: Final = ((_VALUES, "Values"), (_KEYS, "Keys"))


class ScanForm(QWidget):
    """Emits `changed` with every change, `entered` for Enter in a field."""

    changed = Signal()
    entered = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.topic = Picker(theme, "Topic", 190)
        self.partitions = PartitionField(theme)
        self.start, self.stop = KindField(theme, "From", STARTS), KindField(theme, "To", STOPS)
        self.fields = Segments(_FIELDS)
        self.rule = KindField(theme, "Rule", RULES)
        self._lay_out()
        self.fields.chosen.connect(self._turn)
        self.topic.currentTextChanged.connect(lambda _text: self.changed.emit())
        self.partitions.currentTextChanged.connect(lambda _text: self.changed.emit())
        self.partitions.entered.connect(self.entered)
        line = self.topic.lineEdit()
        assert line is not None
        line.returnPressed.connect(self.entered)
        for field in (self.start, self.stop, self.rule):
            field.changed.connect(self._tell)
            field.entered.connect(self.entered)
        self._tell()

    @property
    def of_keys(self) -> bool:
        """Whether keys are held to the rule, not values."""
        return self.fields.current == _KEYS and self.rule.kind is not OWN

    @property
    def request(self) -> ScanRequest:
        """What the form asks for. Raises ValueError for what are no partitions."""
        rule = self.rule.value
        return ScanRequest(
            self.topic.text,
            self.partitions.numbers,
            self.start.value,
            self.stop.value,
            value_rule="" if self.of_keys else rule,
            key_rule=rule if self.of_keys else "",
        )

    @property
    def why_not(self) -> str:
        """Why there is nothing to scan yet; empty if there is."""
        try:
            topic = self.request.topic
        except ValueError as error:
            return f"{error}."
        missing = (field.why_not for field in (self.start, self.stop, self.rule))
        return next(filter(None, missing), "") if topic else "Choose a topic."

    def show_request(self, request: ScanRequest) -> None:
        """Shows what was asked for."""
        self.topic.show_text(request.topic)
        self.partitions.show_numbers(request.partitions)
        self.start.show_value(request.start)
        self.stop.show_value(request.end)
        self.fields.choose(_KEYS if request.key_rule else _VALUES)
        self.rule.show_value(request.key_rule or request.value_rule)

    def _turn(self, _name: str) -> None:
        of_keys = self.fields.current == _KEYS
        self.rule.set_titles(lambda kind: rule_title(kind, of_keys=of_keys))
        self._tell()

    def _tell(self) -> None:
        self.fields.setEnabled(self.rule.kind is not OWN)
        self.changed.emit()

    def _lay_out(self) -> None:
        form = QGridLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        rule = QHBoxLayout()
        rule.setSpacing(8)
        rule.addWidget(self.rule, 1)
        rule.addWidget(self.fields)
        for row, (left, field, right, other) in enumerate(
            (("Topic", self.topic, "Partitions", self.partitions), ("From", self.start, "To", self.stop))
        ):
            form.addWidget(Text(left, tone="text_2"), row, 0)
            form.addWidget(field, row, 1)
            form.addWidget(Text(right, tone="text_2"), row, 2)
            form.addWidget(other, row, 3)
        form.addWidget(Text("Rule", tone="text_2"), 2, 0)
        form.addLayout(rule, 2, 1, 1, 3)
        form.setColumnStretch(1, 1)
        form.setColumnStretch(3, 1)
