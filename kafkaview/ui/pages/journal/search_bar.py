"""What is looked for in the journal: words, an outcome, a kind of write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from kafkaview.journal.search import JournalRequest
from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Segments
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.journal.words import OUTCOMES, STATES

_REST_MS: Final = 150  # after the last letter
_ALL_KINDS: Final = "All kinds"


class SearchBar(QObject):
    """The controls of the page head. `changed` is emitted once what is looked for rests."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.field = FilterField(theme, "Search the journal")
        self.field.setToolTip(
            "Deed, target, group, TOPIC:PARTITION:OFFSET, connection, user or principal. "
            "Every word has to be there, -word must not."
        )
        self.field.setFixedWidth(theme.px(220))
        self.outcomes = Segments(OUTCOMES)
        self.kinds = ChoiceList("Kind of write")
        self.kinds.addItem(_ALL_KINDS, "")
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.changed)
        self.field.filtered.connect(lambda _text: self._rest.start())
        self.outcomes.chosen.connect(lambda _name: self.changed.emit())
        self.kinds.currentIndexChanged.connect(lambda _place: self.changed.emit())

    @property
    def widgets(self) -> Sequence[QWidget]:
        """The controls, from left to right."""
        return (self.field, self.outcomes, self.kinds)

    @property
    def request(self) -> JournalRequest:
        """What is looked for."""
        kind = str(self.kinds.currentData() or "")
        return JournalRequest(self.field.text(), STATES[self.outcomes.current], (kind,) if kind else ())

    def offer_kinds(self, kinds: Sequence[str]) -> None:
        """Offers the kinds of write that there are; the chosen one stays."""
        if [self.kinds.itemData(place) for place in range(1, self.kinds.count())] == list(kinds):
            return
        chosen = str(self.kinds.currentData() or "")
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self.kinds.addItem(_ALL_KINDS, "")
        for kind in kinds:
            self.kinds.addItem(kind, kind)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(chosen)))
        self.kinds.blockSignals(False)

    def clear(self) -> None:
        """Looks for everything again."""
        self.kinds.setCurrentIndex(0)
        self.outcomes.choose("all")
        self.field.clear()

    def search(self, text: str) -> None:
        """Looks for a text at once."""
        self.field.setText(text)
        self._rest.stop()
