"""`kafkaview stuck`: watches for some seconds, then says which groups stand still, on which record, and why."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.groups import GroupNames, check_groups, say_unseen
from kafkaview.cli.output import Output
from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.fields import row_documents
from kafkaview.words import name_text

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.view import View
    from kafkaview.triage.watch.watch import Watch

Seconds = Annotated[
    float,
    typer.Option("--seconds", min=2, help="how long to watch; a group that commits less often than that looks stuck"),
]
_RESERVE_S = 4.0  # of the time limit, to put together and print what was found
_LEFT_S = 0.5  # of it, where brokers are so slow that nothing is judged
_NO_LIMIT_S = 60.0
_IN_WORDS = 40  # stuck partitions of which the evidence is printed


def stuck(
    context: typer.Context,
    group: GroupNames = None,
    *,
    seconds: Seconds = 10.0,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Find partitions on which a group does not move, and why."""

    async def work(session: Session, output: Output) -> int:
        from kafkaview.triage.watch.watch import Watch

        watch = Watch(session, interval=min(1.0, seconds / 10), window=seconds, groups=group or None)
        with output.notes.status(f"Watching for {seconds:g} s"):
            view = await _wait_for_verdicts(watch, group or [], seconds, session.limit.rest)
            gc.disable()  # there may be 100,000 verdicts, and nothing of them goes before the program ends
            if view.judged:
                await watch.read_suspects(_time_to_read(session.limit.rest))
        for error in view.errors:
            output.note(str(error), "yellow")
        if not _names(view) and not view.errors:
            from kafkaview.security.hidden_rows import GROUPS

            say_unseen(session, output, GROUPS)
        if output.json:
            _in_json(output, view, watch)
        else:
            _in_words(output, view, watch.stuck())
        if _was_anything_seen(view) or (view.judged and not view.errors):
            return 0
        return view.errors[0].exit_code if view.errors else Unreachable.exit_code

    run(context, work, json=json, timeout=timeout, more=seconds)


async def _wait_for_verdicts(watch: Watch, names: Sequence[str], seconds: float, rest: float | None) -> View:
    """Returns the first view with verdicts, or, where brokers fall silent or are slow, what is known when the time is
    nearly over. Raises ClusterError where that is nothing.
    """
    view: View | None = None
    with suppress(TimeoutError):
        async with asyncio.timeout(None if rest is None else rest - min(_LEFT_S, rest / 2)):
            async with aclosing(watch.views()) as views:
                async for view in views:
                    if view.stale and not view.samples:
                        raise view.errors[0]
                    if view.samples:
                        check_groups(names, {*_names(view), *(one.group for one in view.unseen)})
                    if view.judged:
                        return view
    if view is None or not view.samples:
        raise _nothing_seen(view, rest or 0)
    return _cut_off(view, seconds)


def _nothing_seen(view: View | None, seconds: float) -> Unreachable:
    """Returns the error of a watch that ended before its first sample."""
    from kafkaview.triage.watch.unseen import say_unseen

    why = f": {say_unseen(view.unseen)}" if view is not None and view.unseen else ""
    return Unreachable(
        f"No group could be looked at, the brokers gave no full answer in {seconds:.0f} s{why}",
        "Give it more time with --timeout, or look at the brokers: kafkaview doctor.",
    )


def _cut_off(view: View, seconds: float) -> View:
    """Returns the view of a watch without verdicts that the time limit has ended: no group of it is judged."""
    from kafkaview.triage.watch.unseen import UnseenGroups

    why, kind = f"it was not watched for {seconds:g} s before the time was over", UnseenKind.WAITING
    if view.stale:
        why, kind = view.errors[0].message, UnseenKind.SILENT
    named = {one.group for one in view.unseen}
    left = (UnseenGroups(name, None, why, kind) for name in _names(view) if name not in named)
    return replace(view, unseen=(*view.unseen, *left))


def _names(view: View) -> tuple[str, ...]:
    return () if view.groups is None else view.groups.names


def _time_to_read(rest: float | None) -> float:
    """Returns the seconds left for reading suspect records; partitions not read by then stay undecided."""
    return _NO_LIMIT_S if rest is None else max(min(rest, 1.0), rest - _RESERVE_S)


def _was_anything_seen(view: View) -> bool:
    return bool(view.stuck) or not {one.group for one in view.unseen}.issuperset(_names(view))


def _in_json(output: Output, view: View, watch: Watch) -> None:
    from kafkaview.triage.watch.stuck_columns import STUCK_FIELDS

    stuck = row_documents(STUCK_FIELDS, watch.all_stuck())
    output.document({"stuck": stuck, "unseen": [one.document() for one in view.unseen]})


def _in_words(output: Output, view: View, stuck: Sequence[Stuck]) -> None:
    from kafkaview.triage.watch.stuck_columns import STUCK_FIELDS, where_stuck
    from kafkaview.triage.watch.unseen import say_health, say_unseen

    names = {*_names(view), *(one.group for one in view.unseen if one.group is not None)}
    if not names and not view.unseen:
        return
    if not stuck:
        health = say_health(len(names), view.unseen)
        output.say(health if view.unseen else f"{health}: {len(names):,} watched")
        return
    if view.unseen:
        others = {one.group for one in view.unseen}.isdisjoint(one.group for one in stuck)
        output.note(f"{'Of the other groups' if others else 'Of all groups'} {say_unseen(view.unseen)}", "yellow")
    output.rows(STUCK_FIELDS, stuck)
    for one in stuck[:_IN_WORDS]:
        output.say("")
        output.say(f"{name_text(one.group)} on {where_stuck(one)}: {one.reason}", "bold")
        for line in one.evidence:
            output.say(f"  {line.text}")
    if len(stuck) > _IN_WORDS:
        output.say("")
        output.say(f"The evidence for {len(stuck) - _IN_WORDS:,} more is in the output of --json")
