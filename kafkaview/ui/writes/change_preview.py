"""The plan of an administrative write."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.cautions import Cautions
from kafkaview.ui.writes.change_rows import ChangeRows
from kafkaview.ui.writes.command import CommandLine
from kafkaview.writes.plan import ChangePlan, command_line

_SEEN: Final = 12  # rows; below more of them nobody would see what could go wrong


class ChangePreview(QWidget):
    """What changes, what could go wrong, and the command line that does the same."""

    def __init__(self, theme: Theme, profile: ConnectionProfile) -> None:
        super().__init__()
        self._profile = profile
        self.rows = ChangeRows(theme)
        self.cautions = Cautions(theme)
        self.command = CommandLine(theme)
        self._column = column(self.rows, self.cautions, self.command, gap=10, push=True)
        self.setLayout(self._column)

    def show_plan(self, plan: ChangePlan) -> None:
        """Shows a plan."""
        self.rows.show_rows(plan.rows)
        self.cautions.show_plan(plan)
        self._column.insertWidget(0 if len(plan.rows) > _SEEN else 1, self.cautions)
        self.command.show_command(command_line(self._profile, plan))
