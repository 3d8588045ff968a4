"""The fields of an import: the file, where its records go, and what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.profiles.file_paths import typed_path
from kafkaview.ui.kit.controls import Button, Segments, Text
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.ui.writes.option import Option
from kafkaview.writes.records.request import ImportPartitions, ImportRequest, ImportTimestamps

_LINES = "JSON lines (*.jsonl *.json)"
_WORDS = "It takes the JSON lines that an export writes. The file is looked through before anything is sent."


class ImportSheet(FormSheet):
    """Stays open below the dialog of its plan, so that another choice can be made."""

    def __init__(self, context: Context, plan: Plan, topics: Sequence[str], topic: str) -> None:
        super().__init__(context, "Import records", _WORDS, plan, width=700)
        theme = context.theme
        self.file = QLineEdit()
        self.file.setPlaceholderText("/home/me/orders.jsonl")
        self.choose = Button(theme, "Choose…", clicked=self._choose_file)
        self.topic = Picker(theme, "Topic", 320)
        self.topic.offer(topics)
        self.topic.show_text(topic)
        self.partitions = Segments(
            (
                (ImportPartitions.KEEP.value, "Those of the file"),
                (ImportPartitions.BY_KEY.value, "By the keys (murmur2)"),
            )
        )
        self.timestamps = Segments(
            ((ImportTimestamps.KEEP.value, "Those of the file"), (ImportTimestamps.NOW.value, "The present time"))
        )
        self.skip = Option("Leave out lines that cannot be read; without it one such line refuses the plan")
        self.from_start = Option("From the start, though an earlier import of the file was cut off")
        self._fill_form()
        self.file.textChanged.connect(self.check)
        self.topic.currentTextChanged.connect(self.check)
        self.check()

    @property
    def request(self) -> ImportRequest:
        """The import of the fields."""
        return ImportRequest(
            typed_path(self.file.text().strip()),
            self.topic.text,
            ImportPartitions(self.partitions.current),
            ImportTimestamps(self.timestamps.current),
            self.skip.isChecked(),
            self.from_start.isChecked(),
        )

    def why_not(self) -> str:
        """Returns what is missing."""
        if not self.file.text().strip():
            return "A file is missing."
        return "" if self.topic.text else "A topic is missing."

    def make(self) -> Make:
        """Returns the function that plans the import."""
        request = self.request
        return lambda engine: engine.plan_import_records(request)

    def _choose_file(self) -> None:
        chosen = lambda path: self.file.setText(str(path))  # noqa: E731
        ask_for_file(self, "Import records", _LINES, chosen, begin=self.file.text())

    def _fill_form(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.file, 1)
        row.addWidget(self.choose)
        file = QWidget()
        file.setLayout(row)
        self.file.setAccessibleName("File")
        self.field("File", file)
        self.field("Into the topic", self.topic)
        self.field("Partitions", self.partitions)
        self.field("Timestamps", self.timestamps)
        self.field("", self.skip)
        self.field("", self.from_start)
        sent = "It is sent in transactions of at most 5,000 records. One that ends early goes on where it ended."
        self.body.addWidget(Text(sent, size=12, tone="text_2", wrap=True))
