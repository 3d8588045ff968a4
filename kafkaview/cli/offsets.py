"""`kafkaview offsets plan|apply|skip|undo|delete`: changes a group's committed offsets, and undoes a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.transactions import partition_of
from kafkaview.cli.writes import ChangePrinter, Write, show_plan, write_verb
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.writes.offsets.planner import plan_delete_offsets, plan_offsets
from kafkaview.writes.offsets.request import REFUSE_MEMBERS, LiveMembers, MemberWays, OffsetsRequest, parse_target
from kafkaview.writes.offsets.skipping import plan_skip
from kafkaview.writes.offsets.undo import plan_undo_of_offsets

offsets_app = typer.Typer(
    help="Change a group's committed offsets; skip a record; undo a change.", add_completion=False
)

GroupName = Annotated[str, typer.Argument(help="the group")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="only partitions of this topic; may be repeated")]
Partitions = Annotated[
    list[str] | None,
    typer.Option(
        "--partition",
        metavar="TOPIC:PARTITION",
        help="only this partition, even if nothing is committed for it; may be repeated",
    ),
]
To = Annotated[
    str,
    typer.Option(
        "--to", help="the new offset: earliest, latest, OFFSET, @TIME, +N, -N, from:GROUP or file:FILE (CSV or JSON)"
    ),
]
Uncommitted = Annotated[
    bool, typer.Option("--include-uncommitted", help="include partitions without a committed offset")
]
WaitEmpty = Annotated[
    float | None,
    typer.Option("--wait-empty", metavar="SECONDS", min=0, help="wait up to SECONDS until the group has no members"),
]
Evict = Annotated[
    bool, typer.Option("--evict", help="remove the members, so that they rejoin at the new offset, and watch")
]


@offsets_app.command("plan")
def plan(
    context: typer.Context,
    group: GroupName,
    *,
    topic: Topics = None,
    partition: Partitions = None,
    to: To,
    include_uncommitted: Uncommitted = False,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Show what a change would do, without making it: each partition before and after, records skipped and repeated."""
    wanted = _request(group, topic, partition, to, include_uncommitted=include_uncommitted)

    async def work(session: Session, output: Output) -> int:
        made = await plan_offsets(session, wanted)
        code = show_plan(output, session, made, ChangePrinter())
        return 0 if made.rows else code  # members keep a plan from being carried out, not from being shown

    run(context, work, json=json, timeout=timeout)


@offsets_app.command("apply")
@write_verb
def apply(
    group: GroupName,
    *,
    topic: Topics = None,
    partition: Partitions = None,
    to: To,
    include_uncommitted: Uncommitted = False,
    wait_empty: WaitEmpty = None,
    evict: Evict = False,
) -> Write:
    """Change a group's committed offsets. While the group has members nothing is written, unless --wait-empty or
    --evict says how to handle them.
    """
    ways = _ways(wait_empty, evict=evict)
    wanted = _request(group, topic, partition, to, include_uncommitted=include_uncommitted, ways=ways)
    return Write(lambda session: plan_offsets(session, wanted))


@offsets_app.command("skip")
@write_verb
def skip(
    group: GroupName,
    record: Annotated[str, typer.Argument(metavar="TOPIC:PARTITION:OFFSET", help="the record to skip")],
    *,
    wait_empty: WaitEmpty = None,
    evict: Evict = False,
) -> Write:
    """Move a group past one record without copying it; the journal keeps the record."""
    ways = _ways(wait_empty, evict=evict)
    try:
        skipped = RecordId.parse(record)
    except ValueError as error:
        raise typer.BadParameter(f"'{record}' is not TOPIC:PARTITION:OFFSET") from error
    return Write(lambda session: plan_skip(session, group, skipped, ways))


@offsets_app.command("undo")
@write_verb
def undo(
    entry: Annotated[int, typer.Argument(metavar="ID", help="the number of the journal entry")],
    *,
    wait_empty: WaitEmpty = None,
    evict: Evict = False,
) -> Write:
    """Restore the offsets, leader epochs and metadata from before a journal entry."""
    ways = _ways(wait_empty, evict=evict)
    return Write(lambda session: plan_undo_of_offsets(session, entry, ways))


@offsets_app.command("delete")
@write_verb
def delete(
    group: GroupName,
    topic: Annotated[str, typer.Argument(help="the topic")],
) -> Write:
    """Delete a group's committed offsets on a topic."""
    return Write(lambda session: plan_delete_offsets(session, group, topic))


def _ways(wait_empty: float | None, *, evict: bool) -> MemberWays:
    if wait_empty is None:
        return MemberWays(LiveMembers.EVICT if evict else LiveMembers.REFUSE)
    if evict:
        raise typer.BadParameter("say either --wait-empty or --evict")
    return MemberWays(LiveMembers.WAIT, wait_empty)


def _request(
    group: str,
    topics: Sequence[str] | None,
    partitions: Sequence[str] | None,
    to: str,
    *,
    include_uncommitted: bool,
    ways: MemberWays = REFUSE_MEMBERS,
) -> OffsetsRequest:
    places = tuple(partition_of(text) for text in partitions or ())
    try:
        target = parse_target(to, group)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return OffsetsRequest(group, target, tuple(topics or ()), places, include_uncommitted, ways)
