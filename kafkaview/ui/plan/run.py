"""A re-route while it runs. It outlives the dialog that started it: closing that keeps it going."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.outcome import Step, StepName, StepState
from kafkaview.triage.plan import ReroutePlan
from kafkaview.triage.reroute import reroute
from kafkaview.ui.page import Context
from kafkaview.ui.plan.end import End
from kafkaview.ui.plan.progress import may_cancel
from kafkaview.ui.plan.words import result_of, result_of_error, running_title

_TASK = "reroute"


class Run(QObject):
    """Carries out one plan; belongs to the window."""

    stepped = Signal(object)  # Step
    ended = Signal(object)  # End

    def __init__(self, context: Context, plan: ReroutePlan, asked_for: str = "") -> None:
        super().__init__(context.window)
        self._context = context
        self._plan = plan
        self._asked_for = asked_for
        self._committed_at_ms: int | None = None
        self.step: StepName | None = None

    def start(self) -> None:
        """Begin; one re-route runs at a time."""
        title = running_title(self._plan)
        self._context.tasks.start(_TASK, self._carry_out(), title=title, on_error=self._refused)

    def cancel(self) -> bool:
        """Cancel while nothing is written; False once that is no longer possible."""
        if not may_cancel(self.step):
            return False
        self._context.tasks.cancel(_TASK)
        self.deleteLater()
        return True

    async def _carry_out(self) -> None:
        outcome = await reroute(self._context.session, self._plan, self._report)
        groups = sorted(outcome.groups, key=lambda group: group.group != self._asked_for)
        outcome = replace(outcome, groups=tuple(groups))
        first = groups[0] if groups else None
        watched = (first.group, first.topic_partition) if first is not None else None
        self._end(End(result_of(outcome, self._plan.dlq), watched, self._moved_at_ms(), outcome.journal_id))

    def _report(self, step: Step) -> None:
        self.step = step.name
        if step.name is StepName.TRANSACTION and step.state is StepState.DONE:
            self._committed_at_ms = _now_ms()
        self._context.tasks.progress(_TASK, step.text)
        self.stepped.emit(step)

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            self.deleteLater()
            raise error
        self._end(End(result_of_error(error), None, self._moved_at_ms(), None))

    def _end(self, end: End) -> None:
        self.ended.emit(end)
        self.deleteLater()

    def _moved_at_ms(self) -> int:
        return self._committed_at_ms or _now_ms()


def running(context: Context) -> bool:
    """Whether a re-route runs now: a second one waits its turn."""
    return context.tasks.running(_TASK)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
