"""An administrative write while it runs."""

from __future__ import annotations

import time
from contextlib import aclosing

from kafkaview.triage.reroute.outcome import StepState
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.change_words import ChangeStepState, may_cancel, result_of, result_of_error, standing_of
from kafkaview.ui.writes.run import Run
from kafkaview.writes.outcome import ChangeEnd, ChangeStep
from kafkaview.writes.plan import ChangePlan


class ChangeRun(Run[ChangePlan]):
    """Sends the change and reads it back. A step's time is taken here: it is done when the next one begins."""

    task = "change"
    busy = "Another change is being written: wait until it is done"
    result_of_error = staticmethod(result_of_error)

    def __init__(self, context: Context, plan: ChangePlan) -> None:
        super().__init__(context, plan.title, standing_of(None))
        self._step: ChangeStep | None = None
        self._since = 0.0

    async def _carry_out(self, plan: ChangePlan) -> None:
        async with aclosing(self._context.engine.carry_out(plan)) as steps:
            async for step in steps:
                if isinstance(step, ChangeEnd):
                    self._close_step(StepState.FAILED if step.outcome.doubt else StepState.DONE)
                    self._end(result_of(step.outcome, step.secret))
                else:
                    self._report(step)

    def _report(self, step: ChangeStep) -> None:
        self._close_step(StepState.DONE)
        self._step, self._since = step, time.monotonic()
        self._tell(ChangeStepState(step, StepState.RUNNING), standing_of(step), may_cancel=may_cancel(step))

    def _close_step(self, state: StepState) -> None:
        if self._step is not None:
            self.stepped.emit(ChangeStepState(self._step, state, (time.monotonic() - self._since) * 1000))

    def _refused(self, error: Exception) -> None:
        self._close_step(StepState.FAILED)
        super()._refused(error)
