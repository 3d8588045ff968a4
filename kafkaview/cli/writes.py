"""Writes from the command line: show the plan, ask, write, print the outcome."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from kafkaview.cli.execution import TIMEOUT_S, BadUsage, Common, limit_time, run
from kafkaview.cli.output import Output
from kafkaview.command_words import shell_line
from kafkaview.fields import row_documents
from kafkaview.session import Session
from kafkaview.words import join_names
from kafkaview.writes.execution import carry_out
from kafkaview.writes.offsets.plan import OFFSET_FIELDS, OffsetPlan
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import CHANGE_FIELDS, ChangePlan, Plan, command_line
from kafkaview.writes.steps import StepState, WriteStep

DryRun = Annotated[bool, typer.Option("--dry-run", help="show the plan, write nothing")]
Yes = Annotated[bool, typer.Option("--yes", help="carry the plan out without asking")]


def change(
    context: typer.Context,
    make: Callable[[Session], Awaitable[ChangePlan]],
    *,
    dry_run: bool,
    yes: bool,
    json: bool,
    show_given: bool = False,
) -> None:
    """Makes a plan, shows it, and executes it if the user agrees. The JSON has `plan`, `done`, `journal_id`, `outcome`,
    and `given` if the cluster returned a secret, which it contains only if `show_given` is set; see `offset_document`
    for committed offsets. The time limit is that of the reading verbs, without the user's thinking time. If it passes
    after the write was sent, the outcome is unknown, and the journal says so. A change that waits or watches has its
    own limits.
    """
    common: Common = context.obj

    async def work(session: Session, output: Output) -> int:
        planning = make(session)  # asks for what has to be typed, such as a password: that is not counted
        async with limit_time(session, common.timeout or TIMEOUT_S):
            plan = await planning
        rest = session.limit.rest
        if dry_run:
            show_plan(output, session, plan)
            return exit_code(plan)
        ask(output, plan, lambda: _in_words(output, session, plan), yes=yes)
        session.limit.set(None if plan.follow is not None else rest)
        outcome = await carry_out(session, plan, lambda step: say_step(output, step))
        if output.json:
            output.document(_outcome_document(session, plan, outcome) | _secret_document(plan, shown=show_given))
        else:
            output.say(outcome.message, "bold")
            if outcome.doubt:
                output.say(outcome.doubt)
            for line in dict.fromkeys(line for group in outcome.groups for line in group.advice):
                output.say(f"  {line}")
            _say_given(output, plan, shown=show_given)
        return 1 if outcome.doubt else 0

    run(context, work, json=json, bounded=False)


def say_step(output: Output, step: WriteStep) -> None:
    """Prints a finished step, on stderr."""
    if not output.json and step.state is not StepState.RUNNING:
        took = f"  {step.ms:,} ms" if step.ms is not None else ""
        output.note(f"{step.text}{f', {step.detail}' if step.detail else ''}{took}")


def _outcome_document(session: Session, plan: ChangePlan, outcome: ChangeOutcome) -> dict[str, Any]:
    if plan.offsets is None:
        done = {"done": True, "journal_id": outcome.journal_id, "outcome": outcome.document()}
        return {"plan": plan_document(session, plan), **done}
    return offset_document(session, plan, outcome)


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


def _secret_document(plan: ChangePlan, *, shown: bool) -> dict[str, Any]:
    secret = plan.given.take() if plan.given else None
    if secret is None:
        return {}
    return {"given": {"login": secret.login, **({secret.name.lower(): secret.value} if shown else {})}}


def _say_given(output: Output, plan: ChangePlan, *, shown: bool) -> None:
    secret = plan.given.take() if plan.given else None
    if secret is not None:
        output.say(f"It logs in as {secret.login}.")
        output.say(
            f"{secret.name}: {secret.value}"
            if shown
            else f"Its {secret.name} was not asked for, and kafkaview keeps it nowhere."
        )


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


def show_plan(output: Output, session: Session, plan: ChangePlan) -> None:
    """Prints a plan that is not executed."""
    if not output.json:
        _in_words(output, session, plan)
    elif plan.offsets is not None:
        output.document(offset_document(session, plan))
    else:
        output.document({"plan": plan_document(session, plan), "done": False, "journal_id": None, "outcome": None})


def _in_words(output: Output, session: Session, plan: ChangePlan) -> None:
    output.say(plan.title, "bold")
    if plan.offsets is not None:
        _offsets_in_words(output, plan.offsets)
    else:
        output.rows(CHANGE_FIELDS, plan.rows)
    say_warnings(output, plan)
    output.say(shell_line(command_line(session.profile, plan)))


def say_warnings(output: Output, plan: Plan) -> None:
    """Prints the cautions and the problems of a plan."""
    for caution in plan.cautions:
        output.say(f"{caution.consequence} {caution.why}")
    for problem in plan.problems:
        output.say(problem.message, "bold red")
        if problem.hint:
            output.say(f"  {problem.hint}")


def _offsets_in_words(output: Output, plan: OffsetPlan) -> None:
    output.rows(OFFSET_FIELDS, plan.rows)
    if plan.uncommitted:
        which = join_names([str(one) for one in plan.uncommitted], 10)
        output.say(f"Never committed, left alone: {which}")


def exit_code(plan: Plan) -> int:
    """Returns the exit code of a plan that is only shown."""
    return plan.problems[0].exit_code if plan.problems else 0


def ask(output: Output, plan: Plan, show: Callable[[], None], *, yes: bool) -> None:
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
