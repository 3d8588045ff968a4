"""The foot of a plan's dialog: the field of the confirmation, Cancel, and the button that carries the plan out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text, bold_text, escape_text, escape_tip
from kafkaview.ui.kit.enter_key import SPACE_ONLY
from kafkaview.ui.kit.theme import Theme

_LEAST = 220  # for what is said beside the buttons; with less it stands above them


class Foot(QWidget):
    """Asks, waits, runs, ends. The keyboard starts in the field that has to be filled, else on Cancel."""

    confirmed = Signal()
    left = Signal()
    again = Signal()

    def __init__(self, theme: Theme, *, icon: str | None, named: str) -> None:
        super().__init__()
        self._theme = theme
        self._named = named
        self._word: str | None = None
        self._asked = False
        self._why_not = ""
        self._said = Text(rich=True, wrap=True)
        self.field = _ConfirmationField()
        self.field.setFixedWidth(theme.px(150))
        self.field.textChanged.connect(self._check_word)
        self.cancel = Button(theme, "Cancel", tall=True, clicked=self.left.emit)
        self.retry = Button(theme, "Make a new plan", tall=True, clicked=self.again.emit)
        self.confirm = Button(
            theme, "Carry it out", kind=ButtonKind.PRIMARY, icon=icon, tall=True, clicked=self._confirm
        )
        self._controls = QHBoxLayout()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        self.wait()

    def fit(self, width: int) -> None:
        """Lays the foot out for a width: with large text the words go above the field and the buttons."""
        beside = width - self._controls.sizeHint().width() - self._row.spacing()
        down = bool(self._said.text()) and beside < min(self._theme.px(_LEAST), self._said.sizeHint().width())
        across = QBoxLayout.Direction.LeftToRight
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if down else across)

    def wait(self) -> None:
        """Waits for a plan: the dialog can only be closed."""
        self._show("Cancel", confirm=True)
        self.confirm.setEnabled(False)

    def ask(self, deed: str, subject: str, why_typed: str, why_not: str, *, removes: bool = False) -> None:
        """Asks for the confirmation. The `subject` has to be typed first if `why_typed` says why; `why_not` says why
        the plan is not possible. The button of a plan that `removes` something is red. Enter presses neither that one
        nor one before which something is typed.
        """
        word = subject if why_typed else None
        first = not self._asked or word != self._word
        self._asked, self._word, self._why_not = True, word, why_not
        self._show("Cancel", confirm=True)
        self.confirm.setText(deed)
        self.confirm.set_kind(ButtonKind.DANGER if removes else ButtonKind.PRIMARY)
        self.confirm.setProperty(SPACE_ONLY, removes or word is not None)
        self.confirm.setToolTip(escape_tip(why_not))
        self.field.setVisible(word is not None and not why_not)
        if word is not None and not why_not:
            asked = escape_text(f"{why_typed} Type {self._named}, ") + bold_text(word) + escape_text(", to go on:")
            self._said.setText(asked)
        if why_not:
            self._said.setText(escape_text(why_not))
        self._check_word(self.field.text())
        if first:
            (self.field if self.field.isVisibleTo(self) else self.cancel).setFocus(Qt.FocusReason.OtherFocusReason)

    def run(self, said: str, *, cancellable: bool, stoppable: bool = False) -> None:
        """Shows that the plan runs, and what the user can still do."""
        self._show("Stop" if stoppable else "Cancel" if cancellable else "Close", confirm=False)
        self._said.setText(escape_text(said))

    def end(self, *, retry: bool) -> None:
        """Shows that the plan has ended: another one is asked about as the first was."""
        self._asked = False
        self._show("Close", confirm=False)
        self.retry.setVisible(retry)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self._controls.setSpacing(10)
        self._controls.addWidget(self.field)
        self._controls.addStretch(1)
        for button in (self.cancel, self.retry, self.confirm):
            self._controls.addWidget(button)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._row.addWidget(self._said, stretch=1)
        self._row.addLayout(self._controls)

    def _show(self, leave: str, *, confirm: bool) -> None:
        self._said.setText("")
        self.field.hide()
        self.retry.hide()
        self.cancel.setText(leave)
        self.confirm.setVisible(confirm)

    def _check_word(self, text: str) -> None:
        fits = self._word is None or text.strip() == self._word
        self.confirm.setEnabled(fits and not self._why_not)

    def _confirm(self) -> None:
        if self.confirm.isEnabled():
            self.confirmed.emit()


class _ConfirmationField(QLineEdit):
    """A field in which Enter does nothing: production is never confirmed by a key pressed by mistake."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)
