"""The state of a table that is empty, perhaps because a right is missing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.hidden_rows import HiddenKind
from kafkaview.ui.kit.states import MissingRight, StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import join_lines


class NothingSeen(MissingRight):
    """Names the right that may be missing, its principal, and the command with which an admin gives it."""

    def __init__(
        self, theme: Theme, profile: ConnectionProfile, kind: HiddenKind, ways: Sequence[StateAction] = ()
    ) -> None:
        self.command = kind.line(profile)
        copy = StateAction("Copy the ACL command", self.copy_command, "copy")
        super().__init__(theme, kind.none, join_lines(kind.why(profile), self.command), (copy, *ways))

    def copy_command(self) -> None:
        """Copies that command to the clipboard."""
        QGuiApplication.clipboard().setText(self.command)
