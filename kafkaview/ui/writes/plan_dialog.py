"""The dialog of every plan: it is made, shown, confirmed, carried out, and its outcome shown, all in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Final, Generic, cast

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.profiles.profile import Environment
from kafkaview.terms import RecordId
from kafkaview.ui.kit.controls import Button, ButtonKind, escape_button
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.page import Context, Place
from kafkaview.ui.kit.sheets import Sheet, Veil
from kafkaview.ui.kit.states import Loading
from kafkaview.ui.kit.turns import show_in_turns
from kafkaview.ui.writes.foot import Foot
from kafkaview.ui.writes.outcome import OutcomeWords
from kafkaview.ui.writes.plan_kind import UNWRITTEN, MakePlan, P, PlanKind, Preview
from kafkaview.ui.writes.progress import ProgressSteps
from kafkaview.ui.writes.run import Run
from kafkaview.ui.writes.write_result import Result
from kafkaview.words import plural
from kafkaview.writes.steps import WriteStep

_WIDTH: Final = 900


class PlanDialog(Sheet, Generic[P]):
    """Opens while `make` makes the plan, which reads and writes nothing. Closing lets a running plan go on. `ended`
    gets the outcome even after the dialog is closed: the page reads again. What is shown and said is the `kind`'s.
    """

    def __init__(
        self,
        context: Context,
        make: MakePlan[P],
        ended: Callable[[Result], object] | None,
        kind: PlanKind[P],
    ) -> None:
        super().__init__(context.theme, context.window, context.profile.environment, width=_WIDTH)
        self._context = context
        self._kind = kind
        self._make: MakePlan[P] | None = make
        self._on_end = [] if ended is None else [ended]
        self._plan: P | None = None
        self._run: Run | None = None
        self.loading = Loading(context.theme, kind.looking)
        self.steps = ProgressSteps(context.theme)
        self.outcome = OutcomeWords(context.theme)
        self.fold = Button(context.theme, kind=ButtonKind.LINK, clicked=self._fold)
        self.open_record = Button(context.theme, kind=ButtonKind.LINK)
        self.open_record.clicked.connect(lambda _checked=False: self._lead_on(Place("records", str(self._record))))
        self._record: RecordId | None = None
        self.open_entry = Button(context.theme, kind=ButtonKind.LINK)
        self.open_entry.clicked.connect(lambda _checked=False: self._lead_on(Place("journal", str(self._entry))))
        self._entry: int | None = None
        self._planned = ""
        self._below = QWidget()  # what leads on from an outcome
        self.ask = Foot(context.theme, icon=kind.icon, named=kind.typed)
        self._faces: list[QWidget] = [self.loading, self.steps, self.outcome]
        self._fill()
        self.ask.confirmed.connect(self._carry_out)
        self.ask.left.connect(self._leave)
        self.ask.again.connect(self._again)

    @property
    def plan(self) -> P | None:
        """The plan that is shown."""
        return self._plan

    def tell_end(self, ended: Callable[[Result], object]) -> None:
        """Tells somebody else of the outcome, too."""
        self._on_end.append(ended)

    def open(self) -> None:
        """Shows the dialog and makes the plan."""
        super().open()
        self._look()

    def lift(self) -> None:
        """Closes the dialog: a plan that is being made is dropped, one that runs goes on. The plan and the function
        that makes it are released, by the engine too: they may carry a password for the broker.
        """
        self._context.tasks.cancel(self._kind.making)
        super().lift()
        self._plan = self._make = None
        self._context.tasks.start("change.drop", self._context.engine.drop_plan(), on_error=_not_dropped)

    def arrange(self) -> None:
        """Puts the dialog in the middle, its foot in one row or in two."""
        edges = self.footer.contentsMargins()
        self.ask.fit(self._breadth() - 2 - edges.left() - edges.right())
        super().arrange()

    @cached_property
    def preview(self) -> QWidget:
        """The widget of the plan, made when there is a plan: the dialog itself opens at once."""
        assert self._plan is not None
        return self._kind.preview(self._context, self._plan, self._make_anew)

    def _make_anew(self, make: MakePlan[P]) -> None:
        self._make = make
        self._look()

    def _look(self) -> None:
        if self._make is None:
            return
        if self._plan is None:
            self.set_title("Making a plan", UNWRITTEN)
            self._show(self.loading)
        self.ask.wait()
        self._context.tasks.start(self._kind.making, self._make_plan(self._make), on_error=self._not_planned)

    async def _make_plan(self, make: MakePlan[P]) -> None:
        self._plan = plan = await make(self._context.engine)
        cast("Preview[P]", self.preview).show_plan(plan)
        await asyncio.sleep(0)
        self._add(self.preview)
        self.box.setUpdatesEnabled(False)
        self.set_title(self._kind.title(plan), self._kind.subtitle(plan))
        async with show_in_turns(self.preview):
            self._show(self.preview)
        self.arrange()
        self.box.setUpdatesEnabled(True)
        self.ask.ask(
            plan.deed, plan.subject, self._why_typed(plan), self._why_not(plan), removes=self._kind.removes(plan)
        )

    def _why_typed(self, plan: P) -> str:
        """Returns why the plan's name has to be typed; empty if one click will do."""
        if self._context.profile.environment is Environment.PRODUCTION:
            return "This is production."
        return "It cannot be undone." if self._kind.destroys(plan) else ""

    def _why_not(self, plan: P) -> str:
        if self._context.profile.read_only:
            return "This profile is read-only"
        if self._context.tasks.is_running(self._kind.task):
            return self._kind.busy
        return self._kind.why_not(plan) or (plan.problems[0].message if plan.problems else "")

    def _not_planned(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            self.lift()
            raise error
        self._say(self._kind.result_of_error(error), "")

    def _carry_out(self) -> None:
        if self._plan is None or self._run is not None:
            return
        self._run = run = Run(self._context, self._kind, self._plan)
        run.stepped.connect(self._show_step)
        run.ended.connect(self._show_end)
        self.set_title(run.title, run.subtitle)
        self.steps.clear()
        self._show(self.steps)
        self.ask.run(run.standing, cancellable=run.may_cancel)
        for told in self._on_end:
            run.ended.connect(told)
        self._context.follow(run)
        run.start(self._plan)

    def _show_step(self, step: WriteStep) -> None:
        self.steps.show_step(step)
        if self._run is not None:
            run = self._run
            self.ask.run(run.standing, cancellable=run.may_cancel, stoppable=run.may_stop)

    def _show_end(self, result: Result) -> None:
        self._run = None
        self.steps.end()
        self._say(result, self._plan.title if self._plan else "")

    def _again(self) -> None:
        self._plan = None
        self._look()

    def _say(self, result: Result, planned: str) -> None:
        """Shows an outcome: its effect is the title, what was planned stands below, the steps are folded."""
        self._planned = f"Planned: {planned}" if planned else ""
        self._tell(result)
        self._record, self._entry = result.record, result.journal_id
        self.open_entry.setVisible(result.journal_id is not None)
        self.open_entry.setText(f"Journal entry {result.journal_id}")
        self.open_record.setVisible(result.record is not None)
        self.open_record.setText(escape_button(f"Open {result.record} in Records"))
        self._show(self.outcome)
        self._label_fold()
        self.ask.end(retry=not result.good)

    def turn(self, result: Result) -> None:
        """Shows what became of its write since its outcome was told: a group that moved again may stand by now."""
        if self.outcome.isVisible() and self._entry is not None and self._entry == result.journal_id:
            self._tell(result)
            self.arrange()

    def _tell(self, result: Result) -> None:
        self.set_title(result.title, self._planned)
        self.outcome.show_result(result)
        self.outcome.leave_title()

    def _fold(self) -> None:
        self.steps.setVisible(self.steps.isHidden())
        self._label_fold()
        self.arrange()

    def _label_fold(self) -> None:
        self._below.show()
        self.fold.setVisible(self.steps.count > 0)
        self.fold.setText(f"{'Show' if self.steps.isHidden() else 'Hide'} the {plural(self.steps.count, 'step')}")

    def _lead_on(self, place: Place) -> None:
        """Goes to a place; nothing stays or comes back over it."""
        self.lift()
        while (below := Veil.over(self._context.window)) is not None:
            below.lift()
        self._context.go(place)

    def _leave(self) -> None:
        if self._run is not None and self._run.may_stop:
            self._run.stop()
            return
        if self._run is not None:
            self._run.cancel()
        self.lift()

    def _add(self, page: QWidget) -> None:
        if page not in self._faces:
            page.hide()
            self._faces.append(page)
            self.body.insertWidget(0, page)

    def _show(self, page: QWidget) -> None:
        for one in self._faces:
            one.setVisible(one is page)
        self._below.hide()
        self.arrange()

    def _fill(self) -> None:
        self.loading.setMinimumHeight(self.theme.px(190))
        for page in self._faces:
            self.body.addWidget(page)
        links = make_flow(self.open_entry, self.open_record, self.fold, gap=12)
        links.setContentsMargins(30, 0, 0, 0)
        self._below.setLayout(links)
        self._below.hide()
        self.body.insertWidget(self.body.indexOf(self.steps), self.outcome)
        self.body.insertWidget(self.body.indexOf(self.steps), self._below)
        self.body.addStretch(1)
        self.footer.addWidget(self.ask)


def _not_dropped(error: Exception) -> None:
    """Ignores that the engine could not be asked: an engine that has ended has no plan."""
    if not isinstance(error, ClusterError):
        raise error
