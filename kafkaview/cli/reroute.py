"""`kafkaview reroute`: copies records to a dead letter queue and moves groups past them, in one transaction."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from kafkaview.cli.execution import TIMEOUT_S, Common, Json, limit_time, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import DryRun, Yes, ask, exit_code, say_step, say_warnings
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.command_line import outcome_document, plan_document
from kafkaview.triage.reroute.dialects import Dialect
from kafkaview.triage.reroute.execution import reroute
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState, empty_queue_words
from kafkaview.triage.reroute.plan import GROUP_PLAN_FIELDS, ReroutePlan
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName

_FAILED = 1


def reroute_verb(
    context: typer.Context,
    record: Annotated[list[str], typer.Argument(help="the records, as TOPIC:PARTITION:OFFSET")],
    *,
    to: Annotated[str | None, typer.Option("--to", help="the dead letter queue (default: TOPIC-dlq)")] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group", help="a group to move past them; may be repeated (default: all groups that stand at the records)"
        ),
    ] = None,
    skip: Annotated[bool, typer.Option("--skip/--no-skip", help="move groups past the records, or only copy")] = True,
    skip_between: Annotated[
        bool,
        typer.Option(
            "--skip-between", help="copy good records that lie before a poison record too, and move groups past them"
        ),
    ] = False,
    evict: Annotated[
        bool,
        typer.Option("--evict/--no-evict", help="remove the groups' members, so that they rejoin at the new offset"),
    ] = True,
    dialect: Annotated[
        Dialect, typer.Option("--dialect", help="the tool whose header names record the origin")
    ] = Dialect.KAFKA,
    create_dlq: Annotated[
        bool, typer.Option("--create-dlq", help="create the dead letter queue if it is missing")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Copy records to a dead letter queue; move groups past them. Both happen in one transaction."""
    if not skip and group:
        raise typer.BadParameter("--no-skip moves no group: leave out --group")
    records = [_record(text) for text in record]
    common: Common = context.obj

    async def work(session: Session, output: Output) -> int:
        async with limit_time(session, common.timeout or TIMEOUT_S):
            plan = await plan_reroute(
                session,
                records,
                groups=(group or None) if skip else [],
                dlq=to,
                create_dlq=create_dlq,
                evict=evict,
                skip_between=skip_between,
                dialect=dialect,
            )
        session.limit.set(None)  # a transaction that was begun is waited for
        if dry_run:
            return _show_plan(output, plan)
        ask(output, plan, lambda: _plan_in_words(output, plan), yes=yes)
        return _show_outcome(output, plan, await _carry_out(session, plan, output))

    run(context, work, json=json, bounded=False)


def _record(text: str) -> RecordId:
    try:
        return RecordId.parse(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not TOPIC:PARTITION:OFFSET") from None


def _show_plan(output: Output, plan: ReroutePlan) -> int:
    if output.json:
        nothing = {"done": [], "transaction": TransactionState.NONE.value, "groups": []}
        output.document({"plan": plan_document(plan), **nothing})
    else:
        _plan_in_words(output, plan)
    return exit_code(plan)


def _plan_in_words(output: Output, plan: ReroutePlan) -> None:
    output.say(plan.title, "bold")
    output.rows(GROUP_PLAN_FIELDS, (*plan.moves, *plan.left_alone))
    if plan.create_dlq:
        output.say(f"Creates {plan.new_queue}")
    say_warnings(output, plan)


async def _carry_out(session: Session, plan: ReroutePlan, output: Output) -> RerouteOutcome:
    done: set[WriteStepName] = set()

    def show(step: WriteStep) -> None:
        if step.state is StepState.DONE:
            done.add(step.name)
        say_step(output, step)

    try:
        return await reroute(session, plan, show)
    except asyncio.CancelledError:
        committed = WriteStepName.TRANSACTION in done
        output.note(
            "Committed; only the watching was ended" if committed else "Ended before it was known to be committed"
        )
        if WriteStepName.TOPIC in done and not committed:
            output.note(empty_queue_words(session.profile, plan.dlq))
        output.note("`kafkaview journal` says what became of it")
        raise


def _show_outcome(output: Output, plan: ReroutePlan, outcome: RerouteOutcome) -> int:
    if output.json:
        output.document({"plan": plan_document(plan), **outcome_document(outcome)})
    else:
        output.say(outcome.message, "bold")
        for group in outcome.groups:
            output.say(f"  {group.group} on {group.topic_partition}: {group.detail}")
            for line in group.advice:
                output.say(f"    {line}")
    moved = all(group.effective is not False for group in outcome.groups)
    return 0 if outcome.transaction is TransactionState.COMMITTED and moved and not outcome.doubt else _FAILED
