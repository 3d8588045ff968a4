"""Writes from the command line: show the plan, ask, write, print the outcome."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Protocol

import typer

from kafkaview.cli.execution import TIMEOUT_S, BadUsage, Common, Json, limit_time, run
from kafkaview.cli.output import Output
from kafkaview.command_words import shell_line
from kafkaview.fields import row_documents
from kafkaview.session import Session
from kafkaview.words import join_names
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.offsets.plan import OFFSET_FIELDS, OffsetPlan
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import CHANGE_FIELDS, ChangePlan, Plan, command_line
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName

DryRun = Annotated[bool, typer.Option("--dry-run", help="show the plan, write nothing")]
Yes = Annotated[bool, typer.Option("--yes", help="carry the plan out without asking")]
AnyPlan = Plan[ChangeOutcome]


class PlanPrinter(Protocol):
    """How one kind of plan is printed."""

    def say_plan(self, output: Output, session: Session, plan: Any) -> None:
        """Prints a plan."""
        ...

    def document(self, session: Session, plan: Any, outcome: Any) -> dict[str, Any]:
        """Returns the JSON of a plan, and of its outcome; that is None if the plan is only shown."""
        ...

    def say_outcome(self, output: Output, plan: Any, outcome: Any) -> None:
        """Prints what else came of it, below the message."""
        ...

    def say_cut_off(self, output: Output, session: Session, plan: Any, done: Collection[WriteStepName]) -> None:
        """Prints how far an execution had come that the user has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """A write as a verb describes it: what makes its plan, and how that is printed (a ChangePlan where nothing is
    named). Where making it is not `bounded`, only --timeout limits it.
    """

    make: Callable[[Session], Awaitable[AnyPlan]]
    printer: PlanPrinter | None = None
    bounded: bool = True


def write_verb(verb: Callable[..., Write]) -> Callable[..., None]:
    """Makes a verb of a function that describes a write. It has --dry-run, --yes and --json beside its own options."""

    @wraps(verb)
    def run_verb(context: typer.Context, *, dry_run: bool, yes: bool, json: bool, **options: Any) -> None:
        _carry(context, verb(**options), dry_run=dry_run, yes=yes, json=json)

    asks = {"dry_run": DryRun, "yes": Yes, "json": Json}
    added = [Parameter(name, Parameter.KEYWORD_ONLY, default=False, annotation=kind) for name, kind in asks.items()]
    first = Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    own = signature(verb, eval_str=True).parameters.values()
    whole = Signature([first, *own, *added])
    run_verb.__annotations__ = {name: one.annotation for name, one in whole.parameters.items()}
    run_verb.__dict__["__signature__"] = whole  # what typer reads
    return run_verb


def _carry(context: typer.Context, write: Write, *, dry_run: bool, yes: bool, json: bool) -> None:
    """Makes a plan, shows it, and executes it if the user agrees. The time limit is that of the reading verbs, without
    the user's thinking time. If it passes after the write was sent, the outcome is unknown, and the journal says so. A
    plan that waits or watches has its own limits.
    """
    by: PlanPrinter = write.printer or ChangePrinter()
    common: Common = context.obj

    async def work(session: Session, output: Output) -> int:
        planning = write.make(session)  # asks for what has to be typed, such as a password: that is not counted
        async with limit_time(session, common.timeout or (TIMEOUT_S if write.bounded else None)):
            plan = await planning
        rest = session.limit.rest
        if dry_run:
            return show_plan(output, session, plan, by)
        ask(output, plan, lambda: by.say_plan(output, session, plan), yes=yes)
        session.limit.set(rest if plan.bounded else None)
        outcome = await _carry_out(session, plan, output, by)
        await asyncio.to_thread(_note_incidents, session, output, outcome)
        if output.json:
            output.document(by.document(session, plan, outcome))
        else:
            output.say(outcome.message, "bold")
            by.say_outcome(output, plan, outcome)
        return 0 if outcome.succeeded else 1

    run(context, work, json=json, bounded=False)


async def _carry_out(session: Session, plan: AnyPlan, output: Output, printer: PlanPrinter) -> ChangeOutcome:
    done: set[WriteStepName] = set()

    def show(step: WriteStep) -> None:
        if step.state is StepState.DONE:
            done.add(step.name)
        if not output.json and step.state is not StepState.RUNNING:
            took = f"  {step.ms:,} ms" if step.ms is not None else ""
            output.note(f"{step.text}{f', {step.detail}' if step.detail else ''}{took}")

    try:
        return await carry_out(session, plan, show)
    except asyncio.CancelledError:
        printer.say_cut_off(output, session, plan, done)
        raise


def _note_incidents(session: Session, output: Output, outcome: ChangeOutcome) -> None:
    from kafkaview.cli.incidents import say_damage
    from kafkaview.triage.incidents.keeper import note_outcome
    from kafkaview.triage.incidents.store import IncidentStore

    store = IncidentStore.of(session.profile, session.journal.path)
    note_outcome(store, outcome)
    say_damage(output, store)


