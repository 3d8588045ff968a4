"""`kafkaview journal`: every write made by kafkaview for this user. Needs no cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer

from kafkaview.cli.execution import BadUsage, Common, Json, exit_code_of
from kafkaview.cli.output import Output
from kafkaview.command_words import shell_line
from kafkaview.fields import row_document, row_documents
from kafkaview.journal.entry import EntryState, JournalEntry
from kafkaview.journal.export import export_journal, found_entries
from kafkaview.journal.listed_columns import ENTRY_FIELDS, LISTED_ENTRY_FIELDS
from kafkaview.journal.payloads import KeptPayload
from kafkaview.journal.search import JournalRequest
from kafkaview.journal.store import Journal
from kafkaview.records.positions import Anchor, parse_position
from kafkaview.records.record_document import record_document
from kafkaview.terms import Record
from kafkaview.words import plural, size, utc_iso

journal_app = typer.Typer(help="List the writes made by kafkaview for this user.", add_completion=False)
Since = Annotated[str | None, typer.Option("--since", help="only writes since this time: 2026-01-31T14:02:11Z")]
Search = Annotated[
    str,
    typer.Option(
        "--search",
        metavar="TEXT",
        help="only writes that hold all these words in deed, target, group, record, connection or who; -WORD excludes",
    ),
]
Outcomes = Annotated[
    list[EntryState] | None, typer.Option("--outcome", help="only writes with this outcome; may be repeated")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="only writes of this kind; may be repeated")
]
Export = Annotated[
    str | None,
    typer.Option("--export", metavar="FILE", help="write the found entries into a file as JSON lines; - is stdout"),
]


@journal_app.callback(invoke_without_command=True)
def journal(
    context: typer.Context,
    *,
    since: Since = None,
    search: Search = "",
    outcome: Outcomes = None,
    kind: Kinds = None,
    export: Export = None,
    json: Json = False,
) -> None:
    """List every write made by kafkaview for this user, the newest first."""
    if context.invoked_subcommand is not None:
        return

    async def work(store: Journal, output: Output) -> None:
        since_ms = _milliseconds(since) if since else 0
        request = JournalRequest(search, tuple(outcome or ()), tuple(kind or ()), since_ms)
        if export == "-":
            async for entries in found_entries(store, request):
                output.documents(row_documents(ENTRY_FIELDS, entries))
        elif export is not None:
            await _export(store, output, request, Path(export))
        else:
            found: list[JournalEntry] = []
            async for entries in found_entries(store, request):
                found += entries
            if output.json:
                output.document({"entries": row_documents(ENTRY_FIELDS, found)})
            else:
                output.rows(LISTED_ENTRY_FIELDS, found)

    _run(context, work, json=json)


@journal_app.command("show")
def show(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(help="the number of the journal entry")],
    *,
    json: Json = False,
) -> None:
    """Show one write: its plan, its outcome, and the records as they were before."""

    async def work(store: Journal, output: Output) -> None:
        found = await store.entry(entry)
        if found is None:
            raise BadUsage(f"The journal has no entry {entry}")
        payloads = await store.kept_payloads(entry)
        if output.json:
            records = [_payload_document(one) for one in payloads]
            output.document({**row_document(ENTRY_FIELDS, found), "records": records})
            return
        output.say(f"{found.intent.title}: {found.state.value}", "bold")
        author = found.intent.author
        who = f"  {author.os_user} as {author.principal or 'an unknown principal'}" if author is not None else ""
        output.say(f"{utc_iso(found.begun_at_ms)}{who}  {shell_line(found.intent.command)}")
        message = found.outcome.get("message") if found.outcome else None
        if message and message != found.intent.title:
            output.say(f"  {message}")
        for what, before, after in found.intent.rows:
            output.say(f"  {what}: {before or 'none'} -> {after or 'none'}")
        for one in payloads:
            where = one.outline.topic_partition if _offset(one.outline) is None else one.outline.id
            output.say(f"  {where}  {_size_words(one)}")
        if found.payloads.removed_at_ms is not None:
            output.note(f"Its records were removed at {utc_iso(found.payloads.removed_at_ms)}: they were too old.")
        if found.undone_by is not None:
            output.note(f"Entry {found.undone_by} has undone it.")

    _run(context, work, json=json)


async def _export(store: Journal, output: Output, request: JournalRequest, path: Path) -> None:
    try:
        async with aclosing(export_journal(store, request, path)) as steps:
            async for step in steps:
                last = step
    except OSError as error:
        raise BadUsage(f"{path} cannot be written: {error.strerror or error}") from error
    if output.json:
        output.document({"file": str(path), "entries": last.written, "bytes": last.size})
    else:
        output.say(f"{plural(last.written, 'entry', 'entries')}, {size(last.size)}, written to {path}")


def _payload_document(payload: KeptPayload) -> dict[str, Any]:
    """Returns a record of an entry; where its bytes are not here, `problem` says why and they are null."""
    record = payload.record or payload.outline
    return {
        **record_document(record),
        "offset": _offset(record),
        "form": payload.form.value,
        "problem": payload.problem.message if payload.problem is not None else None,
        "masked": [
            {"part": one.part, "header": one.header, "size": one.size, "sha256": one.sha256} for one in payload.masked
        ],
    }


def _size_words(payload: KeptPayload) -> str:
    if payload.problem is not None:
        value = next((one for one in payload.masked if one.part == "value"), None)
        known = f"value {size(value.size)}, SHA-256 {value.sha256}. " if value is not None and value.sha256 else ""
        return f"{known}{payload.problem.message}"
    assert payload.record is not None
    return "null" if payload.record.value is None else f"{len(payload.record.value):,} bytes"


def _run(context: typer.Context, work: Callable[[Journal, Output], Awaitable[None]], *, json: bool) -> None:
    common: Common = context.obj
    output = Output(json or common.json)

    async def with_journal() -> None:
        store = Journal()
        try:
            await work(store, output)
        finally:
            await store.close()

    raise typer.Exit(exit_code_of(output, lambda: asyncio.run(with_journal())))


def _offset(record: Record) -> int | None:
    """Returns the record's offset; None of one that had none before it was produced."""
    return record.offset if record.offset >= 0 else None


def _milliseconds(text: str) -> int:
    try:
        position = parse_position(text if text.startswith("@") else f"@{text}")
    except ValueError as error:
        raise BadUsage(str(error)) from error
    return position.number if position.anchor is Anchor.TIME else 0
