"""The lines of a form that say what is done with members, for a change of committed offsets and for its undo."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLineEdit

from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.writes.offsets.request import LiveMembers, MemberWays

_LIVE: Final = (
    (LiveMembers.REFUSE, "change nothing"),
    (LiveMembers.WAIT, "wait until it is empty, then apply"),
    (LiveMembers.EVICT, "commit, evict them, and watch that it holds"),
)


class MemberSheet(FormSheet):
    """A form that ends with these lines: `add_member_fields` adds them."""

    def add_member_fields(self) -> None:
        """Adds the lines below those that are there."""
        self.live = ComboBox()
        for choice, title in _LIVE:
            self.live.addItem(title, choice)
        self.wait = QLineEdit("60")
        self.field("If it has members", self.live)
        self.field("Wait at most, s", self.wait)
        self.live.currentIndexChanged.connect(self.turn)
        self.wait.textChanged.connect(self.check)

    @property
    def ways(self) -> MemberWays:
        """The way that is chosen."""
        live = LiveMembers(self.live.currentData())
        return MemberWays(live, float(self.wait.text())) if live is LiveMembers.WAIT else MemberWays(live)

    def why_not(self) -> str:
        """Returns why the time cannot be used; empty if it can."""
        wait = self.wait.text().strip()
        if self._waits and not (wait.isdecimal() and int(wait)):
            return "How long to wait is a number of seconds."
        return ""

    def turn(self) -> None:
        """Shows the lines that the choices need."""
        self.show_field(self.wait, shown=self._waits)
        self.check()

    @property
    def _waits(self) -> bool:
        return LiveMembers(self.live.currentData()) is LiveMembers.WAIT


class UndoSheet(MemberSheet):
    """Asks what is done with members before the committed offsets of a journal entry are given back."""

    def __init__(self, context: Context, plan: Plan, entry: int) -> None:
        super().__init__(context, f"Undo entry {entry}", "Nothing is written from here.", plan)
        self._entry = entry
        self.add_member_fields()
        self.turn()

    def make(self) -> Make:
        """Returns the function that plans the undo."""
        entry, ways = self._entry, self.ways
        return lambda engine: engine.plan_undo(entry, ways)
