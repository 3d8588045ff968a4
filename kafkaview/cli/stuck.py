"""`kafkaview stuck`: watch for some seconds, then say who stands still, on which record, and why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated

import typer

from kafkaview.access.unseen import GROUPS
from kafkaview.cli.documents import stuck_document
from kafkaview.cli.groups import GroupNames, check_groups, say_unseen
from kafkaview.cli.output import Column, Output
from kafkaview.cli.running import Json, Timeout, run
from kafkaview.session import Session
from kafkaview.triage.verdict import Stuck
from kafkaview.triage.view import View
from kafkaview.triage.watch import Watch

Seconds = Annotated[
    float, typer.Option("--seconds", min=2, help="how long to watch; a group that commits more rarely looks stuck")
]


def stuck(
    context: typer.Context,
    group: GroupNames = None,
    *,
    seconds: Seconds = 10.0,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Partitions on which a group does not move, and why."""

    async def work(session: Session, output: Output) -> None:
        with output.notes.status(f"Watching for {seconds:g} s"):
            view = await _judged(session, group or [], seconds)
        for error in view.errors:
            output.note(str(error), "yellow")
        if not view.groups and not view.errors:
            say_unseen(session, output, GROUPS)
        if output.json:
            output.document({"stuck": [stuck_document(one) for one in view.stuck]})
        else:
            _in_words(output, view)

    run(context, work, json=json, timeout=timeout, more=seconds)


async def _judged(session: Session, names: Sequence[str], seconds: float) -> View:
    watch = Watch(session, interval=min(1.0, seconds / 10), window=seconds, groups=names or None)
    async with aclosing(watch.views()) as views:
        async for view in views:
            if not view.samples:
                raise view.errors[0]
            check_groups(names, view.groups, complete=not view.errors)
            if view.judged:
                return view
    raise AssertionError("a watch never ends by itself")


def _in_words(output: Output, view: View) -> None:
    if not view.groups:
        return
    if not view.stuck:
        output.say(f"Every group moves: {len(view.groups):,} watched")
        return
    columns = ("Group", "Partition", "Committed", "Waiting", "Verdict", "Record", "Reason")
    output.table(
        [Column(title, number=title in {"Committed", "Waiting"}) for title in columns],
        [_row(one) for one in view.stuck],
    )
    for one in view.stuck:
        output.say("")
        output.say(f"{one.group} on {one.topic_partition}: {one.reason}", "bold")
        for line in one.evidence:
            output.say(f"  {line.text}")


def _row(one: Stuck) -> list[str | int | None]:
    record = str(one.suspect.record.id) if one.suspect else None
    place = str(one.topic_partition)
    return [one.group, place, one.committed_offset, one.lag, one.verdict.value, record, one.reason]
