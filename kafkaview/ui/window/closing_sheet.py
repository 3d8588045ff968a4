"""The question before a window is closed in the middle of a write."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.run import Run


class ClosingSheet(Sheet):
    """Asks whether to wait for the write. It goes away with the write."""

    now = Signal()
    later = Signal()

    def __init__(self, theme: Theme, window: QWidget, profile: ConnectionProfile, run: Run) -> None:
        super().__init__(theme, window, profile.environment, width=560)
        self.set_title("A write is not done yet", run.title)
        self._standing = Text(run.standing, tone="text_2", wrap=True)
        self.body.addWidget(self._standing)
        told = "What is cut off stands in the journal, and the next window of this connection says what became of it."
        self.body.addWidget(Text(told, tone="text_2", wrap=True))
        self.stay = Button(theme, "Stay", tall=True, clicked=self.lift)
        self.close_now = Button(theme, "Close now", tall=True, kind=ButtonKind.DANGER, clicked=self.now.emit)
        self.close_later = Button(
            theme, "Close when it is done", tall=True, kind=ButtonKind.PRIMARY, clicked=self.later.emit
        )
        self.footer.addStretch(1)
        for button in (self.stay, self.close_now, self.close_later):
            self.footer.addWidget(button)
        self._run = run  # which lives longer: Qt lets go of methods of this sheet with it
        run.stepped.connect(self._show_step)
        run.ended.connect(self._leave)

    def _show_step(self, _step: object) -> None:
        self._standing.setText(self._run.standing)

    def _leave(self, _result: object) -> None:
        self.lift()

    def open(self) -> None:
        """Shows the sheet; Enter stays."""
        super().open()
        self.stay.setFocus(Qt.FocusReason.OtherFocusReason)
