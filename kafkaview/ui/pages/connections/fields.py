"""The controls of the form: each holds one value and emits `changed`."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.controls import Button, Segments, Text
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.theme.fonts import MONO

Value = str | bool


class Field(QWidget):
    """The base class: one control without a label."""

    changed = Signal()

    def __init__(self, control: QWidget) -> None:
        super().__init__()
        self.control = control
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(control)
        self.setFocusProxy(control)

    def value(self) -> Value:
        """Returns the value."""
        raise NotImplementedError

    def set_value(self, value: Value) -> None:
        """Sets the value."""
        raise NotImplementedError


class LineField(Field):
    """One line of text; names of hosts, files and users are mono."""

    def __init__(self, hint: str = "", *, mono: bool = True) -> None:
        self.line = QLineEdit()
        super().__init__(self.line)
        self.line.setProperty("mono", "true" if mono else "false")
        self.line.setPlaceholderText(hint)
        self.line.textChanged.connect(self.changed)

    def value(self) -> str:
        """Returns the text."""
        return self.line.text()

    def set_value(self, value: Value) -> None:
        """Sets the text and shows its beginning."""
        self.line.setText(str(value))
        self.line.setCursorPosition(0)


class FileField(LineField):
    """The path of a file, typed or chosen."""

    def __init__(self, theme: Theme, title: str, kinds: str) -> None:
        super().__init__()
        self._title, self._kinds = title, kinds
        self.row.addWidget(Button(theme, "Choose…", tip=title, clicked=self._choose))

    def _choose(self) -> None:
        ask_for_file(self, self._title, self._kinds, lambda path: self.set_value(str(path)))


class AreaField(Field):
    """Several lines of text: PEM, settings."""

    def __init__(self, theme: Theme, hint: str, *, lines: int = 4) -> None:
        self.area = QPlainTextEdit()
        super().__init__(self.area)
        self._theme, self._lines = theme, lines
        self.area.setProperty("mono", "true")
        self.area.setPlaceholderText(hint)
        self.area.setTabChangesFocus(True)
        self.area.textChanged.connect(self.changed)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        font = self._theme.font(12, mono=True)
        font.setFamily(MONO)
        self.area.setFont(font)
        self.area.setFixedHeight(self._theme.px(12 + 17 * self._lines))

    def value(self) -> str:
        """Returns the text."""
        return self.area.toPlainText()

    def set_value(self, value: Value) -> None:
        """Sets the text."""
        self.area.setPlainText(str(value))


class TickField(Field):
    """A tick box with wrapped words `more` below it. The words `unticked` are shown while it is not ticked."""

    def __init__(self, words: str, *, more: str = "", unticked: str = "") -> None:
        self.box = QCheckBox(words)
        holder = QWidget()
        super().__init__(holder)
        self.warning = Text(unticked, size=12, tone="warn_text", wrap=True)
        self.warning.setVisible(False)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 5, 0, 5)
        column.setSpacing(2)
        column.addWidget(self.box)
        if more:
            column.addWidget(Text(more, size=12, tone="text_2", wrap=True))
        column.addWidget(self.warning)
        self.setFocusProxy(self.box)
        self.box.toggled.connect(lambda ticked: self.warning.setVisible(bool(unticked) and not ticked))
        self.box.toggled.connect(self.changed)

    def value(self) -> bool:
        """Returns whether the box is ticked."""
        return self.box.isChecked()

    def set_value(self, value: Value) -> None:
        """Ticks the box or not."""
        self.box.setChecked(bool(value))


class SegmentField(Field):
    """A few choices, all of them visible."""

    def __init__(self, items: tuple[tuple[str, str], ...]) -> None:
        self.segments = Segments(items)
        super().__init__(self.segments)
        self.row.addStretch(1)
        self.segments.chosen.connect(self.changed)

    def value(self) -> str:
        """Returns the choice."""
        return self.segments.current

    def set_value(self, value: Value) -> None:
        """Sets the choice."""
        self.segments.choose(str(value))


class ChoiceField(Field):
    """Choices in a list; one that is not available is grey, with its reason as tooltip."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self.box = ComboBox()
        super().__init__(self.box)
        for value, title in items:
            self.box.addItem(title, value)
        self.box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.row.addStretch(1)
        self.box.currentIndexChanged.connect(self.changed)

    def value(self) -> str:
        """Returns the choice."""
        return str(self.box.currentData())

    def set_value(self, value: Value) -> None:
        """Sets the choice."""
        self.box.setCurrentIndex(self.box.findData(str(value)))

    def refuse(self, value: str, reason: str) -> None:
        """Greys one choice, with the reason."""
        place, model = self.box.findData(value), self.box.model()
        self.box.setItemData(place, reason, Qt.ItemDataRole.ToolTipRole)
        if isinstance(model, QStandardItemModel):
            model.item(place).setEnabled(False)
