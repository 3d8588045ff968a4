"""`kafkaview watch`: members of a consumer group hold what comes in to rules, and copy poison to a queue."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import TIMEOUT_S, BadUsage, Common, Json, limit_time, run
from kafkaview.cli.output import Output
from kafkaview.cli.scan import KeyRuleOption, RuleOption, print_finding, read_option
from kafkaview.cli.writes import ChangePrinter, DryRun, Yes, ask, show_plan
from kafkaview.cluster.errors import RefusedHere
from kafkaview.triage.group_watch.figures import WatchFigures
from kafkaview.triage.group_watch.request import GroupWatchRequest
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.scan.findings_file import finding_document
from kafkaview.triage.scan.rules import read_rules

if TYPE_CHECKING:
    from kafkaview.cluster.ports.group_member import CommittedCopy
    from kafkaview.session import Session
    from kafkaview.terms import RecordId
    from kafkaview.triage.group_watch.metrics import WatchMetrics
    from kafkaview.triage.scan.findings import Finding


class WatchStart(StrEnum):
    """Where a group begins that has committed nothing."""

    BEGINNING = "beginning"
    END = "end"


def watch(
    context: typer.Context,
    topic: Annotated[list[str], typer.Argument(help="the topics")],
    *,
    rule: RuleOption = None,
    key_rule: KeyRuleOption = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="TOPIC", help="copy poison to this dead letter queue")
    ] = None,
    create_dlq: Annotated[bool, typer.Option("--create-dlq", help="create the queue if it is missing")] = False,
    dialect: Annotated[
        Dialect, typer.Option("--dialect", help="the tool whose header names record the origin")
    ] = Dialect.KAFKA,
    group: Annotated[
        str | None, typer.Option("--group", help="the consumer group (default: kafkaview-watch- and the topics)")
    ] = None,
    start: Annotated[
        WatchStart, typer.Option("--from", help="where a group begins that has committed nothing")
    ] = WatchStart.BEGINNING,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="HOST:PORT", help="answer Prometheus here")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Watch topics for poison records as they come in; copy them to a dead letter queue. Started several times, it
    shares the partitions.
    """
    from kafkaview.triage.group_watch.metrics import parse_address

    request = GroupWatchRequest(
        tuple(dict.fromkeys(topic)),
        read_option(read_rules, rule or ()),
        read_option(read_rules, key_rule or ()),
        to,
        create_dlq,
        dialect,
        group,
        start is WatchStart.END,
        metrics,
    )
    if create_dlq and to is None:
        raise typer.BadParameter("--create-dlq needs the queue: --to TOPIC")
    if metrics is not None:
        read_option(parse_address, metrics)
    common: Common = context.obj

    async def work(session: Session, output: Output) -> int:
        return await _watch(session, output, request, common.timeout or TIMEOUT_S, dry_run=dry_run, yes=yes)

    run(context, work, json=json, bounded=False)


async def _watch(
    session: Session, output: Output, request: GroupWatchRequest, seconds: float, *, dry_run: bool, yes: bool
) -> int:
    from kafkaview.triage.group_watch.facts import look_at_watch
    from kafkaview.triage.group_watch.plan import plan_group_watch
    from kafkaview.triage.group_watch.run import GroupWatchRun
    from kafkaview.writes.carrying_out import carry_out
    from kafkaview.writes.stopping import Stopping

    stopping, printer = Stopping(), ChangePrinter()
    listener = _WatchPrinter(output)
    async with limit_time(session, seconds):
        try:
            facts = await look_at_watch(session, request)
        except ValueError as error:
            raise BadUsage(str(error)) from error
        plan = await plan_group_watch(session, facts, listener, stopping)
    session.limit.set(None)
    if dry_run:
        return show_plan(output, session, plan, printer)
    began = time.monotonic()
    ask(output, plan, lambda: printer.say_plan(output, session, plan), yes=yes or request.dlq is None)
    with _metrics_of(request, output) as listener.metrics, _ended_by_sigterm(stopping.ask):
        output.note(f"Watching as a member of {request.group_name}")
        try:
            if request.dlq is None:
                watching = GroupWatchRun(session, facts, listener, stopping)
                await watching.run(_note_nothing)
                succeeded = True
            else:
                outcome = await carry_out(session, plan)
                succeeded = outcome.succeeded
                if outcome.doubt:
                    output.note(outcome.doubt, "bold red")
        finally:
            _print_end(output, request, listener.figures, time.monotonic() - began)
    return 0 if succeeded else 1


async def _note_nothing(_figures: WatchFigures) -> None:
    """A watch that copies nothing has no entry in the journal."""


class _WatchPrinter:
    """Prints what a watch finds and does, and gives Prometheus the figures."""

    def __init__(self, output: Output) -> None:
        self.figures = WatchFigures()
        self.metrics: WatchMetrics | None = None
        self._output = output

    def found(self, finding: Finding) -> None:
        if self._output.json:
            self._output.document(finding_document(finding))
        else:
            print_finding(self._output, finding)

    def copied(self, copy: CommittedCopy) -> None:
        if not self._output.json:
            self._output.note(f"{copy.source} copied{f' to {copy.target}' if copy.target is not None else ''}")

    def stands(self, record: RecordId, reason: str) -> None:
        self._output.note(f"{record} is not passed, and {record.topic_partition} stands there: {reason}", "bold red")

    def complains(self, sentence: str) -> None:
        self._output.note(sentence, "yellow")

    def counted(self, figures: WatchFigures) -> None:
        self.figures = figures
        if self.metrics is not None:
            self.metrics.show(figures)


@contextmanager
def _metrics_of(request: GroupWatchRequest, output: Output) -> Iterator[WatchMetrics | None]:
    """Answers Prometheus while the block runs, if that is asked for."""
    if request.metrics is None:
        yield None
        return
    from kafkaview.triage.group_watch.metrics import WatchMetrics, parse_address

    try:
        metrics = WatchMetrics(parse_address(request.metrics), request.group_name)
    except OSError as error:
        raise RefusedHere(
            f"Metrics cannot be shown at {request.metrics}: {error.strerror or error}", "Name another port."
        ) from error
    try:
        host, port = metrics.address
        output.note(f"Metrics at http://{host}:{port}/metrics")
        metrics.show(WatchFigures())
        yield metrics
    finally:
        metrics.close()


@contextmanager
def _ended_by_sigterm(end: Callable[[], None]) -> Iterator[None]:
    """Ends the watch by SIGTERM: what was done is committed first. Windows has no such signal."""
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        yield
    finally:
        with suppress(ValueError):
            loop.remove_signal_handler(signal.SIGTERM)


def _print_end(output: Output, request: GroupWatchRequest, figures: WatchFigures, seconds: float) -> None:
    if output.json:
        document = {"group": request.group_name, **figures.document(), "seconds": round(seconds, 3)}
        output.document({**document, "journal_id": figures.journal_id})
        return
    output.say(f"{figures.words()}, {seconds:.1f} s", "bold")
    for record, reason in figures.held.values():
        output.say(f"{record} was not passed: {reason}")
