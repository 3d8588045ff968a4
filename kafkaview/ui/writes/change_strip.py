"""What came of a change whose dialog was closed while it ran: on the page until dismissed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground, hairline, repolish
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.change_dialog import ChangeDialog
from kafkaview.ui.writes.change_run import ChangeRun
from kafkaview.ui.writes.outcome import OutcomeWords
from kafkaview.ui.writes.reroute_words import Result


class ChangeStrip(QWidget):
    """Hidden until a change ends that nobody looks at: an open dialog says the end itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.deed = Text(size=12, tone="text_2", wrap=True)
        self.words = OutcomeWords(theme)
        self.dismiss = Button(theme, kind=ButtonKind.ICON, icon="x", tip="Dismiss", clicked=self._dismissed)
        self._lay_out()
        self.hide()

    def follow(self, dialog: ChangeDialog) -> None:
        """Say what comes of the change of this dialog, if it is started."""
        dialog.started.connect(self._begun)

    def _begun(self, run: ChangeRun) -> None:
        self._dismissed()
        run.ended.connect(partial(self._ended, run.title))

    def _ended(self, deed: str, result: Result) -> None:
        if isinstance(Veil.over(self.window()), ChangeDialog):
            return
        self.deed.setText(deed)
        self.words.show_result(result)
        ground(self, Mark[result.tone.upper()].fill_token)
        repolish(self)
        self.show()

    def _dismissed(self) -> None:
        self.words.secret.show_secret(None)
        self.hide()

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(4)
        said.addWidget(self.deed)
        said.addWidget(self.words)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 12, 8)
        row.addLayout(said, 1)
        row.addWidget(self.dismiss, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
