"""A running plan. It goes on if the dialog that started it is closed."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.plan_kind import P, PlanKind
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.outcome import ChangeEnd
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName

STOPPABLE: Final = "It is being sent. Stop ends it after what is on its way; Esc lets it go on."


class Run(QObject):
    """Carries out one plan. It belongs to the window, where one of each kind runs at a time. The plan is held by the
    task alone and goes with it: it may carry a password for the broker. `standing` says what the user can do while the
    present step runs; `may_cancel` is whether cancelling now still writes nothing, `may_stop` whether it can end in the
    middle of what it writes.
    """

    stepped = Signal(object)  # WriteStep
    ended = Signal(object)  # Result

    def __init__(self, context: Context, kind: PlanKind[P], plan: P) -> None:
        super().__init__(context.window)
        self._context = context
        self._kind: PlanKind[Any] = kind
        self._done: dict[WriteStepName, int] = {}
        self.title, self.subtitle = kind.running(plan)
        self.standing = kind.describe_step(None)
        self.may_cancel = True
        self.may_stop = False
        self._stoppable = kind.may_stop(plan)

    def start(self, plan: P) -> None:
        """Starts the plan."""
        self._context.tasks.start(self._kind.task, self._carry_out(plan), title=self.title, on_error=self._refuse)

    def cancel(self) -> None:
        """Cancels the plan while nothing is written; later it goes on."""
        if self.may_cancel:
            self._context.tasks.cancel(self._kind.task)
            self.deleteLater()

    def stop(self) -> None:
        """Ends a plan that is being written after what is on its way. Its outcome says what stands."""
        if self.may_stop:
            self._context.tasks.start("change.stop", self._context.engine.stop_write(), on_error=_not_stopped)

    async def _carry_out(self, plan: P) -> None:
        """Carries the plan out, emits each step, and ends."""
        try:
            async with aclosing(self._context.engine.carry_out(plan)) as steps:
                async for step in steps:
                    if isinstance(step, ChangeEnd):
                        self._end(self._kind.result_of(plan, step, self._done))
                    else:
                        self._note(step)
        except ClusterError as error:
            self._end(self._kind.result_of_refusal(error, plan, self._done))

    def _note(self, step: WriteStep) -> None:
        if step.state is StepState.DONE:
            self._done[step.name] = now_ms()
        self.standing, self.may_cancel = self._kind.describe_step(step.name), step.name.may_cancel
        self.may_stop = self._stoppable and step.name is WriteStepName.WRITE
        if self.may_stop:
            self.standing = STOPPABLE
        self._context.tasks.progress(self._kind.task, step.text)
        self.stepped.emit(step)

    def _refuse(self, error: Exception) -> None:
        self.deleteLater()
        raise error

    def _end(self, result: Result) -> None:
        self.ended.emit(result)
        self.deleteLater()


def _not_stopped(error: Exception) -> None:
    """Ignores that the engine could not be asked: with it the write has ended."""
    if not isinstance(error, ClusterError):
        raise error
