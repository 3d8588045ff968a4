"""`kafkaview logs`: finds the records that log lines of consumers blame. Needs no cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import BadUsage, Common, Json, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.clock import now_ms

if TYPE_CHECKING:
    from kafkaview.triage.log_lines import BlamedRecord

_STDIN = "-"


def logs(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="the log; - reads stdin")],
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep what is found as incidents of the connection before the verb")
    ] = False,
    json: Json = False,
) -> None:
    """Find the records that log lines of consumers blame."""
    common: Common = context.obj
    output = Output(json or common.json)

    def work() -> None:
        found = _read(file)
        if keep:
            _keep(common, output, found)
        _print(output, found)

    raise typer.Exit(exit_code_of(output, work))


def _read(file: str) -> tuple[BlamedRecord, ...]:
    from kafkaview.triage.log_lines import read_log_lines

    with ExitStack() as open_files:
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # as a file is read
        lines: Iterable[str] = sys.stdin
        if file != _STDIN:
            try:
                lines = open_files.enter_context(Path(file).open(encoding="utf-8", errors="replace"))
            except OSError as error:
                raise BadUsage(f"{file} cannot be read: {error.strerror}") from error
        return read_log_lines(lines)


def _keep(common: Common, output: Output, found: Iterable[BlamedRecord]) -> None:
    from kafkaview.cli.incidents import say_damage
    from kafkaview.journal.store import default_path
    from kafkaview.triage.incidents.incident import Sighting
    from kafkaview.triage.incidents.store import IncidentStore

    profile, _secrets = common.connection(for_window=True)
    now = now_ms()
    store = IncidentStore.of(profile, default_path())
    store.see([Sighting.of_blamed(one, now) for one in found], now)
    say_damage(output, store)


def _print(output: Output, found: Iterable[BlamedRecord]) -> None:
    from kafkaview.triage.log_fields import BLAMED_FIELDS, blamed_document

    if output.json:
        output.documents(map(blamed_document, found))
        return
    rows = tuple(found)
    if not rows:
        output.say("No line names a record: topic, partition and offset in the wording of a consumer")
        return
    output.rows(BLAMED_FIELDS, rows)
