"""`kafkaview quotas`: client quotas, listed, set and removed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.ports.security import QuotaEntity
from kafkaview.security.listed_columns import QUOTA_FIELDS
from kafkaview.security.plans import plan_set_quota
from kafkaview.session import Session
from kafkaview.writes.plan import ChangePlan

quotas_app = typer.Typer(help="List and set client quotas; undo a change.", add_completion=False)
_TYPES = ("user", "client-id", "ip")


@quotas_app.callback(invoke_without_command=True)
def quotas(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the client quotas."""
    if context.invoked_subcommand is None:
        run(context, _quotas, json=json, timeout=timeout)


@quotas_app.command("set")
@write_verb
def set_limits(
    *,
    user: Annotated[str | None, typer.Option("--user", help="the quota of this user")] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="the quota of this client id")] = None,
    ip: Annotated[str | None, typer.Option("--ip", help="the quota of this IP address")] = None,
    default: Annotated[
        list[str] | None,
        typer.Option("--default", help="user, client-id or ip: the quota of all that have none of their own"),
    ] = None,
    limit: Annotated[
        list[str],
        typer.Option(
            "--limit", metavar="NAME=NUMBER|none", help="a limit to set, or none to remove it; may be repeated"
        ),
    ],
) -> Write:
    """Set or remove quota limits (producer_byte_rate, consumer_byte_rate, request_percentage, ...)."""

    async def make(session: Session) -> ChangePlan:
        entity = _entity({"user": user, "client-id": client_id, "ip": ip}, default or ())
        return await plan_set_quota(session, entity, dict(map(_limit, limit)))

    return Write(make)


@quotas_app.command("undo")
@write_verb
def undo(
    entry: Annotated[int, typer.Argument(metavar="ID", help="the number of the journal entry")],
) -> Write:
    """Undo an entry: give back the limits that stood before it, while those that it has set stand."""
    from kafkaview.security.undo import plan_undo_of_quota

    return Write(lambda session: plan_undo_of_quota(session, entry))


async def _quotas(session: Session, output: Output) -> None:
    output.listing("quotas", QUOTA_FIELDS, await session.cluster.security.quotas(), ())


def _entity(names: dict[str, str | None], defaults: Sequence[str]) -> QuotaEntity:
    strange = [kind for kind in defaults if kind not in _TYPES]
    if strange:
        raise BadUsage(f"--default takes {', '.join(_TYPES)}, not '{strange[0]}'")
    parts = tuple((kind, names[kind]) for kind in _TYPES if names[kind] is not None or kind in defaults)
    if not parts:
        raise BadUsage("Whose? Say --user, --client-id, --ip or --default")
    return QuotaEntity(parts)


def _limit(text: str) -> tuple[str, float | None]:
    key, equals, value = text.partition("=")
    try:
        limit = None if value == "none" else float(value)
    except ValueError:
        limit = math.nan
    if equals and key and (limit is None or math.isfinite(limit)):
        return key, limit
    raise BadUsage(f"--limit takes NAME=NUMBER or NAME=none, not '{text}'")
