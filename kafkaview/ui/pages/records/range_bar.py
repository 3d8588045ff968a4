"""Where to read: the topic, its partitions, from where to where, and whether uncommitted records are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from kafkaview.ui.kit.choice_field import EditableChoice
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.partition_field import PartitionField
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.theme import Theme

NEWEST: Final = "newest"  # the newest records of all partitions together, the last one first
_NEWEST_WORDS: Final = "Newest 200"
_STARTS: Final = (
    (NEWEST, _NEWEST_WORDS),
    ("beginning", "Beginning"),
    ("-100", "Last 100 of each partition"),
    ("-1000", "Last 1,000 of each partition"),
    ("@", "A time: @2026-01-31T14:02:11Z"),
    ("group:", "A group's committed offset: group:NAME"),
)
_STOPS: Final = (("end", "now"), ("@", "a time: @2026-01-31T14:02:11Z"))


class RangeBar(QWidget):
    """Emits `read` when the user asks for records, `followed` when the newest ones are to be followed or no more."""

    read = Signal()
    followed = Signal(bool)
    topic_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.topic = Picker(theme, "Topic", 190)
        self.partitions = PartitionField(theme, width=150)
        self.start = EditableChoice(theme, "From", _STARTS, width=160, asks="@:")
        self.start.setToolTip("newest, beginning, -N, an offset, @TIME, or group:NAME")
        self.stop = EditableChoice(theme, "To", _STOPS, width=110, asks="@")
        self.stop.setToolTip("now, an offset, or @TIME")
        self.uncommitted = QCheckBox("Uncommitted too")
        self.uncommitted.setToolTip("Also shows records of open and of aborted transactions")
        self.follow_button = Button(theme, "Follow", icon="play", clicked=self._toggle)
        self.read_button = Button(theme, "Read", kind=ButtonKind.PRIMARY, clicked=self.read.emit)
        self._follows = False
        self.count: int | None = None  # of the topic's partitions, as far as known
        row = make_flow(
            self.topic,
            self.partitions,
            Text("from", tone="text_2"),
            self.start,
            Text("to", tone="text_2"),
            self.stop,
            self.uncommitted,
        )
        row.push()
        row.addWidget(self.follow_button)
        row.addWidget(self.read_button)
        self.setLayout(row)
        for field in (self.partitions, self.start, self.stop):
            field.entered.connect(self.read)
        line = self.topic.lineEdit()
        assert line is not None
        line.returnPressed.connect(self.read)
        self.topic.currentTextChanged.connect(lambda _text: self.topic_changed.emit(self.topic.text))

    @property
    def one_partition(self) -> int | None:
        """The partition to read where it is one alone."""
        try:
            chosen = self.partitions.numbers
        except ValueError:
            return None
        return chosen[0] if len(chosen) == 1 else 0 if self.count == 1 else None

    def offer_topics(self, topics: Sequence[str]) -> None:
        """Sets the topics to choose from."""
        self.topic.offer(topics)

    def show_count(self, partitions: int | None) -> None:
        """Says how many partitions the topic has."""
        self.count = partitions
        self.partitions.show_count(partitions)

    def show_search(self, *, searches: bool) -> None:
        """Says from where on a search reads that was not told to begin anywhere."""
        self.start.rename(NEWEST, "Oldest first" if searches else _NEWEST_WORDS)

    def show_following(self, *, follows: bool, rate: str = "") -> None:
        """Turns Read into Pause while new records are followed."""
        self._follows = follows
        self.follow_button.setText(f"Pause {rate}".strip() if follows else "Follow")
        self.follow_button.set_icon("pause" if follows else "play")

    def _toggle(self) -> None:
        self.followed.emit(not self._follows)
