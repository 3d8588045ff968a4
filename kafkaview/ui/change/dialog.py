"""The sheet of every administrative write."""

from __future__ import annotations

from collections.abc import Callable

from kafkaview.changes.plan import ChangePlan
from kafkaview.ui.change.preview import Preview
from kafkaview.ui.change.run import ChangeRun
from kafkaview.ui.page import Context
from kafkaview.ui.plan.foot import Foot
from kafkaview.ui.plan.sheet import UNWRITTEN, Asked, MakePlan, PlanSheet
from kafkaview.ui.plan.words import Result

Make = MakePlan[ChangePlan]


class ChangeDialog(PlanSheet[ChangePlan]):
    """`ended` is called with what came of it, also when the sheet is gone by then: the page reads again."""

    making = "change.plan"
    runs = ChangeRun

    def __init__(self, context: Context, make: Make, ended: Callable[[Result], object] | None = None) -> None:
        self.preview = preview = Preview(context.theme, context.profile)
        ask = Foot(context.theme, icon=None, named="the name")
        super().__init__(context, make, preview, ask, "Looking at what stands now")
        self._on_end = ended

    def _show_plan(self, plan: ChangePlan) -> Asked:
        self.preview.show_plan(plan)
        return Asked(UNWRITTEN, plan.deed, plan.subject)

    def _run_of(self, plan: ChangePlan) -> ChangeRun:
        run = ChangeRun(self._context, plan)
        if self._on_end is not None:
            run.ended.connect(self._on_end)
        return run
