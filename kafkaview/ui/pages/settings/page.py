"""The page Settings: one column, applied at once, each with its default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from kafkaview.ui.kit.choice_field import ChoiceList
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, Text, ground, hairline
from kafkaview.ui.kit.layout import column, fill_widget, make_scroll_area
from kafkaview.ui.kit.notices import Notices
from kafkaview.ui.kit.tables.filter_field import FilterField
from kafkaview.ui.kit.theme import Contrast, RowHeight, Theme, ThemeMode

_WIDTH: Final = 250
_WIDEST: Final = 760
_ON, _OFF = "on", "off"
_SCALES: Final = tuple((str(percent), f"{percent} %") for percent in range(100, 201, 10))


@dataclass(frozen=True, slots=True)
class Preference:
    """One wish: the values that it may have with their words, the first of them the default."""

    title: str
    about: str
    choices: Sequence[tuple[str, str]]
    get: Callable[[], str]
    set: Callable[[str], object]


class SettingsPage(QWidget):
    """Every preference of the user. `left` is emitted when the user goes back, where the page has a way back."""

    left = Signal()

    def __init__(self, theme: Theme, notices: Notices, *, back: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.filter = FilterField(theme)
        self.filter.setToolTip("Words of a setting")
        self.filter.setFixedWidth(theme.px(200))
        self.filter.filtered.connect(self._filter)
        self.rows = tuple(PreferenceRow(theme, one) for one in preferences(theme, notices))
        self._none = Text("No setting has these words", tone="text_2")
        self._none.hide()
        self.back = Button(theme, "Back", clicked=self.left.emit)
        self.back.setVisible(back)
        ground(self, "surface")
        self._lay_out()
        theme.changed.connect(self._show)

    def _show(self) -> None:
        for row in self.rows:
            row.show_value()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for row in self.rows:
            row.setVisible(row.has(words))
        self._none.setVisible(all(row.isHidden() for row in self.rows))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 9, 16, 9)
        head.setSpacing(16)
        head.addWidget(self.back)
        head.addWidget(Text("Settings", size=18, weight=600))
        head.addWidget(Text("Applied at once, for every connection", tone="text_2"), 1)
        head.addWidget(self.filter)
        rows = column(*self.rows, self._none, margins=(16, 8, 16, 16), gap=4, push=True)
        inside = fill_widget(QWidget(), rows)
        inside.setMaximumWidth(self._theme.px(_WIDEST))
        beside = QHBoxLayout()
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(inside, 1)
        beside.addStretch()
        self.setLayout(column(head, hairline(), last=make_scroll_area(fill_widget(QWidget(), beside))))


class PreferenceRow(QWidget):
    """A preference: its words, its choices, and the way back to the default."""

    def __init__(self, theme: Theme, preference: Preference) -> None:
        super().__init__()
        self._preference = preference
        self.choice = ChoiceList(preference.title)
        self.choice.setFixedWidth(theme.px(_WIDTH))
        for value, words in preference.choices:
            self.choice.addItem(words, str(value))
        self.choice.activated.connect(lambda place: self._set(str(self.choice.itemData(place))))
        default, words = preference.choices[0]
        self.reset = Button(theme, "Use the default", kind=ButtonKind.LINK, clicked=lambda: self._set(default))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 8, 0, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(Text(preference.title, weight=600), 0, 0)
        grid.addWidget(Text(preference.about, size=12, tone="text_2", wrap=True), 1, 0)
        grid.addWidget(self.choice, 0, 1)
        grid.setColumnMinimumWidth(1, theme.px(_WIDTH))
        below = QHBoxLayout()
        default_words = Elided(f"Default: {words}", size=12, tone="text_3")
        below.addWidget(default_words, 1)
        below.addWidget(self.reset)
        grid.addLayout(below, 1, 1)
        self.show_value()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: it may have been changed in another window."""
        super().showEvent(event)
        self.show_value()

    def has(self, words: Sequence[str]) -> bool:
        """Returns whether the preference has every one of these words, in lower case."""
        text = f"{self._preference.title} {self._preference.about}".casefold()
        return all(word in text for word in words)

    def show_value(self) -> None:
        """Shows the value that holds now."""
        value = self._preference.get()
        self.choice.setCurrentIndex(self.choice.findData(value))
        self.reset.setVisible(value != self._preference.choices[0][0])

    def _set(self, value: str) -> None:
        self._preference.set(value)
        self.show_value()


def preferences(theme: Theme, notices: Notices) -> tuple[Preference, ...]:
    """Returns every preference of the window, in the order of the page."""
    return (
        Preference(
            "Theme",
            "Light, dark, or as the desktop has it.",
            ((ThemeMode.SYSTEM, "As the desktop"), (ThemeMode.LIGHT, "Light"), (ThemeMode.DARK, "Dark")),
            lambda: theme.mode.value,
            lambda value: theme.set_mode(ThemeMode(value)),
        ),
        Preference(
            "Contrast",
            "High contrast has captions in full text colour, strong lines, and no fills behind states.",
            ((Contrast.SYSTEM, "As the desktop"), (Contrast.HIGH, "High")),
            lambda: theme.contrast.value,
            lambda value: theme.set_contrast(Contrast(value)),
        ),
        Preference(
            "Text size",
            "All text and what holds it. Ctrl+Plus and Ctrl+Minus change it too, Ctrl+0 goes back.",
            _SCALES,
            lambda: str(round(theme.scale * 100)),
            lambda value: theme.set_scale(int(value) / 100),
        ),
        Preference(
            "Height of rows",
            "How much room each row of a table takes.",
            ((RowHeight.USUAL, "Usual"), (RowHeight.COMPACT, "Compact"), (RowHeight.COMFORTABLE, "Comfortable")),
            lambda: theme.row_height.value,
            lambda value: theme.set_row_height(RowHeight(value)),
        ),
        Preference(
            "Time zone",
            "Of every time that is shown. The command line writes UTC.",
            (("utc", "UTC"), ("local", "This machine's zone")),
            lambda: "local" if theme.local_time else "utc",
            lambda value: theme.set_local_time(local=value == "local"),
        ),
        Preference(
            "Notifications",
            "Tells on the desktop when a group gets stuck on a record while the window is not in front.",
            ((_ON, "When a group gets stuck"), (_OFF, "None")),
            lambda: _ON if notices.wanted else _OFF,
            lambda value: notices.want(wanted=value == _ON),
        ),
    )
