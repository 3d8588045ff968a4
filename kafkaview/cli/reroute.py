"""`kafkaview reroute`: copies records to a dead letter queue and moves groups past them, in transactions."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from kafkaview.cli.bulk_reroute import BulkOptions, BulkPrinter, plan_findings, plan_records
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, say_warnings, write_verb
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState, empty_queue_words
from kafkaview.triage.reroute.plan import GROUP_PLAN_FIELDS, GroupPosition, ReroutePlan
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.steps import WriteStepName

_MOST_AT_ONCE: Final = 100  # records of one transaction, shown one by one


@write_verb
def reroute_verb(
    record: Annotated[list[str] | None, typer.Argument(help="the records, as TOPIC:PARTITION:OFFSET")] = None,
    *,
    from_scan: Annotated[
        Path | None, typer.Option("--from-scan", help="the records that `scan --json` has printed; - is standard input")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="the dead letter queue (default: the connection's pattern, else TOPIC-dlq)"),
    ] = None,
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
) -> Write:
    """Copy records to a dead letter queue; move groups past them. Both happen in one transaction, or, of many records,
    in several.
    """
    if not skip and group:
        raise typer.BadParameter("--no-skip moves no group: leave out --group")
    if bool(record) == (from_scan is not None):
        raise typer.BadParameter("say which records: RECORD..., or --from-scan FILE")
    if from_scan is not None and skip_between:
        raise typer.BadParameter("--skip-between goes with single records: leave out --from-scan")
    records = [_record(text) for text in record or ()]
    options = BulkOptions((tuple(group) if group else None) if skip else (), to, create_dlq, evict, dialect)
    if from_scan is not None:
        path = from_scan
        return Write(lambda session: plan_findings(session, path, options), BulkPrinter(), bounded=False)
    if len(set(records)) > _MOST_AT_ONCE and not skip_between:
        return Write(lambda session: plan_records(session, records, options), BulkPrinter(), bounded=False)

    return Write(
        lambda session: plan_reroute(
            session,
            records,
            groups=(group or None) if skip else [],
            dlq=to,
            create_dlq=create_dlq,
            evict=evict,
            skip_between=skip_between,
            dialect=dialect,
        ),
        ReroutePrinter(),
    )


def _record(text: str) -> RecordId:
    try:
        return RecordId.parse(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not TOPIC:PARTITION:OFFSET") from None


class ReroutePrinter:
    """Prints a re-route."""

    def say_plan(self, output: Output, _session: Session, plan: ReroutePlan) -> None:
        """Prints the groups, and a queue that is created."""
        output.say(plan.title, "bold")
        output.rows(GROUP_PLAN_FIELDS, (*plan.moves, *plan.left_alone))
        if plan.create_dlq:
            output.say(f"Creates {plan.new_queue}")
        if any(move.standing is GroupPosition.BETWEEN for move in plan.left_alone):
            output.note("--skip-between takes the good records along, and moves the groups past them", "yellow")
        say_warnings(output, plan)

    def document(self, _session: Session, plan: ReroutePlan, outcome: RerouteOutcome | None) -> dict[str, Any]:
        """Returns the JSON."""
        nothing = {"done": [], "transaction": TransactionState.NONE.value, "groups": []}
        return {"plan": plan.document, **(nothing if outcome is None else outcome.document())}

    def say_outcome(self, output: Output, _plan: ReroutePlan, outcome: RerouteOutcome) -> None:
        """Prints each group, and what to do."""
        for group in outcome.groups:
            output.say(f"  {group.group} on {group.topic_partition}: {group.detail}")
            for line in group.advice:
                output.say(f"    {line}")

    def say_cut_off(self, output: Output, session: Session, plan: ReroutePlan, done: Collection[WriteStepName]) -> None:
        """Prints whether it was committed, and whether a queue stands empty."""
        committed = WriteStepName.TRANSACTION in done
        output.note(
            "Committed; only the watching was ended" if committed else "Ended before it was known to be committed"
        )
        if WriteStepName.TOPIC in done and not committed:
            output.note(empty_queue_words(session.profile, plan.dlq))
        output.note("`kafkaview journal` says what became of it")
