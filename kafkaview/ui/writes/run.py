"""A running plan. It goes on if the dialog that started it is closed."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.steps import WriteStep

P = TypeVar("P")


class Run(QObject, Generic[P]):
    """Carries out one plan. It belongs to the window, where one of each kind runs at a time. The plan is held by the
    task alone and goes with it: it may carry a password for the broker. `standing` says what the user can do while the
    present step runs; `may_cancel` is whether cancelling now still writes nothing.
    """

    stepped = Signal(object)  # WriteStep
    ended = Signal(object)  # Result

    task: ClassVar[str]
    busy: ClassVar[str]  # why a second one has to wait

    def __init__(self, context: Context, title: str, standing: str, subtitle: str = "") -> None:
        super().__init__(context.window)
        self._context = context
        self.title = title
        self.subtitle = subtitle
        self.standing = standing
        self.may_cancel = True

    @staticmethod
    def result_of_error(error: ClusterError) -> Result:
        """Returns the outcome of a plan that was refused."""
        raise NotImplementedError

    def start(self, plan: P) -> None:
        """Starts the plan."""
        self._context.tasks.start(self.task, self._carry_out(plan), title=self.title, on_error=self._show_refusal)

    def cancel(self) -> None:
        """Cancels the plan while nothing is written; later it goes on."""
        if self.may_cancel:
            self._context.tasks.cancel(self.task)
            self.deleteLater()

    async def _carry_out(self, plan: P) -> None:
        """Carries the plan out, emits each step, and ends."""
        raise NotImplementedError

    def _tell(self, step: WriteStep, standing: str, *, may_cancel: bool) -> None:
        self.standing, self.may_cancel = standing, may_cancel
        self._context.tasks.progress(self.task, step.text)
        self.stepped.emit(step)

    def _show_refusal(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            self.deleteLater()
            raise error
        self._end(self._result_of_refusal(error))

    def _result_of_refusal(self, error: ClusterError) -> Result:
        """Returns the outcome of a plan that was refused."""
        return self.result_of_error(error)

    def _end(self, result: Result) -> None:
        self.ended.emit(result)
        self.deleteLater()
