"""`kafkaview topics statistics`: what a range of a topic holds, found by reading it through."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafkaview.cli.execution import Common, Json, run
from kafkaview.cli.output import Cell, Output, OutputColumn

if TYPE_CHECKING:
    from kafkaview.records.size_counts import SizeSummary
    from kafkaview.records.statistics import SchemaUse, TopicStatistics
    from kafkaview.session import Session

_POSITION = "beginning, end, -N, OFFSET, @TIME or group:GROUP"
_UNKNOWN = "unknown to the registry"
_SHOWN = 20  # lines of each list for the eye; JSON has all


def topic_statistics_verb(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="the topic")],
    *,
    partition: Annotated[
        list[int] | None, typer.Option("--partition", min=0, help="only this partition; may be repeated")
    ] = None,
    start: Annotated[str, typer.Option("--from", help=f"where to begin: {_POSITION}")] = "beginning",
    end: Annotated[str, typer.Option("--to", help=f"where to end: {_POSITION}")] = "end",
    json: Json = False,
) -> None:
    """Read a topic through: sizes, nulls, different keys, records per hour, schemas, headers. Writes nothing."""
    from kafkaview.cli.scan import read_option
    from kafkaview.records.positions import parse_position

    for position in (start, end):
        read_option(parse_position, position)
    common: Common = context.obj

    async def work(session: Session, output: Output) -> None:
        from kafkaview.records.statistics import StatisticsRequest

        request = StatisticsRequest(topic, start, end, tuple(partition) if partition else None)
        await _count(session, output, request)

    run(context, work, json=json, bounded=common.timeout is not None)  # a long topic may take an hour


async def _count(session: Session, output: Output, request: Any) -> None:
    from kafkaview.cli.reading import note_omissions, progress_bar
    from kafkaview.records.statistics import topic_statistics

    found: TopicStatistics | None = None
    async with aclosing(topic_statistics(session, request)) as steps:
        with progress_bar(output, "Reading") as advance:
            async for found in steps:
                advance(found.progress)
    assert found is not None
    for note in found.notes:
        output.note(note)
    note_omissions(output, found.progress, "read")
    if output.json:
        output.document(statistics_document(found))
    else:
        _print(output, found)


def statistics_document(found: TopicStatistics) -> dict[str, Any]:
    """Returns the statistics as the JSON of the command line's contract."""
    from kafkaview.cli.documents import omission_fields
    from kafkaview.words import utc_iso

    return {
        "topic": found.topic,
        "partitions": [
            {"partition": partition, "from_offset": first, "to_offset": last} for partition, first, last in found.spans
        ],
        "records": found.records,
        "null_keys": found.null_keys,
        "null_values": found.null_values,
        "tombstones": found.tombstones,
        "keys": _sizes_document(found.keys),
        "values": _sizes_document(found.values),
        "distinct_keys_about": found.distinct_keys,
        "first_at": utc_iso(found.first_ms),
        "last_at": utc_iso(found.last_ms),
        "hours": [{"hour": utc_iso(hour), "records": many} for hour, many in found.hours],
        "other_hours": found.other_hours,
        "without_time": found.without_time,
        "headers": [{"header": name, "records": many} for name, many in found.headers],
        "with_headers": found.with_headers,
        "unreadable_headers": found.unreadable_headers,
        "schemas": None if found.schemas is None else [_schema_document(one) for one in found.schemas],
        "batches": None
        if found.batches is None
        else {
            "sampled": found.batches.batches,
            "records": found.batches.records,
            "bytes": found.batches.size,
            "codecs": [{"codec": codec, "batches": many} for codec, many in found.batches.codecs],
        },
        "complete": found.progress.complete,
        "seconds": round(found.progress.seconds, 3),
        **omission_fields(found.progress),
    }


def _schema_document(use: SchemaUse) -> dict[str, Any]:
    return {
        "field": use.field,
        "id": use.id,
        "guid": use.guid,
        "records": use.records,
        "schema": use.label,
        "unknown": use.unknown,
    }


def _sizes_document(sizes: SizeSummary) -> dict[str, Any]:
    return {
        "count": sizes.count,
        "bytes": sizes.total,
        "min": sizes.least,
        "median": sizes.median,
        "p99": sizes.p99,
        "max": sizes.most,
        "sizes": [{"from": low, "below": high, "records": many} for low, high, many in sizes.steps],
    }


def _print(output: Output, found: TopicStatistics) -> None:
    from kafkaview.records.statistics import batch_text
    from kafkaview.words import about, number, plural, utc_iso

    range_text = ", ".join(f"{partition}: {first:,} to {last:,}" for partition, first, last in found.spans)
    output.say(f"{plural(found.records, 'record')} of {found.topic}, offsets of {range_text}", "bold")
    rows: list[list[Cell]] = [
        [name, sizes.count, sizes.total, sizes.least, sizes.median, sizes.p99, sizes.most]
        for name, sizes in (("keys", found.keys), ("values", found.values))
    ]
    names = ("", "not null", "bytes", "min", "median", "p99", "max")
    output.table([OutputColumn(name, number=bool(name)) for name in names], rows)
    distinct = about(found.distinct_keys) if found.distinct_keys is not None else "no"
    output.say(
        f"{distinct} different keys, {number(found.null_keys)} null; {plural(found.tombstones, 'tombstone')}, "
        f"{plural(found.null_values, 'null value')}"
    )
    output.say(f"Timestamps from {utc_iso(found.first_ms) or 'none'} to {utc_iso(found.last_ms) or 'none'}")
    if found.batches is not None:
        output.say(batch_text(found.batches))
    hours: list[list[Cell]] = [[utc_iso(hour), many] for hour, many in found.hours[-_SHOWN:]]
    _list(output, ("hour", "records"), hours)
    _list(output, ("header", "records"), [[name, many] for name, many in found.headers[:_SHOWN]])
    schemas: list[list[Cell]] = [
        [one.field, one.guid or str(one.id), one.label or (_UNKNOWN if one.unknown else None), one.records]
        for one in (found.schemas or ())[:_SHOWN]
    ]
    _list(output, ("of the", "id or GUID", "schema", "records"), schemas)
    ended = "" if found.progress.complete else ", not complete"
    output.note(f"{plural(found.progress.scanned, 'record')} read, {found.progress.seconds:.1f} s{ended}", "bold")


def _list(output: Output, names: tuple[str, ...], rows: list[list[Cell]]) -> None:
    if rows:
        output.table([OutputColumn(name, number=name == "records") for name in names], rows)
