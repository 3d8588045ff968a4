"""Where a jump goes to: an offset, a record, or a time, as it is typed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from kafkaview.clock import parse_time
from kafkaview.records.positions import parse_position
from kafkaview.terms import RecordId
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.sheets import Sheet

_HINT: Final = "1442, 3:1442, 2026-01-31T14:02:11Z or -100"


def parse_jump(text: str, topic: str, partition: int | None) -> RecordId | str:
    """Returns the record of an offset (on `partition`, else `PARTITION:OFFSET`), or the position from which to read:
    a time, or an offset of all partitions where none is meant. Raises ValueError with the reason.
    """
    typed = text.strip()
    place, colon, offset = typed.partition(":")
    if colon and place.isdecimal() and offset.isdecimal():
        return RecordId(topic, int(place), int(offset))
    if typed.isdecimal():
        return RecordId(topic, partition, int(typed)) if partition is not None else typed
    try:
        parse_position(typed)
    except ValueError:
        parse_time(typed)
        return f"@{typed}"
    return typed


class JumpSheet(Sheet):
    """Asks where to go."""

    wanted = Signal(object)  # a RecordId, or a position

    def __init__(self, context: Context, topic: str, partition: int | None) -> None:
        super().__init__(context.theme, context.window, width=480)
        where = topic if partition is None else f"{topic}, offsets are those of partition {partition}"
        self.set_title("Go to an offset or a time", where)
        self._topic, self._partition = topic, partition
        self.field = QLineEdit()
        self.field.setPlaceholderText(_HINT)
        self.field.setAccessibleName(f"Offset or time: {_HINT}")
        self.problem = Text(size=12, tone="bad_text", wrap=True)
        self.body.addWidget(self.field)
        self.body.addWidget(self.problem)
        self.footer.addStretch(1)
        self.footer.addWidget(Button(context.theme, "Cancel", tall=True, clicked=self.lift))
        self.footer.addWidget(Button(context.theme, "Go", kind=ButtonKind.PRIMARY, tall=True, clicked=self._confirm))
        self.field.returnPressed.connect(self._confirm)
        self.field.textChanged.connect(lambda _text: self.problem.setText(""))

    def open(self) -> None:
        """Shows the sheet."""
        super().open()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _confirm(self) -> None:
        try:
            wanted = parse_jump(self.field.text(), self._topic, self._partition)
        except ValueError as error:
            self.problem.setText(f"{error}.")
            return
        self.lift()
        self.wanted.emit(wanted)
