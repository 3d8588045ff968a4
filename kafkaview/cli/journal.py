"""`kafkaview journal`: every write made by kafkaview for this user. Needs no cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Common, Json, settle
from kafkaview.cli.output import Output
from kafkaview.command_words import shell_line
from kafkaview.fields import row_document, row_documents
from kafkaview.journal.fields import ENTRY_FIELDS, LISTED_ENTRY_FIELDS
from kafkaview.journal.store import Journal
from kafkaview.records.positions import Anchor, parse_position
from kafkaview.records.record_document import record_document
from kafkaview.terms import Record
from kafkaview.words import utc_iso

journal_app = typer.Typer(help="List the writes made by kafkaview for this user.", add_completion=False)
Since = Annotated[str | None, typer.Option("--since", help="only writes since this time: 2026-01-31T14:02:11Z")]


@journal_app.callback(invoke_without_command=True)
def journal(context: typer.Context, *, since: Since = None, json: Json = False) -> None:
    """List every write made by kafkaview for this user, the newest first."""
    if context.invoked_subcommand is not None:
        return

    async def work(store: Journal, output: Output) -> None:
        entries = await store.entries(since_ms=_milliseconds(since) if since else 0)
        if output.json:
            output.document({"entries": row_documents(ENTRY_FIELDS, entries)})
        else:
            output.rows(LISTED_ENTRY_FIELDS, entries)

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
        payloads = await store.payloads(entry)
        if output.json:
            records = [{**record_document(record), "offset": _offset(record)} for record in payloads]
            output.document({**row_document(ENTRY_FIELDS, found), "records": records})
            return
        output.say(f"{found.intent.title}: {found.state.value}", "bold")
        output.say(f"{utc_iso(found.begun_at_ms)}  {shell_line(found.intent.command)}")
        for record in payloads:
            size = "null" if record.value is None else f"{len(record.value):,} bytes"
            where = record.topic_partition if _offset(record) is None else record.id
            output.say(f"  {where}  {size}")

    _run(context, work, json=json)


def _run(context: typer.Context, work: Callable[[Journal, Output], Awaitable[None]], *, json: bool) -> None:
    common: Common = context.obj
    output = Output(json or common.json)

    async def with_journal() -> None:
        store = Journal()
        try:
            await work(store, output)
        finally:
            await store.close()

    raise typer.Exit(settle(output, lambda: asyncio.run(with_journal())))


def _offset(record: Record) -> int | None:
    """Returns the record's offset; None of one that had none before it was produced."""
    return record.offset if record.offset >= 0 else None


def _milliseconds(text: str) -> int:
    try:
        position = parse_position(text if text.startswith("@") else f"@{text}")
    except ValueError as error:
        raise BadUsage(str(error)) from error
    return position.number if position.anchor is Anchor.TIME else 0
