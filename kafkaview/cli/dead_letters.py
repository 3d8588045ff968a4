"""`kafkaview deadletters`: the topics of dead letters, and what is in them by cause and origin."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from kafkaview.cli.execution import Common, Json, run
from kafkaview.cli.output import Cell, Output, OutputColumn

if TYPE_CHECKING:
    from kafkaview.cluster.errors import ClusterError
    from kafkaview.session import Session
    from kafkaview.triage.dead_letters.recognition import DeadLetterTopic, DeadLetterTopics
    from kafkaview.triage.dead_letters.request import LetterBreakdown

_POSITION = "beginning, end, -N, OFFSET or @TIME"
_NEWEST: Final = "-10000"  # of each partition, where all topics are read
_SHOWN: Final = 20  # causes for the eye; JSON has all


@dataclass(frozen=True, slots=True)
class _TopicReport:
    topic: str
    found: DeadLetterTopic | None
    breakdown: LetterBreakdown | None
    error: ClusterError | None = None

    @property
    def recognized_by(self) -> str | None:
        if self.dialect is not None:
            return "headers"
        return self.found.recognized_by.value if self.found is not None else None

    @property
    def dialect(self) -> str | None:
        found = self.found.dialect if self.found is not None else None
        return (self.breakdown.dialect if self.breakdown is not None else None) or found

    @property
    def records(self) -> int | None:
        if self.breakdown is not None and self.breakdown.complete:
            return self.breakdown.records
        return self.found.records if self.found is not None else None


def dead_letters(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(help="only this one, whatever it is recognized by")] = None,
    *,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help=f"where to begin: {_POSITION} (default: the beginning of a TOPIC, the last 10,000 offsets of each "
            "partition of all)",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List the topics of dead letters, and what is in them by cause and origin. Writes nothing."""
    from kafkaview.cli.scan import read_option
    from kafkaview.records.positions import parse_position

    position = start or ("beginning" if topic is not None else _NEWEST)
    read_option(parse_position, position)
    common: Common = context.obj

    async def work(session: Session, output: Output) -> None:
        await _list(session, output, topic, position)

    run(context, work, json=json, bounded=common.timeout is not None)  # a long topic may take an hour


async def _list(session: Session, output: Output, topic: str | None, position: str) -> None:
    from kafkaview.triage.dead_letters.recognition import find_dead_letter_topics

    found = await find_dead_letter_topics(session.cluster, topic)
    by_name = {one.topic: one for one in found.topics}
    reports = [
        await _report(session, output, name, by_name.get(name), position)
        for name in ([topic] if topic is not None else by_name)
    ]
    errors = [one.error for one in reports if one.error is not None]
    if errors and len(errors) == len(reports):
        raise errors[0]
    if output.json:
        output.document(_document(reports, found))
    else:
        _print(output, reports, found)


async def _report(
    session: Session, output: Output, topic: str, found: DeadLetterTopic | None, position: str
) -> _TopicReport:
    from kafkaview.cli.reading import note_omissions, progress_bar
    from kafkaview.cluster.errors import ClusterError
    from kafkaview.triage.dead_letters.breakdown import break_down
    from kafkaview.triage.dead_letters.request import BreakdownRequest

    breakdown = None
    try:
        async with aclosing(break_down(session, BreakdownRequest(topic, position))) as steps:
            with progress_bar(output, f"Reading {topic}") as advance:
                async for breakdown in steps:
                    advance(breakdown.progress)
    except ClusterError as error:
        return _TopicReport(topic, found, None, error)
    assert breakdown is not None
    for note in breakdown.notes:
        output.note(note)
    note_omissions(output, breakdown.progress, "read")
    return _TopicReport(topic, found, breakdown)


def _document(reports: list[_TopicReport], found: DeadLetterTopics) -> dict[str, Any]:
    from kafkaview.coordination.listed_columns import error_document

    return {
        "topics": [_topic_document(one) for one in reports],
        "not_looked_at": found.unsampled,
        "errors": [error_document(one) for one in found.errors],
    }


def _topic_document(report: _TopicReport) -> dict[str, Any]:
    from kafkaview.cli.documents import omission_fields
    from kafkaview.coordination.listed_columns import error_document
    from kafkaview.records.progress import ReadProgress
    from kafkaview.words import utc_iso

    breakdown = report.breakdown
    return {
        "topic": report.topic,
        "recognized_by": report.recognized_by,
        "dialect": report.dialect,
        "records": report.records,
        "read": breakdown.records if breakdown is not None else None,
        "complete": breakdown is not None and breakdown.complete,
        "without_headers": breakdown.without_headers if breakdown is not None else None,
        "unreadable_headers": breakdown.unreadable_headers if breakdown is not None else None,
        "other_causes": breakdown.others if breakdown is not None else None,
        "causes": [
            {
                "cause": one.text,
                "origin_topic": one.key.origin_topic,
                "count": one.count,
                "first_at": utc_iso(one.first_ms),
                "last_at": utc_iso(one.last_ms),
            }
            for one in (breakdown.causes if breakdown is not None else ())
        ],
        "error": error_document(report.error) if report.error is not None else None,
        **omission_fields(breakdown.progress if breakdown is not None else ReadProgress()),
    }


def _print(output: Output, reports: list[_TopicReport], found: DeadLetterTopics) -> None:
    from kafkaview.triage.dead_letters.dialects.registry import BY_WORD
    from kafkaview.words import plural, utc_iso

    if not reports:
        where = " among those whose newest records were looked at" if found.unsampled else ""
        output.say(f"No topic of dead letters found{where}, by headers, settings or names")
    for report in reports:
        by = f"recognized by {report.recognized_by}" if report.recognized_by else "not recognized as dead letters"
        dialect = f"{BY_WORD[report.dialect].title}, " if report.dialect else ""
        output.say(f"{report.topic}: {dialect}{by}", "bold")
        if report.error is not None:
            output.note(f"{report.error.message} {report.error.hint}", "yellow")
            continue
        assert report.breakdown is not None
        rows: list[list[Cell]] = [
            [one.text, one.key.origin_topic, one.count, utc_iso(one.first_ms), utc_iso(one.last_ms)]
            for one in report.breakdown.causes[:_SHOWN]
        ]
        names = ("cause", "origin", "records", "first", "last")
        output.table([OutputColumn(name, number=name == "records") for name in names], rows)
        rest = len(report.breakdown.causes) - _SHOWN
        if rest > 0:
            output.note(f"{plural(rest, 'further cause')}: --json has all")
        unreadable = report.breakdown.unreadable_headers
        if unreadable:
            output.note(f"The headers of {plural(unreadable, 'record')} cannot be read: a name is not UTF-8", "yellow")
        ended = "" if report.breakdown.complete else ", not all of the topic"
        output.note(f"{plural(report.breakdown.records, 'record')} read{ended}")
    if found.unsampled:
        output.note(f"The records of {plural(found.unsampled, 'topic')} were not looked at", "yellow")
    for error in found.errors:
        output.note(f"{error.message} {error.hint}", "yellow")
