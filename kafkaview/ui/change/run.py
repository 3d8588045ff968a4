"""An administrative write while it runs. It outlives the dialog that started it: closing that keeps it going."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from kafkaview.changes.carry_out import carry_out
from kafkaview.changes.outcome import ChangeStep
from kafkaview.changes.plan import ChangePlan
from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.outcome import StepState
from kafkaview.ui.change.words import Standing, may_cancel, result_of, result_of_error
from kafkaview.ui.page import Context
from kafkaview.ui.plan.words import Result

_TASK = "change"


class Run(QObject):
    """Carries out one plan; belongs to the window. One change runs at a time."""

    stepped = Signal(object)  # Standing
    ended = Signal(object)  # Result

    def __init__(self, context: Context, plan: ChangePlan) -> None:
        super().__init__(context.window)
        self._context = context
        self._plan = plan
        self._since = 0.0
        self.step: ChangeStep | None = None

    @property
    def title(self) -> str:
        """What it does."""
        return self._plan.title

    def start(self) -> None:
        """Begin."""
        self._context.tasks.start(_TASK, self._carry_out(), title=self._plan.title, on_error=self._refused)

    def cancel(self) -> bool:
        """Cancel while nothing is written; False once that is no longer possible."""
        if not may_cancel(self.step):
            return False
        self._context.tasks.cancel(_TASK)
        self.deleteLater()
        return True

    async def _carry_out(self) -> None:
        outcome = await carry_out(self._context.session, self._plan, self._report)
        self._close_step(StepState.FAILED if outcome.doubt else StepState.DONE)
        self._end(result_of(outcome))

    def _report(self, step: ChangeStep) -> None:
        self._close_step(StepState.DONE)
        self.step, self._since = step, time.monotonic()
        standing = Standing(step, StepState.RUNNING)
        self._context.tasks.progress(_TASK, standing.text)
        self.stepped.emit(standing)

    def _close_step(self, state: StepState) -> None:
        if self.step is not None:
            self.stepped.emit(Standing(self.step, state, (time.monotonic() - self._since) * 1000))

    def _refused(self, error: Exception) -> None:
        self._close_step(StepState.FAILED)
        if not isinstance(error, ClusterError):
            self.deleteLater()
            raise error
        self._end(result_of_error(error))

    def _end(self, result: Result) -> None:
        self.ended.emit(result)
        self.deleteLater()


def running(context: Context) -> bool:
    """Whether a change runs now: a second one waits its turn."""
    return context.tasks.running(_TASK)
