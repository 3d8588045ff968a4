"""The dialog of every administrative write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.change_preview import ChangePreview
from kafkaview.ui.writes.change_run import ChangeRun
from kafkaview.ui.writes.foot import Foot
from kafkaview.ui.writes.offsets_preview import OffsetsPreview
from kafkaview.ui.writes.sheet import UNWRITTEN, MakePlan, PlanPrompt, PlanSheet
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.plan import ChangePlan

Make = MakePlan[ChangePlan]


class ChangeDialog(PlanSheet[ChangePlan]):
    """The dialog of one change. `ended` gets the outcome even after the dialog is closed: the page reads again."""

    making = "change.plan"
    runs = ChangeRun

    def __init__(self, context: Context, make: Make, ended: Callable[[Result], object] | None = None) -> None:
        ask = Foot(context.theme, icon=None, named="the name")
        super().__init__(context, make, ask, "Looking at what stands now")
        self._on_end = ended

    @cached_property
    def preview(self) -> ChangePreview | OffsetsPreview:
        """The widget of the plan."""
        if self.plan is not None and self.plan.offsets is not None:
            return OffsetsPreview(self._context)
        return ChangePreview(self._context.theme, self._context.profile)

    def lift(self) -> None:
        """Closes the dialog. The engine forgets the plan, also one that it has just made and not yet sent."""
        super().lift()
        self._context.tasks.start("change.drop", self._context.engine.drop_plan(), on_error=_not_dropped)

    def _show_plan(self, plan: ChangePlan) -> PlanPrompt:
        self.preview.show_plan(plan)
        return PlanPrompt(UNWRITTEN, plan.deed, plan.subject)

    def _run_of(self, plan: ChangePlan) -> ChangeRun:
        run = ChangeRun(self._context, plan)
        if self._on_end is not None:
            run.ended.connect(self._on_end)
        return run


def _not_dropped(error: Exception) -> None:
    """Ignores that the engine could not be asked: an engine that has ended has no plan."""
    if not isinstance(error, ClusterError):
        raise error
