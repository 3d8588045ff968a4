"""The dialog of a re-route. Every tick in it makes a new plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.foot import Foot
from kafkaview.ui.writes.reroute_preview import ReroutePreview
from kafkaview.ui.writes.reroute_run import RerouteRun
from kafkaview.ui.writes.reroute_words import deed, subtitle
from kafkaview.ui.writes.sheet import MakePlan, PlanPrompt, PlanSheet


class PlanDialog(PlanSheet[ReroutePlan]):
    """Shows which records are sent and which groups move. For a production profile the topic's name has to be typed."""

    making = "plan"
    runs = RerouteRun

    def __init__(self, context: Context, request: RerouteRequest) -> None:
        super().__init__(context, self._plan_of(request), Foot(context.theme), "Looking at the record and the groups")
        self._request = request

    @cached_property
    def preview(self) -> ReroutePreview:
        """The widget of the plan; each of its tick boxes makes a new plan."""
        preview = ReroutePreview(self._context.theme, self._context.profile)
        change = self._change
        preview.group_ticked.connect(lambda group, on: change(self._request.with_group(group, ticked=on)))
        preview.other_queue_ticked.connect(self._choose_queue)
        preview.create_ticked.connect(lambda on: change(replace(self._request, create_dlq=on)))
        preview.evict_ticked.connect(lambda on: change(replace(self._request, evict=on)))
        preview.between_ticked.connect(lambda on: change(replace(self._request, skip_between=on)))
        return preview

    def _choose_queue(self, other: bool) -> None:  # noqa: FBT001 - of a signal
        if self.plan is not None:
            self._change(replace(self._request, dlq=self.plan.other_dlq if other else None))

    def _change(self, request: RerouteRequest) -> None:
        self._request, self._make = request, self._plan_of(request)
        self._look()

    @staticmethod
    def _plan_of(request: RerouteRequest) -> MakePlan[ReroutePlan]:
        return lambda engine: engine.plan_reroute(request)

    def _show_plan(self, plan: ReroutePlan) -> PlanPrompt:
        self.preview.show_plan(plan)
        return PlanPrompt(subtitle(plan), deed(plan), plan.copies[0].record.topic)

    def _run_of(self, plan: ReroutePlan) -> RerouteRun:
        return RerouteRun(self._context, plan, self._request.asked_for)
