"""Carrying out an administrative write from the command line: show, ask, write, say what came of it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from kafkaview.cli.execution import TIMEOUT_S, BadUsage, Common, limited, run
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.session import Session
from kafkaview.writes.execution import carry_out
from kafkaview.writes.plan import ChangePlan, command_line

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
    """Make a plan, show it, and carry it out once it is agreed to. JSON: `plan`, `done`, `journal_id`, `outcome`, and
    `given` where the cluster gave something secret, which is in it if `show_given` says so.

    It has the time limit of the verbs that read, without what the user takes to type. A write that was sent when it
    is over has an unknown outcome, and the journal says so.
    """
    common: Common = context.obj

    async def work(session: Session, output: Output) -> int:
        planning = make(session)  # asks for what has to be typed, such as a password: that is not counted
        async with limited(session, common.timeout or TIMEOUT_S):
            plan = await planning
        rest = session.limit.rest
        if dry_run:
            return _show(output, session, plan)
        if plan.problems:
            raise plan.problems[0]
        if not yes:
            _ask(output, session, plan)
        session.limit.set(rest)
        outcome = await carry_out(session, plan, lambda step: output.note(step.value) if not output.json else None)
        if output.json:
            told = {"done": True, "journal_id": outcome.journal_id, "outcome": outcome.document()}
            output.document({"plan": plan_document(session, plan), **told, **_given_document(plan, shown=show_given)})
        else:
            output.say(outcome.message, "bold")
            if outcome.doubt:
                output.say(outcome.doubt)
            _say_given(output, plan, shown=show_given)
        return 1 if outcome.doubt else 0

    run(context, work, json=json, bounded=False)


def _given_document(plan: ChangePlan, *, shown: bool) -> dict[str, Any]:
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
    """The plan as JSON."""
    return {
        "kind": plan.kind,
        "title": plan.title,
        "changes": [{"what": row.what, "before": row.before, "after": row.after} for row in plan.rows],
        "cautions": [f"{one.consequence} {one.why}" for one in plan.cautions],
        "problems": [problem.message for problem in plan.problems],
        "command": command_line(session.profile, plan),
        **plan.document,
    }


def _show(output: Output, session: Session, plan: ChangePlan) -> int:
    if output.json:
        output.document({"plan": plan_document(session, plan), "done": False, "journal_id": None, "outcome": None})
    else:
        _in_words(output, session, plan)
    return plan.problems[0].exit_code if plan.problems else 0


def _in_words(output: Output, session: Session, plan: ChangePlan) -> None:
    output.say(plan.title, "bold")
    rows = [[row.what, row.before or "none", row.after or "none"] for row in plan.rows]
    output.table([OutputColumn("What"), OutputColumn("Before"), OutputColumn("After")], rows)
    for caution in plan.cautions:
        output.say(f"{caution.consequence} {caution.why}")
    for problem in plan.problems:
        output.say(problem.message, "bold red")
    output.say(command_line(session.profile, plan))


def _ask(output: Output, session: Session, plan: ChangePlan) -> None:
    if output.json or not sys.stdin.isatty():
        raise BadUsage("Nothing was written: say --yes to carry the plan out, or --dry-run to see it")
    _in_words(output, session, plan)
    if not typer.confirm("Carry it out?", err=True):
        raise BadUsage("Nothing was written")
