"""`kafkaview records TOPIC`: reads records of a topic, filters, follows, exports. The verbs below it write records."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from kafkaview.cli.documents import records_summary
from kafkaview.cli.execution import Common, Json, run
from kafkaview.cli.import_records import import_records
from kafkaview.cli.output import Output
from kafkaview.cli.produce import produce
from kafkaview.cli.reading import note_omissions, progress_bar
from kafkaview.decode.registry import RULES, parse_rule
from kafkaview.records.cel_expression import FilterError
from kafkaview.records.decoding import ValueReading, value_reader
from kafkaview.records.export import ExportFormat, JoinedValues, csv_head, csv_line, json_lines, parse_delimiter
from kafkaview.records.follow import Arrival
from kafkaview.records.partitioners import Partitioner
from kafkaview.records.positions import parse_position
from kafkaview.records.progress import ReadProgress, removal_text
from kafkaview.records.read import arrivals_of, records_of
from kafkaview.records.request import FollowRequest, ReadRequest
from kafkaview.records.rows import preview
from kafkaview.records.saved_filters import SavedFilters
from kafkaview.records.search import RecordQuery, RecordSearch
from kafkaview.terms import Isolation, Record
from kafkaview.words import plural, utc_iso, visible

if TYPE_CHECKING:
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.session import Session

T = TypeVar("T")
_POSITION = "beginning, end, -N, OFFSET, @TIME or group:GROUP"
_SAVED = "@"  # no expression begins with it
_SHOWN = 300  # characters of a value on its line


class RecordsGroup(TyperGroup):
    """`records TOPIC` reads a topic, unless the first word is one of the verbs below."""

    allow_interspersed_args = True
    allow_extra_args = False

    def get_params(self, ctx: Any) -> list[Any]:
        """Typer's: the topic has no place in the usage of a verb below."""
        params = super().get_params(ctx)
        return params if ctx.command is self else [one for one in params if one.param_type_name != "argument"]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Typer's: a verb stands in the place of the topic."""
        if not args or args[0] not in self.commands:
            return super().parse_args(ctx, args)
        super().parse_args(ctx, args[:1])
        ctx._protected_args, ctx.args = args[:1], args[1:]  # noqa: SLF001  # as typer's own group sets them
        return args[1:]


records_app = typer.Typer(
    cls=RecordsGroup,
    help="Read, filter, follow and export records of a topic; produce and import.",
    add_completion=False,
)
records_app.command("produce")(produce)
records_app.command("import")(import_records)


@records_app.callback(invoke_without_command=True)
def records_verb(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="the topic")],
    *,
    partition: Annotated[
        list[int] | None, typer.Option("--partition", min=0, help="only this partition; may be repeated")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help=f"where to begin: {_POSITION} (default: beginning; with --follow: end)"),
    ] = None,
    end: Annotated[str, typer.Option("--to", help=f"where to end: {_POSITION}")] = "end",
    most: Annotated[int | None, typer.Option("--max", min=1, help="stop after so many records")] = None,
    where: Annotated[
        str,
        typer.Option(
            "--where", metavar="CEL", help="only records for which this is true; @NAME: a filter saved in the window"
        ),
    ] = "",
    key: Annotated[str | None, typer.Option("--key", metavar="TEXT", help="only records with this key")] = None,
    partitioner: Annotated[
        Partitioner | None,
        typer.Option("--partitioner", help="which partition the key is in (default: what the topic's records show)"),
    ] = None,
    decode: Annotated[
        str | None,
        typer.Option(
            "--decode", metavar="FORMAT", help=f"how values are read: {', '.join(RULES)} (default: the topic's own)"
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="go on with what is written from now on")] = False,
    isolation: Annotated[
        Isolation, typer.Option("--isolation", help="whether records of open and aborted transactions are read")
    ] = Isolation.READ_COMMITTED,
    format_: Annotated[ExportFormat | None, typer.Option("--format", help="how records are printed")] = None,
    neutralize: Annotated[
        bool, typer.Option("--neutralize-formulas", help="in CSV, an apostrophe before what a spreadsheet calculates")
    ] = False,
    delimiter: Annotated[
        str,
        typer.Option("--delimiter", metavar="TEXT", help="in raw, what stands behind each value"),
    ] = "\\n",
    json: Json = False,
) -> None:
    """Read records of a topic: browse, filter, follow, export. No group is joined, nothing is committed."""
    if context.invoked_subcommand is not None:
        return
    decoder = _read(parse_rule, decode) if decode is not None else None
    begin = start or ("end" if follow else "beginning")
    for position in (begin, end):
        _read(parse_position, position)
    if follow and end != "end":
        raise typer.BadParameter("--follow has no end: leave --to out")
    if not where.startswith(_SAVED):
        _check_filter(where)
    wanted = None if key is None else os.fsencode(key)
    request = ReadRequest(
        topic,
        begin,
        end,
        tuple(partition) if partition else None,
        wanted,
        partitioner,
        where,
        decode or "",
        isolation,
        most,
    )
    joined = JoinedValues(_read(parse_delimiter, delimiter)) if format_ is ExportFormat.RAW else None
    csv = format_ is ExportFormat.CSV
    as_json = (json or format_ is ExportFormat.JSON) and not csv and joined is None

    async def work(session: Session, output: Output) -> None:
        found = _saved_filter(session.profile, topic, where) if where.startswith(_SAVED) else where
        printer = _Printer(output, csv=csv, neutralize=neutralize, joined=joined)
        reader = await value_reader(session, topic, decoder)
        if follow:
            wished = FollowRequest(topic, begin, request.partitions, wanted, found, decode or "", isolation)
            await _follow(output, printer, reader, arrivals_of(session, wished), most)
        else:
            await _read_range(output, printer, reader, records_of(session, replace(request, where=found)))

    common: Common = context.obj
    run(context, work, json=as_json, bounded=common.timeout is not None)  # a read may take an hour


