"""One part of a page that is asked for on its own: what came back, or why nothing did. Never the whole page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.grant_line import grant_line, principal_of
from kafkaview.ui.kit.controls import Text, ground
from kafkaview.ui.kit.states import Empty, Failed, Loading, MissingRight, StateAction
from kafkaview.ui.kit.theme import Theme

StateT = TypeVar("StateT", bound=QWidget)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked for. `plural` goes into "You may not see ..."; `right` is Kafka's name of what reading needs,
    `grant` the end of the line of kafka-acls.sh that gives it.
    """

    plural: str
    asking: str
    right: str
    grant: tuple[str, ...]


class QueryView(QStackedWidget):
    """Shows `content`, or a state in its place: asking, a right missing, failed, empty with the `ways` to fill it."""

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        subject: Subject,
        content: QWidget,
        again: Callable[[], object],
        ways: Sequence[StateAction] = (),
    ) -> None:
        super().__init__()
        self._theme = theme
        self._profile = profile
        self._subject = subject
        self._again = again
        self._ways = ways
        self._filled = False
        self._note = Text(size=12, tone="warn_text", wrap=True)
        self.loading = self._with(Loading(theme, subject.asking))
        self.addWidget(self._with_note(content))

    @cached_property
    def locked(self) -> MissingRight:
        """A right is missing. States are made when they are first shown: most never are."""
        copy = StateAction("Copy the ACL command", self.copy_command, "copy")
        return self._with(MissingRight(self._theme, f"You may not see {self._subject.plural}", ways=(copy,)))

    @cached_property
    def failed(self) -> Failed:
        """It could not be read."""
        return self._with(Failed(self._theme, "", ways=(StateAction("Ask again", self._again, "refresh-cw"),)))

    @cached_property
    def empty(self) -> Empty:
        """There is nothing, and how to change that."""
        return self._with(Empty(self._theme, "", ways=self._ways))

    @cached_property
    def good(self) -> Empty:
        """There is nothing, as it should be."""
        return self._with(Empty(self._theme, "", good=True))

    @property
    def shows_content(self) -> bool:
        """Whether what was asked for is what is seen."""
        return self.currentWidget() is self._held

    @property
    def command(self) -> str:
        """What an admin can run to give the right."""
        return grant_line(self._profile, self._subject.grant)

    def copy_command(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(self.command)

    def show_content(self) -> None:
        """It was told."""
        self._filled = True
        self._note.hide()
        self.setCurrentWidget(self._held)

    def show_empty(self, title: str, text: str = "", *, good: bool = False) -> None:
        """It was told that there is nothing; `good` where that is as it should be."""
        self._filled = False
        state = self.good if good else self.empty
        state.say(title, text)
        self.setCurrentWidget(state)

    def show_error(self, error: ClusterError) -> None:
        """It was not told. What was told before stays, and is called old."""
        if isinstance(error, NotAuthorized):
            self.locked.say(f"You may not see {self._subject.plural}", f"{self.lacks(error)}\n{self.command}")
            self.setCurrentWidget(self.locked)
        elif self._filled and self.shows_content:
            self._note.setText(f"This is what was last told. {sentences(error)}")
            self._note.show()
        else:
            title = f"{self._subject.plural[:1].upper()}{self._subject.plural[1:]} could not be read"
            self.failed.say(title, f"{sentences(error)} Nothing was changed.")
            self.setCurrentWidget(self.failed)

    def lacks(self, _error: NotAuthorized) -> str:
        """Who lacks which right, and what to do; the line that gives it stands below."""
        return f"{lacking(self._profile, self._subject)} Ask an admin for this line, or use another profile."

    def _with(self, state: StateT) -> StateT:
        ground(state, "surface")
        self.addWidget(state)
        return state

    def _with_note(self, content: QWidget) -> QWidget:
        self._held = QWidget()
        self._note.hide()
        column = QVBoxLayout(self._held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inset(self._note, 0, 0))
        column.addWidget(content, 1)
        return self._held


def inset(text: QWidget, above: int = 10, below: int = 10) -> QHBoxLayout:
    """Words with the page's margins at their sides."""
    row = QHBoxLayout()
    row.setContentsMargins(16, above, 16, below)
    row.addWidget(text)
    return row


def lacking(profile: ConnectionProfile, subject: Subject) -> str:
    """`User:oncall lacks DESCRIBE on Cluster.`"""
    return f"{principal_of(profile)} lacks {subject.right}."


def sentences(error: ClusterError) -> str:
    """What happened and what to do."""
    return " ".join(part.removesuffix(".") + "." for part in (error.message, error.hint) if part)
