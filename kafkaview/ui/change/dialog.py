"""The one dialog of every administrative write: plan, confirm, progress, outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.changes.plan import ChangePlan, command_line
from kafkaview.cluster.errors import ClusterError
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.change.rows import ChangeRows
from kafkaview.ui.change.run import Run, running
from kafkaview.ui.change.words import Standing, may_cancel, result_of_error, standing_of, word_to_type
from kafkaview.ui.dialogs import Sheet
from kafkaview.ui.marks import Mark
from kafkaview.ui.page import Context
from kafkaview.ui.plan.cautions import Cautions
from kafkaview.ui.plan.command import CommandLine
from kafkaview.ui.plan.foot import Foot
from kafkaview.ui.plan.outcome import OutcomeWords
from kafkaview.ui.plan.progress import Steps
from kafkaview.ui.plan.words import Result
from kafkaview.ui.states import Loading
from kafkaview.ui.theme import Theme

Make = Callable[[Session], Awaitable[ChangePlan]]
_TASK = "change.plan"


class ChangeDialog(Sheet):
    """Opens with a plan being made by `make`, which looks and writes nothing. Once it runs, closing lets it go on.

    `ended` is called with what came of it, also when the dialog is gone by then: the page reads again.
    """

    started = Signal(object)  # Run

    def __init__(self, context: Context, make: Make, ended: Callable[[Result], object] | None = None) -> None:
        super().__init__(context.theme, context.window, context.session.profile.environment)
        self._context = context
        self._make: Make | None = make
        self._on_end = ended
        self._plan: ChangePlan | None = None
        self._run: Run | None = None
        self.preview = Preview(context.theme, context.session.profile)
        self.steps = Steps(context.theme)
        self.outcome = OutcomeWords(context.theme)
        self.loading = Loading(context.theme, "Looking at what stands now")
        self.ask = Foot(context.theme, icon=None, named="the name")
        self._pages: tuple[QWidget, ...] = (self.loading, self.preview, self.steps, self.outcome)
        self._fill()
        self.ask.confirmed.connect(self._carry_out)
        self.ask.left.connect(self._leave)
        self.ask.again.connect(self._make_plan)

    @property
    def plan(self) -> ChangePlan | None:
        """The plan that is shown."""
        return self._plan

    def open(self) -> None:
        """Show it and make the plan."""
        super().open()
        self._make_plan()

    def lift(self) -> None:
        """Close. What it holds is let go: a plan may carry a password on its way to the broker."""
        self._context.tasks.cancel(_TASK)
        super().lift()
        self._plan = self._make = None

    def _make_plan(self) -> None:
        if self._make is None:
            return
        self.set_title("Making a plan", "Nothing is written before you say so.")
        self._show(self.loading)
        self.ask.wait()
        self._context.tasks.start(_TASK, self._planned(self._make), on_error=self._not_planned)

    async def _planned(self, make: Make) -> None:
        self._plan = plan = await make(self._context.session)
        self.set_title(plan.title, "Nothing is written before you say so.")
        self.preview.show_plan(plan)
        self._show(self.preview)
        self.ask.ask(plan.deed, word_to_type(self._context.session.profile, plan), self._why_not(plan))

    def _why_not(self, plan: ChangePlan) -> str:
        if self._context.session.profile.read_only:
            return "This profile is read-only"
        if running(self._context):
            return "Another change is being written: wait until it is done"
        return plan.problems[0].message if plan.problems else ""

    def _not_planned(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            self.lift()
            raise error
        self._say(result_of_error(error), "No plan can be made")

    def _carry_out(self) -> None:
        if self._plan is None or self._run is not None:
            return
        self._run = run = Run(self._context, self._plan)
        run.stepped.connect(self._stepped)
        run.ended.connect(self._ended)
        if self._on_end is not None:
            run.ended.connect(self._on_end)
        self.set_title(self._plan.title)
        self.steps.clear()
        self._show(self.steps)
        self.ask.run(standing_of(None), cancellable=True)
        self.started.emit(run)
        run.start()

    def _stepped(self, step: Standing) -> None:
        self.steps.show_step(step)
        self.ask.run(standing_of(step.name), cancellable=may_cancel(step.name))

    def _ended(self, result: Result) -> None:
        self._run = None
        self.steps.end()
        self._say(result, self._plan.title if self._plan else "")

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

    def _fill(self) -> None:
        self.loading.setMinimumHeight(self.theme.px(190))
        for page in self._pages:
            self.body.addWidget(page)
        self.body.addStretch(1)
        self.footer.addWidget(self.ask)


class Preview(QWidget):
    """A plan in full, before anything happens: what changes, what could go wrong, the line that does the same."""

    def __init__(self, theme: Theme, profile: ConnectionProfile) -> None:
        super().__init__()
        self._profile = profile
        self.rows = ChangeRows(theme)
        self._cautions = Cautions(theme)
        self.command = CommandLine(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.rows, self._cautions, self.command):
            column.addWidget(part)
        column.addStretch(1)

    def show_plan(self, plan: ChangePlan) -> None:
        """Show it."""
        self.rows.show_rows(plan.rows)
        lines = [(Mark.BAD, problem.message, problem.hint) for problem in plan.problems]
        lines += [(Mark.WARN, caution.consequence, caution.why) for caution in plan.cautions]
        self._cautions.show_lines(lines, possible=not plan.problems)
        self.command.show_command(command_line(self._profile, plan))
