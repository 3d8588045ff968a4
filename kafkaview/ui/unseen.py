"""Nothing to list: there is none, or the brokers leave out, without a word, what the principal may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.access.granting import grant_line, principal_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.view import View
from kafkaview.ui.controls import ground
from kafkaview.ui.states import MissingRight, Way
from kafkaview.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be hidden: `noun` as Kafka calls it, `grant` the end of kafka-acls.sh's line that shows every one."""

    noun: str
    grant: tuple[str, ...]

    @property
    def none(self) -> str:
        """That none is listed, without claiming that there is none."""
        return f"No {self.noun} that you may see"


TOPICS = Kind("topic", ("--operation", "Describe", "--topic", "*"))
GROUPS = Kind("group", ("--operation", "Describe", "--group", "*"))


class NothingSeen(MissingRight):
    """The right that may be missing, for which principal, and the command that an admin can run."""

    def __init__(self, theme: Theme, profile: ConnectionProfile, kind: Kind, ways: Sequence[Way] = ()) -> None:
        self.command = grant_line(profile, kind.grant)
        text = (
            f"There is none, or {principal_of(profile)} lacks DESCRIBE on {kind.noun.capitalize()}: brokers leave out "
            f"what may not be seen. Then ask an admin for this line, or use another profile.\n{self.command}"
        )
        copy = Way("Copy the ACL command", self.copy_command, "copy")
        super().__init__(theme, kind.none, text, (copy, *ways))

    def copy_command(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(self.command)


class Unseen(QStackedWidget):
    """A page's `content`, or in its place why it may be empty."""

    def __init__(self, theme: Theme, profile: ConnectionProfile, kind: Kind, content: QWidget) -> None:
        super().__init__()
        self.nothing = NothingSeen(theme, profile, kind)
        self._content = content
        ground(self.nothing, "surface")
        self.addWidget(content)
        self.addWidget(self.nothing)

    def show_view(self, view: View, *, some: bool) -> None:
        """Say so where a cluster that answers listed nothing."""
        answered = view.info is not None and not view.errors and not view.dated
        self.setCurrentWidget(self.nothing if answered and not some else self._content)
