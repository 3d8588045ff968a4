"""`kafkaview scan`: reads topics through for records that violate a rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kafkaview.cli.documents import summary_document
from kafkaview.cli.execution import BadUsage, Common, Json, run
from kafkaview.cli.output import Output
from kafkaview.cli.reading import note_omissions, progress_bar
from kafkaview.clock import now_ms
from kafkaview.records.positions import BEGINNING, END, parse_position
from kafkaview.records.worker_pool import processes_ahead
from kafkaview.terms import TopicPartition
from kafkaview.triage.scan.findings_file import finding_document
from kafkaview.triage.scan.rules import RULES, read_rules
from kafkaview.triage.scan.scan import WORKER, Finding, ScanProgress, scan

if TYPE_CHECKING:
    from kafkaview.session import Session

S = TypeVar("S")
T = TypeVar("T")
RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        metavar="RULE",
        help=f"a rule for values; may be repeated: {', '.join(RULES)} (default: those that are kept for the topic, "
        "else the format of its own records)",
    ),
]
KeyRuleOption = Annotated[
    list[str] | None,
    typer.Option("--key-rule", metavar="RULE", help="a rule for keys; may be repeated (default: those that are kept)"),
]
_FOUND = 1
_POSITION = "beginning, end, -N, OFFSET or @TIME"


def scan_verb(
    context: typer.Context,
    topic: Annotated[list[str], typer.Argument(help="topics, or single partitions as TOPIC:PARTITION")],
    *,
    rule: RuleOption = None,
    key_rule: KeyRuleOption = None,
    start: Annotated[str, typer.Option("--from", help=f"where to begin: {_POSITION}")] = str(BEGINNING),
    end: Annotated[str, typer.Option("--to", help=f"where to end: {_POSITION}")] = str(END),
    max_findings: Annotated[
        int | None, typer.Option("--max-findings", min=1, help="stop after so many findings")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="keep what is found as incidents of this connection")] = False,
    fail_if_found: Annotated[bool, typer.Option("--fail-if-found", help="exit with 1 if anything is found")] = False,
    json: Json = False,
) -> None:
    """Find poison records in topics. They are found whether or not they stop a group; tombstones and null keys are
    healthy.
    """
    targets = [read_option(_target, name) for name in topic]
    values, keys = read_option(read_rules, rule or ()), read_option(read_rules, key_rule or ())
    first, last = read_option(parse_position, start), read_option(parse_position, end)

    async def work(session: Session, output: Output) -> int:
        steps = scan(
            session,
            targets,
            value_rules=values,
            key_rules=keys,
            start=first,
            end=last,
            max_findings=max_findings,
        )
        progress = await _follow(output, _keep(session, output, steps) if keep else steps)
        return _FOUND if fail_if_found and progress.found else 0

    common: Common = context.obj
    with processes_ahead(WORKER):
        run(context, work, json=json, bounded=common.timeout is not None)  # a scan may take an hour


async def _keep(
    session: Session, output: Output, steps: AsyncGenerator[ScanProgress, None]
) -> AsyncGenerator[ScanProgress, None]:
    """Yields the steps of a scan, each after its findings are kept as incidents."""
    from kafkaview.cli.incidents import say_damage
    from kafkaview.triage.incidents.incident import Sighting
    from kafkaview.triage.incidents.store import IncidentStore

    store = IncidentStore.of(session.profile, session.journal.path)
    async with aclosing(steps):
        async for progress in steps:
            now = now_ms()
            found = [Sighting.of_finding(finding, now) for finding in progress.findings]
            if found:
                await asyncio.to_thread(store.see, found, now)
            yield progress
    say_damage(output, store)


async def _follow(output: Output, steps: AsyncGenerator[ScanProgress, None]) -> ScanProgress:
    progress = ScanProgress()
    try:
        async with aclosing(steps):
            with progress_bar(output, "Scanning") as advance:
                async for progress in steps:
                    for finding in progress.findings:
                        print_finding(output, finding)
                    advance(progress)
    except ValueError as error:
        raise BadUsage(str(error)) from error
    except asyncio.CancelledError:
        print_summary(output, progress)
        raise
    print_summary(output, progress)
    return progress


def print_finding(output: Output, finding: Finding) -> None:
    """Prints one finding."""
    if output.json:
        output.document(finding_document(finding))
    else:
        output.say(f"{finding.record}  {finding.field}  {finding.reason}")


def print_summary(output: Output, progress: ScanProgress) -> None:
    """Prints what was left out, and how many findings there are in what was read."""
    note_omissions(output, progress, "scan")
    if not progress.complete and not progress.found:
        output.note("Not complete: nothing was found in what was read", "yellow")
    if output.json:
        output.document(summary_document(progress))
        return
    if progress.complete and not progress.scanned:
        output.say(f"The range holds no record, {progress.seconds:.1f} s", "bold")
        return
    records = "1 record" if progress.scanned == 1 else f"{progress.scanned:,} records"
    ended = "" if progress.complete else ", not to the end"
    output.say(f"{progress.found:,} found in {records}, {progress.seconds:.1f} s{ended}", "bold")


def _target(text: str) -> str | TopicPartition:
    topic, colon, partition = text.partition(":")
    if not colon:
        return topic
    if not topic or not partition.isdecimal():
        raise ValueError(f"'{text}' is neither a topic nor TOPIC:PARTITION")
    return TopicPartition(topic, int(partition))


def read_option(parse: Callable[[S], T], given: S) -> T:
    """Returns what an option says. Raises BadParameter with what is wrong with it."""
    try:
        return parse(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
