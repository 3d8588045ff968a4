"""The way to the plan that undoes an entry of the journal."""

from __future__ import annotations

from collections.abc import Callable

from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.member_fields import UndoSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan


def open_undo(
    context: Context, entry: int, *, asks_members: bool, ended: Callable[[Result], object] | None = None
) -> None:
    """Opens the plan, after the question what is done with members of a group where `asks_members`."""

    def plan(make: Make) -> PlanDialog[ChangePlan]:
        return open_change(context, make, ended)

    if asks_members:
        UndoSheet(context, plan, entry).open()
    else:
        plan(lambda engine: engine.plan_undo(entry))
