"""`kafkaview redrive`: sends dead letters back to where they came from, each once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from kafkaview.cli.output import Output
from kafkaview.cli.writes import ChangePrinter, Write, plan_document, write_verb
from kafkaview.clock import parse_time
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.request import LetterCut
from kafkaview.triage.mending.rules import ACCEPT_FORMS, RULE_FORMS, read_acceptance, read_edited, read_rule
from kafkaview.triage.redrive.request import RedrivePartition, RedriveRequest
from kafkaview.words import plural
from kafkaview.writes.steps import WriteStepName

if TYPE_CHECKING:
    from kafkaview.triage.redrive.outcome import RedriveOutcome
    from kafkaview.triage.redrive.plan import RedrivePlan

_SHOWN: Final = 20  # dead letters that stay; JSON has more


@write_verb
def redrive_verb(
    topic: Annotated[str, typer.Argument(help="the dead letter queue")],
    record: Annotated[
        list[str] | None, typer.Argument(help="dead letters, as TOPIC:PARTITION:OFFSET (default: all)")
    ] = None,
    *,
    where: Annotated[str, typer.Option("--where", metavar="CEL", help="only dead letters for which this is true")] = "",
    to: Annotated[
        str | None, typer.Option("--to", help="the topic to send them to (default: where each came from)")
    ] = None,
    cause: Annotated[
        str | None, typer.Option("--cause", help="only dead letters of this cause, as `deadletters` lists it")
    ] = None,
    origin: Annotated[str | None, typer.Option("--origin", help="with --cause: the topic that they came from")] = None,
    arrived_from: Annotated[
        str, typer.Option("--arrived-from", metavar="TIME", help="only dead letters that arrived from this time on")
    ] = "",
    arrived_to: Annotated[
        str, typer.Option("--arrived-to", metavar="TIME", help="only dead letters that arrived before this time")
    ] = "",
    partition: Annotated[
        RedrivePartition,
        typer.Option("--partition", help="the partition that each came from, or the one of its key (murmur2)"),
    ] = RedrivePartition.SAME,
    mend: Annotated[
        str | None, typer.Option("--mend", metavar="RULE", help=f"mend their values by a rule: {RULE_FORMS}")
    ] = None,
    accept: Annotated[
        str, typer.Option("--accept", metavar="RULE", help=f"send only values that are this: {ACCEPT_FORMS}")
    ] = "none",
    edit: Annotated[
        str | None,
        typer.Option(
            "--edit-value-from", metavar="FILE", help="of one dead letter: the content of a file as its value"
        ),
    ] = None,
) -> Write:
    """Send dead letters back to where they came from, each once. One that was cut off goes on where it ended."""
    records = tuple(_record(text) for text in record or ())
    cut = _cut(cause, origin, arrived_from, arrived_to)
    if where:
        _check_filter(where)
    if edit is not None and mend is not None:
        raise typer.BadParameter("--edit-value-from is a value already: leave --mend out")
    if edit is not None and len(records) != 1:
        raise typer.BadParameter("--edit-value-from is for one dead letter: name it")

    async def make(session: Session) -> RedrivePlan:
        from kafkaview.triage.redrive.planner import plan_redrive

        rule = read_edited(edit) if edit is not None else read_rule(mend) if mend is not None else None
        request = RedriveRequest(topic, records, where, to, partition, rule, read_acceptance(accept), cut)
        return await plan_redrive(session, request)

    return Write(make, RedrivePrinter(), bounded=False)


def _record(text: str) -> RecordId:
    try:
        return RecordId.parse(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not TOPIC:PARTITION:OFFSET") from None


def _cut(cause: str | None, origin: str | None, arrived_from: str, arrived_to: str) -> LetterCut:
    if (cause is None) != (origin is None):
        raise typer.BadParameter("--cause and --origin belong together; an empty text is for what headers do not name")
    key = CauseKey(cause or None, origin or None) if cause is not None else None
    try:
        times = [parse_time(text) if text else None for text in (arrived_from, arrived_to)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return LetterCut(key, *times)


def _check_filter(where: str) -> None:
    from kafkaview.records.cel_expression import FilterError
    from kafkaview.records.filter import RecordFilter

    try:
        RecordFilter(where)
    except FilterError as error:
        raise typer.BadParameter(str(error)) from error


class RedrivePrinter:
    """Prints a redrive: as any change for the eye, and as a re-route in JSON."""

    def __init__(self) -> None:
        self._changes = ChangePrinter()

    def say_plan(self, output: Output, session: Session, plan: RedrivePlan) -> None:
        """Prints the rows, some of the dead letters that stay, and the line that does the same."""
        self._changes.say_plan(output, session, plan)
        for one in plan.staying[:_SHOWN]:
            output.note(f"{one.record} stays: {one.reason}")
        rest = plan.counts.failed - _SHOWN
        if rest > 0:
            output.note(f"{plural(rest, 'more stays', 'more stay')}: --json has them")

    def document(self, session: Session, plan: RedrivePlan, outcome: RedriveOutcome | None) -> dict[str, Any]:
        """Returns the JSON."""
        own = {
            "plan": plan_document(session, plan) | {"hints": [problem.hint for problem in plan.problems]},
            "done": [],
            "transaction": "none",
            "groups": [],
            "counts": plan.counts.document(),
            "failed": [one.document() for one in plan.staying],
        }
        if outcome is None:
            return own
        result = outcome.result
        done = [
            {"source": str(letter), "target": str(place), "journal_id": outcome.journal_id}
            for letter, place in outcome.places
        ]
        of_outcome = {name: result[name] for name in ("transaction", "groups", "counts", "failed", "read_back", "hint")}
        rest = {"journal_id": outcome.journal_id, "message": outcome.detail, "doubt": outcome.doubt or None}
        return {**own, "done": done, **of_outcome, **rest}

    def say_outcome(self, output: Output, plan: RedrivePlan, outcome: RedriveOutcome) -> None:
        """Prints what came of it."""
        self._changes.say_outcome(output, plan, outcome)

    def say_cut_off(self, output: Output, session: Session, plan: RedrivePlan, done: Collection[WriteStepName]) -> None:
        """Prints nothing: the steps say it."""
