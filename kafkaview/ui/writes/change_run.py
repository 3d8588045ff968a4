"""A running administrative write."""

from __future__ import annotations

from contextlib import aclosing

from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.change_words import describe_step, result_of, result_of_error
from kafkaview.ui.writes.run import Run
from kafkaview.writes.outcome import ChangeEnd
from kafkaview.writes.plan import ChangePlan


class ChangeRun(Run[ChangePlan]):
    """Sends the change and reads it back."""

    task = "change"
    busy = "Another change is being written: wait until it is done"
    result_of_error = staticmethod(result_of_error)

    def __init__(self, context: Context, plan: ChangePlan) -> None:
        super().__init__(context, plan.title, describe_step(None))

    async def _carry_out(self, plan: ChangePlan) -> None:
        async with aclosing(self._context.engine.carry_out(plan)) as steps:
            async for step in steps:
                if isinstance(step, ChangeEnd):
                    self._end(result_of(step.outcome, step.secret))
                else:
                    self._tell(step, describe_step(step.name), may_cancel=step.name.may_cancel)
