"""One part of the page: its rows, or why there are none. Never the whole page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kafkaview.access.granting import grant_line
from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnsupportedByBroker
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.controls import Text, ground, hairline
from kafkaview.ui.marks import Mark, MarkLabel
from kafkaview.ui.security.parts import ABOUT, Part
from kafkaview.ui.security.words import OPEN_TEXT, OPEN_TITLE, missing, open_to_all
from kafkaview.ui.states import Empty, Failed, Loading, MissingRight, State, Way
from kafkaview.ui.theme import Theme


class Room(QStackedWidget):
    """Shows `content`, or a state in its place: asking, a right missing, no authorizer, failed,
    or empty with the `ways` to fill it.
    """

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        part: Part,
        content: QWidget,
        again: Callable[[], object],
        ways: Sequence[Way] = (),
    ) -> None:
        super().__init__()
        about = ABOUT[part]
        self._profile = profile
        self._part = part
        self._filled = False
        self._note = Text(size=12, tone="warn_text", wrap=True)
        self._loading = Loading(theme, about.asking)
        copy = Way("Copy the ACL command", self.copy_command, "copy")
        self.locked = MissingRight(theme, f"You may not see {about.plural}", ways=(copy,))
        self.failed = Failed(theme, f"{about.title} could not be read", ways=(Way("Read again", again, "refresh-cw"),))
        self.open = State(theme, MarkLabel(theme, Mark.WARN, 28), OPEN_TITLE, OPEN_TEXT)
        self.empty = Empty(theme, about.empty, about.meaning, ways)
        for state in (self._loading, self.locked, self.failed, self.open, self.empty):
            ground(state, "surface")
            self.addWidget(state)
        self.addWidget(self._with_note(content))

    @property
    def shows_rows(self) -> bool:
        """Whether rows are what is seen."""
        return self.currentWidget() is self._held

    def copy_command(self) -> None:
        """To the clipboard: what an admin can run."""
        QGuiApplication.clipboard().setText(grant_line(self._profile, ABOUT[self._part].grant))

    def show_rows(self, *, some: bool) -> None:
        """It was read."""
        self._filled = some
        self._note.hide()
        self.setCurrentWidget(self._held if some else self.empty)

    def show_error(self, error: ClusterError) -> None:
        """It could not be read. Rows that were read before stay, and it is said that they are old."""
        told = " ".join(part.removesuffix(".") + "." for part in (error.message, error.hint) if part)
        if isinstance(error, NotAuthorized):
            text = missing(self._profile, self._part, error)
            self.locked.say(f"You may not see {ABOUT[self._part].plural}", text)
            self.setCurrentWidget(self.locked)
        elif open_to_all(error):
            self.setCurrentWidget(self.open)
        elif isinstance(error, UnsupportedByBroker):
            self.empty.say(f"{ABOUT[self._part].title} are not kept here", told)
            self.setCurrentWidget(self.empty)
        elif self._filled:
            self._note.setText(f"This is what was last read. {told}")
            self._note.show()
        else:
            self.failed.say(f"{ABOUT[self._part].title} could not be read", f"{told} Nothing was changed.")
            self.setCurrentWidget(self.failed)

    def _with_note(self, content: QWidget) -> QWidget:
        self._held = QWidget()
        self._note.setContentsMargins(16, 6, 16, 6)
        self._note.hide()
        column = QVBoxLayout(self._held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._note)
        column.addWidget(hairline())
        column.addWidget(content, 1)
        return self._held
