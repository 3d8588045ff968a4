"""A re-route in the window. Every tick in its plan makes a new plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shiboken6 import isValid

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, OutcomeUnknown
from kafkaview.triage.reroute.outcome import RerouteOutcome
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.plan_kind import MakePlan, PlanKind, StepTimes
from kafkaview.ui.writes.reroute_preview import ReroutePreview
from kafkaview.ui.writes.reroute_words import (
    asks_between,
    describe_step,
    result_of,
    result_of_error,
    running_title,
    subtitle,
)
from kafkaview.ui.writes.write_result import MovedGroup, Result
from kafkaview.words import plural
from kafkaview.writes.outcome import ChangeEnd
from kafkaview.writes.steps import WriteStepName


class RerouteKind(PlanKind[ReroutePlan]):
    """Sends records and moves groups; the outcome names the group that the request `asked_for` first."""

    making = "plan"
    task = "reroute"
    looking = "Looking at the record and the groups"
    busy = "Another re-route is running: wait until it is done"
    describe_step = staticmethod(describe_step)
    result_of_error = staticmethod(result_of_error)
    icon = "send"
    typed = "the topic's name"

    def __init__(self, request: RerouteRequest) -> None:
        self._request = request
        self._groups = request.groups
        self._answered = False  # what happens to good records before the poison

    def make(self) -> MakePlan[ReroutePlan]:
        """Returns what makes the plan of the request as it is now."""
        request = self._request
        return lambda engine: engine.plan_reroute(request)

    def preview(
        self, context: Context, _plan: ReroutePlan, make_anew: Callable[[MakePlan[ReroutePlan]], None]
    ) -> ReroutePreview:
        """Returns the widget of the plan, with its tick boxes."""
        preview = ReroutePreview(context.theme, context.profile, self._request.asked_for)
        context.tasks.ask("plan.queues", _offer_queues(context, preview), lambda _error: None)

        def change(request: RerouteRequest) -> None:
            self._request = request
            make_anew(self.make())

        def answer(along: bool) -> None:  # noqa: FBT001  # as the signal brings it
            self._answered = True
            groups = self._groups if along or self._groups is None else ()  # a copy only moves none of those named
            change(replace(self._request, skip_between=along, groups=groups))

        preview.group_ticked.connect(lambda group, on: change(self._request.with_group(group, ticked=on)))
        preview.queue_chosen.connect(lambda queue: change(replace(self._request, dlq=queue)))
        preview.create_ticked.connect(lambda on: change(replace(self._request, create_dlq=on)))
        preview.evict_ticked.connect(lambda on: change(replace(self._request, evict=on)))
        preview.between_ticked.connect(lambda on: change(replace(self._request, skip_between=on)))
        preview.between_answered.connect(answer)
        return preview

    def title(self, plan: ReroutePlan) -> str:
        """Returns the deed; a question as long as one is open."""
        if self.why_not(plan):
            return f"Send {plural(1, 'record')} to {plan.dlq} and skip it: first a question"
        return plan.title

    def why_not(self, plan: ReroutePlan) -> str:
        """Returns the question that is still open."""
        open_ = not self._answered and asks_between(plan, self._request.asked_for)
        return "Choose what shall be done with the good records before it" if open_ else ""

    def subtitle(self, plan: ReroutePlan) -> str:
        """Returns what the transaction holds together."""
        return subtitle(plan)

    def running(self, plan: ReroutePlan) -> tuple[str, str]:
        """Returns title and subtitle while it runs."""
        return running_title(plan), subtitle(plan)

    def result_of(self, plan: ReroutePlan, end: ChangeEnd, done: StepTimes) -> Result:
        """Returns the outcome by its effect."""
        outcome = end.outcome
        assert isinstance(outcome, RerouteOutcome)
        groups = sorted(outcome.groups, key=lambda group: group.group != self._request.asked_for)
        outcome = replace(outcome, groups=tuple(groups))
        moved_at_ms = done.get(WriteStepName.TRANSACTION, done.get(WriteStepName.LOOK_UP, now_ms()))
        copy = outcome.done[0].target if outcome.done else None
        moved = tuple(MovedGroup(one.group, one.topic_partition, moved_at_ms) for one in groups)
        result = replace(result_of(outcome, plan), moved=moved[0] if moved else None, moved_too=moved[1:])
        return replace(result, journal_id=outcome.journal_id, record=result.record or copy)

    def result_of_refusal(self, error: ClusterError, plan: ReroutePlan, done: StepTimes) -> Result:
        """Returns the same, with the queue that was made for nothing."""
        made, result = WriteStepName.TOPIC in done and not isinstance(error, OutcomeUnknown), result_of_error(error)
        return result.with_empty_queue(plan.dlq) if made else result


async def _offer_queues(context: Context, preview: ReroutePreview) -> None:
    names = await context.engine.queue_names()
    if isValid(preview):
        preview.queue.offer(names)


def reroute_dialog(
    context: Context, request: RerouteRequest, ended: Callable[[Result], object] | None = None
) -> PlanDialog[ReroutePlan]:
    """Returns the dialog of a re-route."""
    kind = RerouteKind(request)
    return PlanDialog(context, kind.make(), ended, kind)
