"""A running re-route."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, OutcomeUnknown
from kafkaview.triage.reroute.outcome import RerouteOutcome
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.progress import describe_step
from kafkaview.ui.writes.reroute_words import result_of, result_of_error, running_title, subtitle
from kafkaview.ui.writes.run import Run
from kafkaview.ui.writes.write_result import MovedGroup, Result
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName


class RerouteRun(Run[ReroutePlan]):
    """Sends the records and moves the groups; the outcome names the group `asked_for` first."""

    task = "reroute"
    busy = "Another re-route is running: wait until it is done"
    result_of_error = staticmethod(result_of_error)

    def __init__(self, context: Context, plan: ReroutePlan, asked_for: str = "") -> None:
        super().__init__(context, running_title(plan), describe_step(None), subtitle(plan))
        self._asked_for = asked_for
        self._queue = plan.dlq
        self._committed_at_ms = now_ms()
        self._made_queue: str | None = None

    async def _carry_out(self, plan: ReroutePlan) -> None:
        outcome: RerouteOutcome | None = None
        async with aclosing(self._context.engine.reroute(plan)) as steps:
            async for step in steps:
                if isinstance(step, RerouteOutcome):
                    outcome = step
                else:
                    self._report(step)
        assert outcome is not None
        groups = sorted(outcome.groups, key=lambda group: group.group != self._asked_for)
        outcome = replace(outcome, groups=tuple(groups))
        moved = MovedGroup(groups[0].group, groups[0].topic_partition, self._committed_at_ms) if groups else None
        self._end(replace(result_of(outcome, plan.dlq), journal_id=outcome.journal_id, moved=moved))

    def _report(self, step: WriteStep) -> None:
        if step.name is WriteStepName.TRANSACTION and step.state is StepState.DONE:
            self._committed_at_ms = now_ms()
        if step.name is WriteStepName.TOPIC and step.state is StepState.DONE:
            self._made_queue = self._queue
        self._tell(step, describe_step(step.name), may_cancel=step.name.may_cancel)

    def _result_of_refusal(self, error: ClusterError) -> Result:
        result = super()._result_of_refusal(error)
        unknown = isinstance(error, OutcomeUnknown)
        return result if unknown else replace(result, empty_queue=self._made_queue)
