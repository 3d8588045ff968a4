"""A secret in the form: it can be typed, replaced and deleted, and is never shown again."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme


class Kept(StrEnum):
    """Where a secret is kept."""

    NOWHERE = ""
    KEYRING = "in the keyring"
    THIS_RUN = "for this run only"


class SecretEdit(QWidget):
    """A field for a secret, which goes to the keyring on save; or is kept for this run only, if none works."""

    changed = Signal()
    forget = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._kept = Kept.NOWHERE
        self._no_keyring = ""
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)  # Qt then copies nothing to the clipboard
        self.line.setAccessibleName(name)
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.line.textChanged.connect(self._show_typing)
        self.drop = Button(theme, "Forget", tip=f"Delete the {name.lower()} from the keyring", clicked=self.forget.emit)
        self.only_now = QCheckBox("Keep it for this run only")
        self.only_now.toggled.connect(self.changed)
        self._status = Text(size=12, tone="text_2", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.line, 1)
        row.addWidget(self.drop)
        self.setLayout(column(row, self._status, self.only_now, gap=3))
        self.setFocusProxy(self.line)
        self.show_kept(Kept.NOWHERE)

    @property
    def typed(self) -> str:
        """The text that was typed and is not saved yet."""
        return self.line.text()

    @property
    def kept(self) -> Kept:
        """Where the saved secret is kept."""
        return self._kept

    @property
    def problem(self) -> str:
        """Why the typed secret cannot be kept."""
        unkept = bool(self.typed and self._no_keyring and not self.only_now.isChecked())
        return "It is written to no file: keep it for this run only, or leave it out" if unkept else ""

    def show_kept(self, kept: Kept, no_keyring: str = "") -> None:
        """Shows where the secret is kept; `no_keyring` is why no keyring works."""
        self._kept, self._no_keyring = kept, no_keyring
        self.line.clear()
        self.drop.setVisible(kept is not Kept.NOWHERE)
        self.only_now.setVisible(bool(no_keyring))
        self.only_now.setChecked(bool(no_keyring) and kept is Kept.THIS_RUN)
        self.line.setPlaceholderText("●" * 12 if kept is not Kept.NOWHERE else "")
        self._say()

    def _show_typing(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        if self._no_keyring:
            words = f"No keyring takes it: {self._no_keyring}"
        elif self._kept is Kept.THIS_RUN:
            words = "Known for this run only, kept nowhere"
        elif self._kept is Kept.KEYRING:
            words = "Saving replaces the one in the keyring" if self.typed else "Kept in the keyring, nowhere else"
        else:
            words = "Saving puts it into the keyring, nowhere else" if self.typed else "Not known yet"
        self._status.setText(words)
