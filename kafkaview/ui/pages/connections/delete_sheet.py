"""The confirmation before a connection is deleted with its secrets."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.theme import Theme


class DeleteSheet(Sheet):
    """Asks before a connection is deleted; Cancel has the keyboard at first."""

    confirmed = Signal()

    def __init__(self, theme: Theme, window: QWidget, profile: ConnectionProfile) -> None:
        super().__init__(theme, window, profile.environment, width=480)
        self.set_title(f"Delete {profile.name}", profile.bootstrap)
        words = "Its entries in the keyring are deleted with it. The cluster, the journal and open windows stay."
        self.body.addWidget(Text(words, tone="text_2", wrap=True))
        self.cancel = Button(theme, "Cancel", tall=True, clicked=self.lift)
        self.delete = Button(
            theme, escape_button(f"Delete {profile.name}"), kind=ButtonKind.DANGER, tall=True, clicked=self._confirm
        )
        self.footer.addStretch(1)
        self.footer.addWidget(self.cancel)
        self.footer.addWidget(self.delete)

    def open(self) -> None:
        """Shows the sheet."""
        super().open()
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _confirm(self) -> None:
        self.lift()
        self.confirmed.emit()
