"""A secret that a write returned, in its outcome: hidden at first, and gone with the outcome."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import join_lines
from kafkaview.writes.one_time_secret import ShownOnce

_LINE: Final = 44  # letters; a secret has no word to break it at
# What keeps a copied secret out of the clipboard's history: KDE's Klipper, Windows, macOS.
_UNREMEMBERED: Final = {
    "x-kde-passwordManagerHint": b"secret",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
    "application/x-nspasteboard-concealed-type": b"1",
}


class SecretLine(QFrame):
    """The name of the secret, the secret behind dots, Reveal and Copy."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "block")
        self._secret: ShownOnce | None = None
        self._about = Text(size=12, tone="text_2", wrap=True)
        self.value = Text(size=12, mono=True)
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.reveal = Button(theme, "Reveal", kind=ButtonKind.LINK, clicked=self._turn)
        self.copy = Button(theme, "Copy", kind=ButtonKind.LINK, clicked=self._copy_secret)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.value, 1)
        row.addWidget(self.reveal)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 7, 10, 7)
        column.addWidget(self._about)
        column.addLayout(row)

    def show_secret(self, secret: ShownOnce | None) -> None:
        """Shows this secret, hidden; None removes the one before."""
        self._secret = secret
        self.setVisible(secret is not None)
        self._about.setText(
            f"{secret.name} of {secret.whose}. kafkaview shows it here alone and keeps it nowhere." if secret else ""
        )
        self._show(revealed=False)
        self.copy.setText("Copy")

    def _show(self, *, revealed: bool) -> None:
        value = self._secret.value if self._secret else ""
        self.value.setText(_broken(value if revealed else "•" * len(value)))
        self.reveal.setText("Hide" if revealed else "Reveal")

    def _turn(self) -> None:
        self._show(revealed=self.reveal.text() == "Reveal")

    def _copy_secret(self) -> None:
        if self._secret is None:
            return
        clipboard = QGuiApplication.clipboard()
        clipboard.setText(self._secret.value)
        for kind, flag in _UNREMEMBERED.items():  # into Qt's own object: one of Python's ends the process badly at exit
            clipboard.mimeData().setData(kind, flag)
        self.copy.setText("Copied")


def _broken(secret: str) -> str:
    """Returns the secret over several lines, for reading; Copy has it as one."""
    return join_lines(*(secret[at : at + _LINE] for at in range(0, len(secret), _LINE)))
