"""The list of all keys (F1), made from the actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.theme import Theme

_OF_TABLES = (
    ("Ctrl+C", "Copy the selected rows"),
    ("Return", "Do the main thing with a row; press what has the keyboard"),
    ("Space", "Tick a row"),
    ("Delete", "Plan to delete the selected rows"),
    ("Down", "From a filter into its list"),
    ("Esc", "Clear the filter, close a sheet"),
    ("Tab", "Next control"),
)


class KeysSheet(Sheet):
    """Two columns: the keys of the actions, and the keys of tables."""

    def __init__(self, theme: Theme, window: QWidget, actions: Sequence[Action]) -> None:
        super().__init__(theme, window, width=620)
        self.set_title("Keys", "Every action is in the palette too, with its key.")
        rows = [(_native(*action.shortcuts), _title(action)) for action in actions if action.shortcuts]
        rows += [(_native(keys), title) for keys, title in _OF_TABLES]
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(16)
        half = -(-len(rows) // 2)
        for place, (keys, title) in enumerate(rows):
            row, column = place % half, 2 * (place // half)
            grid.addWidget(Text(keys, size=12, mono=True, tone="text_2"), row, column)
            grid.addWidget(Text(title, wrap=True), row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self.body.addLayout(grid)
        self.footer.addStretch()
        self.primary = Button(theme, "Close", clicked=self.lift)
        self.footer.addWidget(self.primary)


def _title(action: Action) -> str:
    return f"{action.where}: {action.title}" if action.where else action.title


def _native(*shortcuts: str) -> str:
    return ", ".join(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) for keys in shortcuts)
