"""`kafkaview groups` and `kafkaview lag [GROUP...]`: one sample, no verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from kafkaview.access.unseen import GROUPS, Kind
from kafkaview.cli.documents import group_document, lag_document
from kafkaview.cli.output import Column, Output
from kafkaview.cli.running import Json, Timeout, run
from kafkaview.cluster.errors import UnknownGroup
from kafkaview.session import Session
from kafkaview.triage.sampling import Sampler
from kafkaview.triage.view import GroupView

GroupNames = Annotated[list[str] | None, typer.Argument(metavar="[GROUP]...", help="only these groups")]


def groups(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Every consumer group: type, state, members, lag."""
    run(context, _groups, json=json, timeout=timeout)


def lag(context: typer.Context, group: GroupNames = None, *, json: Json = False, timeout: Timeout = None) -> None:
    """What groups have committed, and how many records wait behind it."""
    run(context, lambda session, output: _lag(session, output, group or []), json=json, timeout=timeout)


async def _groups(session: Session, output: Output) -> None:
    rows = [group_document(group) for group in await _sample(session, output, None)]
    if output.json:
        output.document({"groups": rows})
        return
    texts, numbers = ("group", "type", "state", "protocol"), ("members", "coordinator", "total_lag")
    output.table(
        [*(Column(name.capitalize()) for name in texts), *(Column(_title(name), number=True) for name in numbers)],
        [[row[name] for name in (*texts, *numbers)] for row in rows],
    )


async def _lag(session: Session, output: Output, names: Sequence[str]) -> None:
    rows = [lag_document(group) for group in await _sample(session, output, names or None)]
    if output.json:
        output.document({"groups": rows})
        return
    numbers = ("committed_offset", "log_end_offset", "last_stable_offset", "lag")
    output.table(
        [Column("Group"), Column("Partition"), *(Column(_title(n), number=True) for n in numbers), Column("Client")],
        [
            [row["group"], f"{part['topic']}:{part['partition']}", *(part[n] for n in numbers), part["client_id"]]
            for row in rows
            for part in row["partitions"]
        ],
    )


async def _sample(session: Session, output: Output, names: Sequence[str] | None) -> tuple[GroupView, ...]:
    view = await Sampler(session.cluster, names, topics=False).sample()
    check_groups(names or [], view.groups, complete=not view.errors)
    for error in view.errors:
        output.note(str(error), "yellow")
    if not view.groups and not view.errors:
        say_unseen(session, output, GROUPS)
    return view.groups


def say_unseen(session: Session, output: Output, kind: Kind) -> None:
    """Beside a list of nothing: that it may be for the lack of a right, and which."""
    output.note(f"{kind.none}. {kind.why(session.profile)}", "yellow")
    output.note(f"  {kind.line(session.profile)}")


def check_groups(names: Sequence[str], found: Sequence[GroupView], *, complete: bool) -> None:
    """Raise UnknownGroup for a name that no broker lists; where one is silent it may be the one that knows."""
    missing = sorted(set(names) - {group.listing.group for group in found})
    if missing:
        which = f"group {missing[0]}" if len(missing) == 1 else f"groups {', '.join(missing)}"
        hint = "" if complete else "Not every broker answered: it may be known to one of those."
        raise UnknownGroup(f"There is no {which}, or it may not be seen", hint)


def _title(name: str) -> str:
    return name.removesuffix("_offset").replace("_", " ").capitalize()
