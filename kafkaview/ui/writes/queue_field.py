"""The field of a re-route's dead letter queue: any name, with the queues of the cluster to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.theme import Theme

_WIDTH = 340


class QueueField(QWidget):
    """Emits the name of another queue when it was chosen, or typed and left."""

    chosen = Signal(object)  # a str

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._shown = ""
        self.picker = Picker(theme, "Dead letter queue", _WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Text("To the queue", weight=600))
        row.addWidget(self.picker)
        row.addStretch(1)
        line = self.picker.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._tell)
        self.picker.activated.connect(lambda _place: self._tell())

    def offer(self, names: Sequence[str]) -> None:
        """Sets the queues to choose from."""
        self.picker.offer(names)

    def show_queue(self, name: str) -> None:
        """Shows the queue of a plan."""
        self._shown = name
        self.picker.show_text(name)

    def _tell(self) -> None:
        name = self.picker.text.strip()
        if name and name != self._shown:
            self._shown = name
            self.chosen.emit(name)
