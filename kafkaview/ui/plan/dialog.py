"""The plan dialog: plan, confirm, progress, outcome, all in one sheet."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.outcome import Step
from kafkaview.triage.plan import ReroutePlan
from kafkaview.ui.dialogs import Sheet
from kafkaview.ui.page import Context
from kafkaview.ui.plan.end import End
from kafkaview.ui.plan.foot import Foot
from kafkaview.ui.plan.outcome import OutcomeWords
from kafkaview.ui.plan.preview import Preview
from kafkaview.ui.plan.progress import Steps, may_cancel, standing_of
from kafkaview.ui.plan.request import PlanRequest, word_to_type
from kafkaview.ui.plan.run import Run, running
from kafkaview.ui.plan.words import Result, deed, result_of_error, running_title, subtitle
from kafkaview.ui.states import Loading

_TASK = "plan"


class PlanDialog(Sheet):
    """Opens with a plan being made. Once it runs, closing lets it go on."""

    started = Signal(object)  # Run

    def __init__(self, context: Context, request: PlanRequest) -> None:
        super().__init__(context.theme, context.window, context.session.profile.environment)
        self._context = context
        self._request = request
        self._plan: ReroutePlan | None = None
        self._run: Run | None = None
        self.preview = Preview(context.theme, context.session.profile)
        self.steps = Steps(context.theme)
        self.outcome = OutcomeWords(context.theme)
        self.loading = Loading(context.theme, "Looking at the record and the groups")
        self.ask = Foot(context.theme)
        self._pages: tuple[QWidget, ...] = (self.loading, self.preview, self.steps, self.outcome)
        self._fill()
        self._connect()

    @property
    def plan(self) -> ReroutePlan | None:
        """The plan that is shown."""
        return self._plan

    def open(self) -> None:
        """Show it and make the plan."""
        super().open()
        self._make_plan()

    def lift(self) -> None:
        """Close: a plan that is being made is dropped, a re-route that runs goes on."""
        self._context.tasks.cancel(_TASK)
        super().lift()

    def _make_plan(self) -> None:
        if self._plan is None:
            self.set_title("Making a plan", "Nothing is written before you say so.")
            self._show(self.loading)
        self.ask.wait()
        self._context.tasks.start(_TASK, self._planned(self._request), on_error=self._not_planned)

    async def _planned(self, request: PlanRequest) -> None:
        plan = await request.plan(self._context.session)
        self._plan = plan
        self.set_title(plan.title, subtitle(plan))
        self.preview.show_plan(plan)
        self._show(self.preview)
        profile = self._context.session.profile
        self.ask.ask(deed(plan), word_to_type(profile, plan), self._why_not(plan))

    def _why_not(self, plan: ReroutePlan) -> str:
        if self._context.session.profile.read_only:
            return "This profile is read-only"
        if running(self._context):
            return "Another re-route is running: wait until it is done"
        return plan.problems[0].message if plan.problems else ""

    def _not_planned(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            self.lift()
            raise error
        self._say(result_of_error(error), "No plan can be made")

    def _change(self, request: PlanRequest) -> None:
        self._request = request
        self._make_plan()

    def _carry_out(self) -> None:
        if self._plan is None or self._run is not None:
            return
        self._run = run = Run(self._context, self._plan, self._request.asked_for)
        run.stepped.connect(self._stepped)
        run.ended.connect(self._ended)
        self.set_title(running_title(self._plan), subtitle(self._plan))
        self._show(self.steps)
        self.ask.run(standing_of(None), cancellable=True)
        self.started.emit(run)
        run.start()

    def _stepped(self, step: Step) -> None:
        self.steps.show_step(step)
        self.ask.run(standing_of(step.name), cancellable=may_cancel(step.name))

    def _ended(self, end: End) -> None:
        self._run = None
        self.steps.end()
        self._say(end.result, self._plan.title if self._plan else "")

    def _again(self) -> None:
        self._plan = None
        self._make_plan()

    def _say(self, result: Result, title: str) -> None:
        self.set_title(title)
        self.outcome.show_result(result)
        self._show(self.outcome)
        self.ask.end(retry=not result.good)

    def _leave(self) -> None:
        if self._run is not None:
            self._run.cancel()
        self.lift()

    def _show(self, page: QWidget) -> None:
        for one in self._pages:
            one.setVisible(one is page)
        self.place()

    def _connect(self) -> None:
        change = self._change
        self.preview.group_ticked.connect(lambda g, on: change(self._request.with_group(g, ticked=on)))
        self.preview.create_ticked.connect(lambda on: change(replace(self._request, create_dlq=on)))
        self.preview.evict_ticked.connect(lambda on: change(replace(self._request, evict=on)))
        self.preview.between_ticked.connect(lambda on: change(replace(self._request, skip_between=on)))
        self.ask.confirmed.connect(self._carry_out)
        self.ask.left.connect(self._leave)
        self.ask.again.connect(self._again)

    def _fill(self) -> None:
        self.loading.setMinimumHeight(self.theme.px(190))
        for page in self._pages:
            self.body.addWidget(page)
        self.body.addStretch(1)
        self.footer.addWidget(self.ask)