class ChangePrinter:
    """Prints a ChangePlan. Its JSON has `plan`, `done`, `journal_id`, `outcome`, and `given` if the cluster returned a
    secret, which it contains only if `show_given` is set; that of committed offsets has their rows as `plan`.
    """

    def __init__(self, *, show_given: bool = False) -> None:
        self._show_given = show_given

    def say_plan(self, output: Output, session: Session, plan: ChangePlan) -> None:
        """Prints the rows, the cautions, and the command line that does the same."""
        output.say(plan.title, "bold")
        if plan.offsets is not None:
            _say_offsets(output, plan.offsets)
        else:
            output.rows(CHANGE_FIELDS, plan.rows)
        say_warnings(output, plan)
        output.say(shell_line(command_line(session.profile, plan)))

    def document(self, session: Session, plan: ChangePlan, outcome: ChangeOutcome | None) -> dict[str, Any]:
        """Returns the JSON."""
        if plan.offsets is not None:
            return offset_document(session, plan, outcome)
        return {
            "plan": plan_document(session, plan),
            "done": outcome is not None,
            "journal_id": outcome.journal_id if outcome is not None else None,
            "outcome": outcome.document() if outcome is not None else None,
        } | self._secret_document(plan)

    def say_outcome(self, output: Output, plan: ChangePlan, outcome: ChangeOutcome) -> None:
        """Prints what came of it, the doubt, what to do, and the secret."""
        if outcome.detail:
            output.say(outcome.detail)
        for line in filter(None, (outcome.doubt, outcome.hint)):
            output.say(line)
        for line in dict.fromkeys(line for group in outcome.groups for line in group.advice):
            output.say(f"  {line}")
        secret = plan.given.take() if plan.given else None
        if secret is not None:
            output.say(f"It logs in as {secret.login}.")
            unshown = f"Its {secret.name} was not asked for, and kafkaview keeps it nowhere."
            output.say(f"{secret.name}: {secret.value}" if self._show_given else unshown)

    def say_cut_off(self, output: Output, session: Session, plan: ChangePlan, done: Collection[WriteStepName]) -> None:
        """Prints nothing: the steps say it."""

    def _secret_document(self, plan: ChangePlan) -> dict[str, Any]:
        secret = plan.given.take() if plan.given else None
        if secret is None:
            return {}
        return {"given": {"login": secret.login, **({secret.name.lower(): secret.value} if self._show_given else {})}}


def offset_document(session: Session, plan: ChangePlan, outcome: ChangeOutcome | None = None) -> dict[str, Any]:
    """Returns the JSON of a change of committed offsets: `plan` holds its rows, as executed if they were."""
    offsets = outcome.offsets if outcome is not None and outcome.offsets is not None else plan.offsets
    assert offsets is not None
    return {
        **offsets.document(),
        "title": plan.title,
        "cautions": [f"{one.consequence} {one.why}" for one in plan.cautions],
        "problems": [problem.message for problem in plan.problems],
        "command": command_line(session.profile, plan),
        "applied": outcome is not None,
        "effective": outcome.effective if outcome is not None else None,
        "journal_id": outcome.journal_id if outcome is not None else None,
        "outcome": outcome.document() if outcome is not None else None,
    }


def plan_document(session: Session, plan: ChangePlan) -> dict[str, Any]:
    """Returns the plan as JSON."""
    return {
        "kind": plan.kind,
        "title": plan.title,
        "changes": row_documents(CHANGE_FIELDS, plan.rows),
        "cautions": [f"{one.consequence} {one.why}" for one in plan.cautions],
        "problems": [problem.message for problem in plan.problems],
        "command": command_line(session.profile, plan),
        **plan.document,
    }


def show_plan(output: Output, session: Session, plan: AnyPlan, printer: PlanPrinter) -> int:
    """Prints a plan that is not executed. Returns the exit code: that of its first problem, or 0."""
    if output.json:
        output.document(printer.document(session, plan, None))
    else:
        printer.say_plan(output, session, plan)
    return plan.problems[0].exit_code if plan.problems else 0


def say_warnings(output: Output, plan: AnyPlan) -> None:
    """Prints the cautions and the problems of a plan."""
    for caution in plan.cautions:
        output.say(f"{caution.consequence} {caution.why}")
    for problem in plan.problems:
        output.say(problem.message, "bold red")
        if problem.hint:
            output.say(f"  {problem.hint}")


def _say_offsets(output: Output, plan: OffsetPlan) -> None:
    output.rows(OFFSET_FIELDS, plan.rows)
    if plan.uncommitted:
        which = join_names([str(one) for one in plan.uncommitted], 10)
        output.say(f"Never committed, left alone: {which}")


def ask(output: Output, plan: AnyPlan, show: Callable[[], None], *, yes: bool) -> None:
    """Shows a plan and, without `yes`, asks whether to execute it. Raises the plan's first problem, or BadUsage if
    nobody can answer, or the answer is no.
    """
    if plan.problems:
        raise plan.problems[0]
    if yes:
        return
    if output.json or not sys.stdin.isatty():
        raise BadUsage("Nothing was written: say --yes to carry the plan out, or --dry-run to see it")
    show()
    if not typer.confirm("Carry it out?", err=True):
        raise BadUsage("Nothing was written")
