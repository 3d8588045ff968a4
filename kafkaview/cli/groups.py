"""`kafkaview groups`, `groups delete GROUP` and `kafkaview lag [GROUP...]`: one sample, without verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.errors import UnknownGroup
from kafkaview.words import name_text

if TYPE_CHECKING:
    from kafkaview.cluster.errors import ClusterError
    from kafkaview.security.hidden_rows import HiddenKind
    from kafkaview.session import Session
    from kafkaview.triage.watch.sampler import Sampler

GroupNames = Annotated[list[str] | None, typer.Argument(metavar="[GROUP]...", help="only these groups (default: all)")]


groups_app = typer.Typer(help="List the consumer groups; delete one.", add_completion=False)


@groups_app.callback(invoke_without_command=True)
def groups(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the consumer groups with type, state, members and lag."""
    if context.invoked_subcommand is None:
        run(context, _groups, json=json, timeout=timeout)


@groups_app.command("delete")
@write_verb
def delete_group(
    group: Annotated[str, typer.Argument(help="the group")],
) -> Write:
    """Delete a group that has no members, with its committed offsets."""
    from kafkaview.writes.offsets.planner import plan_delete_group

    return Write(lambda session: plan_delete_group(session, group))


def lag(context: typer.Context, group: GroupNames = None, *, json: Json = False, timeout: Timeout = None) -> None:
    """Show the committed offsets of groups and their lag."""
    run(context, lambda session, output: _lag(session, output, group or []), json=json, timeout=timeout)


async def _groups(session: Session, output: Output) -> int:
    from kafkaview.columns import column_documents, column_rows
    from kafkaview.triage.watch.blind_spots import sample_gaps
    from kafkaview.triage.watch.listed_columns import GROUP_FIELDS
    from kafkaview.triage.watch.summaries import group_columns

    sampler, errors = await _sample(session, output, None, last_stable=False)
    columns = group_columns(sampler.groups or {}, sampler.bounds, {})
    if output.json:
        from kafkaview.cli.lag import unreadable_members

        rows = zip(column_documents(GROUP_FIELDS, columns), (sampler.groups or {}).values(), strict=True)
        found = [{**row, **unreadable_members(group)} for row, group in rows]
        output.document({"groups": found, "unseen": [one.document() for one in sample_gaps(sampler)]})
    else:
        output.field_table(GROUP_FIELDS, column_rows(GROUP_FIELDS, columns))
    return errors[0].exit_code if errors and not columns.names else 0


async def _lag(session: Session, output: Output, names: Sequence[str]) -> int:
    from kafkaview.cli.lag import lag_chunks, lag_rows
    from kafkaview.triage.watch.listed_columns import LAG_TABLE_FIELDS

    sampler, errors = await _sample(session, output, names or None, last_stable=True)
    if output.json:
        output.chunks(lag_chunks(sampler))
    else:
        output.field_table(LAG_TABLE_FIELDS, lag_rows(sampler))
    seen = any(group.error is None for group in (sampler.groups or {}).values())
    return errors[0].exit_code if errors and not seen else 0


async def _sample(
    session: Session, output: Output, names: Sequence[str] | None, *, last_stable: bool
) -> tuple[Sampler, Sequence[ClusterError]]:
    """Takes one sample. Returns it with the errors that made it incomplete, which are already printed."""
    from kafkaview.triage.watch.blind_spots import sample_gaps
    from kafkaview.triage.watch.sampler import Sampler
    from kafkaview.triage.watch.unseen import unseen_lines

    sampler = Sampler(session.cluster, names, single=True, last_stable=last_stable)
    sample = await sampler.sample()
    gaps = sample_gaps(sampler)
    check_groups(names or [], {*(sampler.groups or {}), *(gap.group for gap in gaps)})
    reasons = {gap.reason for gap in gaps}
    for error in sample.errors:
        if error.message not in reasons:
            output.note(str(error), "yellow")
    for name, group in (sampler.groups or {}).items():
        for member in group.unreadable_members:
            words = f"{name_text(name)}: member {member.client_id}: assignment not readable, so what it owns is unknown"
            output.note(words, "yellow")
    if sampler.groups or sample.errors:
        for line in unseen_lines(gaps):
            output.note(line, "yellow")
    else:
        from kafkaview.security.hidden_rows import GROUPS

        say_unseen(session, output, GROUPS)
    return sampler, sample.errors


def say_unseen(session: Session, output: Output, kind: HiddenKind) -> None:
    """Prints, beside an empty list, which missing right may be the reason."""
    output.note(f"{kind.none}. {kind.why(session.profile)}", "yellow")
    output.note(f"  {kind.line(session.profile)}")


def check_groups(names: Sequence[str], known: Collection[str | None]) -> None:
    """Raises UnknownGroup for a group that is neither listed nor named among the unseen."""
    missing = sorted(set(names).difference(known))
    if missing:
        which = f"{'group' if len(missing) == 1 else 'groups'} {', '.join(map(name_text, missing))}"
        raise UnknownGroup(f"There is no {which}, or it may not be seen")
