"""A field with a list of values to choose from; another value can be typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView

from kafkaview.ui.kit.theme import Theme

_MEASURED: Final = 100  # of the choices: all of thousands of topics take a tenth of a second
_AROUND_WORDS: Final = 40  # pixels: the edges of a row, and the scroll bar


class ComboBox(QComboBox):
    """Every list of choices of the window. The wheel scrolls the page: it neither changes a choice nor takes the
    keyboard, unless the list has it already.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt's own gives the keyboard to what the wheel is turned over

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceList(ComboBox):
    """A list of choices that is as narrow as the page needs it. It is not measured: of thousands of topics that takes a
    tenth of a second after each change of the text size.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        rows = self.view()
        assert isinstance(rows, QListView)
        rows.setUniformItemSizes(True)

    def showPopup(self) -> None:
        """Qt's: the words are read whole, as far as half of the window has room for them."""
        rows, words = self.view(), (self.itemText(place) for place in range(min(self.count(), _MEASURED)))
        widest = max(map(rows.fontMetrics().horizontalAdvance, words), default=0)
        rows.setMinimumWidth(min(widest + _AROUND_WORDS, self.window().width() // 2))
        super().showPopup()


class EditableChoice(ChoiceList):
    """A list to choose from or to type into. Each choice is a value and its words; one whose value `asks` for more is
    put into the field to be completed.
    """

    entered = Signal()  # Enter was pressed in the field

    def __init__(
        self, theme: Theme, name: str, choices: Sequence[tuple[str, str]], *, width: int = 0, asks: str = ":"
    ) -> None:
        super().__init__(name)
        self._asks = asks
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for value, text in choices:
            self.addItem(text, value)
        self.setEditable(True)
        self._theme, self._width = theme, width
        if width:
            self._set_width()
            theme.changed.connect(self._set_width)
        line = self.lineEdit()
        assert line is not None
        line.setProperty("kind", "bare")
        line.returnPressed.connect(self.entered)
        self.activated.connect(self._complete)
        self.currentTextChanged.connect(lambda _text: self._show_begin())
        self._show_begin()

    def _show_begin(self) -> None:
        """Shows a text that is longer than the field from its begin on, unless somebody types."""
        line = self.lineEdit()
        if line is not None and not line.hasFocus():
            line.setCursorPosition(0)

    @property
    def value(self) -> str:
        """The value of the choice, else the text that was typed."""
        place = self.findText(self.currentText())
        return str(self.itemData(place)) if place >= 0 else self.currentText().strip()

    def show_value(self, value: str) -> None:
        """Chooses a value; one that is in no choice is shown as typed."""
        place = self.findData(value)
        if place >= 0:
            self.setCurrentIndex(place)
        else:
            self.setEditText(value)

    def rename(self, value: str, text: str) -> None:
        """Gives a choice other words. What is typed stays."""
        place, shown = self.findData(value), self.currentText()
        if self.itemText(place) == text:
            return
        chosen = shown == self.itemText(place)
        self.setItemText(place, text)
        self.setEditText(text if chosen else shown)
        self._show_begin()

    def _set_width(self) -> None:
        self.setFixedWidth(self._theme.px(self._width))

    def _complete(self, place: int) -> None:
        value = str(self.itemData(place))
        if value and value[-1] in self._asks:
            self.setEditText(value)