async def _read_range(
    output: Output,
    printer: _Printer,
    reader: Callable[[Sequence[Record]], list[ValueReading]],
    steps: AsyncGenerator[tuple[ReadProgress, tuple[Record, ...], tuple[str, ...]], None],
) -> None:
    progress = ReadProgress()
    try:
        async with aclosing(steps):
            with progress_bar(output, "Reading") as advance:
                async for progress, records, notes in steps:
                    for note in notes:
                        output.note(note)
                    if records:
                        printer.print(records, await asyncio.to_thread(reader, records))
                    advance(progress)
    finally:
        printer.summarize(progress)


async def _follow(
    output: Output,
    printer: _Printer,
    reader: Callable[[Sequence[Record]], list[ValueReading]],
    arrivals: AsyncGenerator[Arrival[Record], None],
    most: int | None,
) -> None:
    progress = ReadProgress()
    began = asyncio.get_running_loop().time()
    try:
        async with aclosing(arrivals):
            async for arrival in arrivals:
                for note in (*arrival.notes, *map(removal_text, arrival.gaps)):
                    output.note(note, "yellow")
                records = arrival.records if most is None else arrival.records[: most - printer.printed]
                printer.print(records, await asyncio.to_thread(reader, records))
                progress = replace(
                    progress,
                    scanned=progress.scanned + arrival.read,
                    removed=progress.removed + arrival.gaps,
                    failed=progress.failed + arrival.failed,
                    failure=progress.failure or arrival.failure,
                    seconds=asyncio.get_running_loop().time() - began,
                )
                if most is not None and printer.printed >= most:
                    progress = replace(progress, complete=not progress.removed)
                    return
    finally:
        printer.summarize(progress)


class _Printer:
    """Prints records as JSON lines, CSV, joined values or for the eye, and the summary behind them."""

    def __init__(self, output: Output, *, csv: bool, neutralize: bool, joined: JoinedValues | None) -> None:
        self._output = output
        self._csv = csv
        self._neutralize = neutralize
        self._joined = joined
        self.printed = 0
        if csv:
            output.data([csv_head()])

    def print(self, records: Sequence[Record], readings: Sequence[ValueReading]) -> None:
        """Prints records, each on a line."""
        self.printed += len(records)
        if self._joined is not None:
            self._output.raw(self._joined.join(records))
        elif self._csv:
            documents = json_lines(records, readings)
            self._output.data(csv_line(one, neutralize_formulas=self._neutralize) for one in documents)
        elif self._output.json:
            self._output.documents(json_lines(records, readings))
        else:
            self._output.lines(_line(*pair) for pair in zip(records, readings, strict=True))

    def summarize(self, progress: ReadProgress) -> None:
        """Prints what was left out, and how much was read."""
        note_omissions(self._output, progress, "read")
        for note in self._joined.notes if self._joined is not None else ():
            self._output.note(note, "yellow")
        if progress.failed:
            failed = plural(progress.failed, "record")
            self._output.note(f"The filter failed on {failed} that may match: {progress.failure}", "yellow")
        if self._output.json:
            self._output.document(records_summary(progress, self.printed))
            return
        ended = "" if progress.complete else ", not complete"
        passed = progress.without_record
        holes = f"; {plural(passed, 'offset')} without one (markers, aborted, compacted)" if passed else ""
        read = f"{plural(self.printed, 'record')} of {progress.scanned:,} read{holes}, {progress.seconds:.1f} s{ended}"
        self._output.note(read, "bold")


def _line(record: Record, reading: ValueReading) -> str:
    value = "null" if record.value is None else reading.text or preview(record.value, _SHOWN)
    rest = f" \N{HORIZONTAL ELLIPSIS} {len(record.value or b''):,} bytes" if len(value) >= _SHOWN else ""
    key = "null" if record.key is None else preview(record.key, _SHOWN)
    flaw = f"  ({reading.problem})" if reading.problem else ""
    time = utc_iso(record.timestamp_ms) or "\N{EN DASH}"
    return visible(f"{record.id}  {time}  {key}  {value[:_SHOWN]}{rest}{flaw}") + "\n"


def _saved_filter(profile: ConnectionProfile, topic: str, name: str) -> str:
    """Returns the expression of a saved filter. Raises BadParameter with the names that there are."""
    saved = SavedFilters.of(profile).get(topic).saved
    found = saved.get(name.removeprefix(_SAVED))
    if found is None:
        known = f"saved are {', '.join(saved)}" if saved else "none is saved"
        raise typer.BadParameter(f"--where: no filter of {topic} has the name {name.removeprefix(_SAVED)}: {known}")
    _check_filter(found)
    return found


def _check_filter(where: str) -> None:
    try:
        RecordSearch(RecordQuery(where))
    except FilterError as error:
        at = f" (character {error.position + 1})" if error.position is not None else ""
        raise typer.BadParameter(f"--where: {error}{at}") from error


def _read(parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
