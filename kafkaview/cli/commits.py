"""`kafkaview commits GROUP`: how a group commits, from what its coordinator stored or by polling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.triage.commits.commit import LOOK_BACK_S, POLLING_S
from kafkaview.words import duration, name_text

if TYPE_CHECKING:
    from kafkaview.cli.output import Output
    from kafkaview.session import Session

_SECONDS_HELP = f"how far to look back (default {LOOK_BACK_S:g}), or how long to poll (default {POLLING_S:g})"


def commits(
    context: typer.Context,
    group: Annotated[str, typer.Argument(help="the group")],
    *,
    seconds: Annotated[float | None, typer.Option("--seconds", min=5, help=_SECONDS_HELP)] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Show how a group commits: by a timer, per record or batch, in transactions."""

    async def work(session: Session, output: Output) -> None:
        from kafkaview.triage.commits.listed_columns import COMMIT_FIELDS, commits_document
        from kafkaview.triage.commits.observation import observe_commits

        with output.notes.status(f"Looking at the commits of {name_text(group)}"):
            found = await observe_commits(session.cluster, group, seconds)
        if found.why_polled:
            output.note(f"Polled, for its coordinator's log cannot be read: {found.why_polled}", "yellow")
        if not found.complete and not found.why_polled:
            output.note("More was stored than is read: these are the newest commits", "yellow")
        if output.json:
            output.document(commits_document(found))
            return
        output.say(f"{name_text(group)}, {duration(found.until_ms - found.since_ms)} by {found.source.value}")
        output.rows(COMMIT_FIELDS, found.partitions)

    run(context, work, json=json, timeout=timeout, more=seconds or POLLING_S)
