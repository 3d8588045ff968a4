"""The filter of the records: text over what is loaded, or a CEL expression over the whole range."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kafkaview.decode.choices import DecoderChoice
from kafkaview.decode.registry import FORMATS
from kafkaview.records.detail import FilterCheck
from kafkaview.ui.kit.choice_field import EditableChoice
from kafkaview.ui.kit.controls import Segments, Text
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column, fill_widget
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.theme import Theme

TEXT: Final = "text"
CEL: Final = "cel"
_AUTO: Final = "auto"
_REST_MS: Final = 150
_HINTS: Final = {
    TEXT: "Filter what is loaded as you type",
    CEL: 'Search the whole range: value.amount > 40 && key.startsWith("c-")',
}
_TIPS: Final = {
    TEXT: "Words must all be there, -word must not, bytes>1000 compares",
    CEL: "CEL over topic, partition, offset, timestamp, key, value, headers, size. Enter searches",
}


class FilterBar(QWidget):
    """Emits `filtered` for every letter of a text filter, `checked` when an expression has rested for a moment,
    `searched` when one is entered, and `decoded` when another format is chosen for the topic.
    """

    filtered = Signal(str)
    checked = Signal()
    searched = Signal()
    decoded = Signal()

    def __init__(self, theme: Theme, saved: QWidget) -> None:
        super().__init__()
        self.kinds = Segments(((TEXT, "Text"), (CEL, "CEL")))
        self.field = FilterField(theme)
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.key_format = _format_field(theme, "Key as")
        self.value_format = _format_field(theme, "Value as")
        self.verdict = Text(size=12, tone="bad_text", wrap=True)
        self.verdict.hide()
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.checked)
        fields = make_flow(self.kinds, self.field, saved, grows=self.field)
        for words, field in (("key", self.key_format), ("value", self.value_format)):
            pair = QHBoxLayout()  # a field stays beside its word
            pair.setContentsMargins(0, 0, 0, 0)
            pair.setSpacing(8)
            pair.addWidget(Text(words, tone="text_2"))
            pair.addWidget(field)
            fields.addWidget(fill_widget(QWidget(), pair, surface=False))
            field.entered.connect(self.decoded)
            field.activated.connect(lambda _place, field=field: self._choose(field))
        self.setLayout(column(fields, self.verdict, gap=4))
        self.kinds.chosen.connect(self._turn)
        self.field.filtered.connect(self._tell)
        self.field.returnPressed.connect(lambda: self.searched.emit() if self.searches else None)
        self._turn(TEXT)

    @property
    def searches(self) -> bool:
        """Whether the field holds an expression for the whole range."""
        return self.kinds.current == CEL

    @property
    def expression(self) -> str:
        """The CEL expression; empty where the filter is text."""
        return self.field.text().strip() if self.searches else ""

    @property
    def choice(self) -> DecoderChoice:
        """The rules that keys and values are read by; None for `auto`."""
        key, value = (
            None if field.value in ("", _AUTO) else field.value for field in (self.key_format, self.value_format)
        )
        return DecoderChoice(key, value)

    def show_expression(self, expression: str) -> None:
        """Puts a CEL expression into the field."""
        self.kinds.choose(CEL)
        self.field.setText(expression)
        self.field.setFocus()

    def show_choice(self, choice: DecoderChoice) -> None:
        """Shows the rules that are kept for a topic."""
        self.key_format.show_value(choice.key or _AUTO)
        self.value_format.show_value(choice.value or _AUTO)

    def show_check(self, check: FilterCheck) -> None:
        """Says what is wrong with the expression, else what it says of the selected record."""
        if check.problem:
            where = "" if check.position is None else f"at character {check.position + 1}: "
            self._say(f"{where}{check.problem}", "bad_text")
        elif check.failure:
            self._say(f"It fails on the selected record: {check.failure}. Enter searches", "warn_text")
        elif check.matches is None:
            self._say("Enter searches the whole range", "text_2")
        else:
            fits = "matches" if check.matches else "does not match"
            self._say(f"The selected record {fits}. Enter searches the whole range", "text_2")

    def _say(self, text: str, tone: str = "text_2") -> None:
        self.verdict.set_tone(tone)
        self.verdict.setText(text)
        self.verdict.setVisible(bool(text))

    def _choose(self, field: EditableChoice) -> None:
        """Tells of a choice, but not of one that is still to be completed with a file or a number."""
        if not field.value.endswith(":"):
            self.decoded.emit()

    def _turn(self, kind: str) -> None:
        self.field.searches = self.searches
        self.field.setPlaceholderText(_HINTS[kind])
        self.field.setAccessibleName(_HINTS[kind])
        self.field.setToolTip(_TIPS[kind])
        self._say("")
        self._tell(self.field.text())

    def _tell(self, text: str) -> None:
        self.filtered.emit("" if self.searches else text)
        if self.expression:
            self._rest.start()
        else:
            self._rest.stop()
            self._say("")


def _format_field(theme: Theme, name: str) -> EditableChoice:
    formats = ((row.opening, row.usage) for row in FORMATS)
    field = EditableChoice(theme, name, ((_AUTO, _AUTO), *formats), width=104)
    field.setToolTip(f"{name}: how the topic's records are decoded. auto takes the format that fits")
    return field
