"""The plan of an administrative write."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.cautions import Cautions
from kafkaview.ui.writes.change_rows import ChangeRows
from kafkaview.ui.writes.command import CommandLine
from kafkaview.writes.plan import ChangePlan, command_line


class ChangePreview(QWidget):
    """What changes, what could go wrong, and the command line that does the same."""

    def __init__(self, theme: Theme, profile: ConnectionProfile) -> None:
        super().__init__()
        self._profile = profile
        self.rows = ChangeRows(theme)
        self._cautions = Cautions(theme)
        self.command = CommandLine(theme)
        self.setLayout(column(self.rows, self._cautions, self.command, gap=10, push=True))

    def show_plan(self, plan: ChangePlan) -> None:
        """Shows a plan."""
        self.rows.show_rows(plan.rows)
        self._cautions.show_plan(plan)
        self.command.show_command(command_line(self._profile, plan))
