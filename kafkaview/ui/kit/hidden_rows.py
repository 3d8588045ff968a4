"""Nothing to list: there is none, or it may not be seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.hidden_rows import HiddenKind
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.states import MissingRight, StateAction
from kafkaview.ui.kit.theme import Theme


class NothingSeen(MissingRight):
    """The right that may be missing, for which principal, and the command that an admin can run."""

    def __init__(
        self, theme: Theme, profile: ConnectionProfile, kind: HiddenKind, ways: Sequence[StateAction] = ()
    ) -> None:
        self.command = kind.line(profile)
        copy = StateAction("Copy the ACL command", self.copy_command, "copy")
        super().__init__(theme, kind.none, f"{kind.why(profile)}\n{self.command}", (copy, *ways))

    def copy_command(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(self.command)


class Unseen(QStackedWidget):
    """A page's `content`, or in its place why it may be empty."""

    def __init__(self, theme: Theme, profile: ConnectionProfile, kind: HiddenKind, content: QWidget) -> None:
        super().__init__()
        self.nothing = NothingSeen(theme, profile, kind)
        self._content = content
        ground(self.nothing, "surface")
        self.addWidget(content)
        self.addWidget(self.nothing)

    def show_view(self, view: View, rows: Sequence[str] | None) -> None:
        """Say so where a cluster that answers listed nothing; None is no answer."""
        empty = rows is not None and not rows and not view.errors and not view.dated
        self.setCurrentWidget(self.nothing if empty else self._content)
