"""`kafkaview tokens`: delegation tokens and when they end, for a script to watch; and plans that make and end them.

What makes one usable is printed once, when it is made and only where that is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import DryRun, Yes, change
from kafkaview.clock import now_ms
from kafkaview.cluster.ports.security import NewToken
from kafkaview.security.fields import token_fields
from kafkaview.security.hidden_tokens import find_hidden_tokens
from kafkaview.security.lifetime import lifetime_ms
from kafkaview.security.token_plans import plan_create_token, plan_expire_token, plan_renew_token
from kafkaview.session import Session
from kafkaview.writes.plan import ChangePlan

tokens_app = typer.Typer(help="Delegation tokens.", add_completion=False)

TokenId = Annotated[str, typer.Argument(metavar="TOKEN", help="its id")]


@tokens_app.callback(invoke_without_command=True)
def tokens(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """The delegation tokens that may be seen, with the days until they expire unless they are renewed."""
    if context.invoked_subcommand is None:
        run(context, _tokens, json=json, timeout=timeout)


@tokens_app.command("create")
def create(
    context: typer.Context,
    *,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="User:NAME", help="whose, if not of this login")
    ] = None,
    renewer: Annotated[
        list[str] | None, typer.Option("--renewer", metavar="User:NAME", help="who may renew it; may be given again")
    ] = None,
    max_life: Annotated[
        str | None, typer.Option("--max-life", metavar="TIME", help="its end for good: 7d, 12h, 30m, 90s")
    ] = None,
    show_hmac: Annotated[bool, typer.Option("--show-hmac", help="print the HMAC, which is a password")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Create a token. Its HMAC is shown now or never: --show-hmac prints it on stdout."""

    async def make(session: Session) -> ChangePlan:
        return await plan_create_token(session, NewToken(owner, tuple(renewer or ()), _time(max_life)))

    change(context, make, dry_run=dry_run, yes=yes, json=json, show_given=show_hmac)


@tokens_app.command("renew")
def renew(
    context: typer.Context,
    token: TokenId,
    *,
    period: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="from now on, in place of the brokers' own time")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Let a token last longer, though never past its end for good."""

    async def make(session: Session) -> ChangePlan:
        return await plan_renew_token(session, token, _time(period))

    change(context, make, dry_run=dry_run, yes=yes, json=json)


@tokens_app.command("expire")
def expire(
    context: typer.Context, token: TokenId, *, dry_run: DryRun = False, yes: Yes = False, json: Json = False
) -> None:
    """End a token at once."""

    def make(session: Session) -> Awaitable[ChangePlan]:
        return plan_expire_token(session, token)

    change(context, make, dry_run=dry_run, yes=yes, json=json)


async def _tokens(session: Session, output: Output) -> None:
    tokens = await session.cluster.security.tokens()
    output.listing("tokens", token_fields(now_ms), tokens, await find_hidden_tokens(session.cluster))


def _time(text: str | None) -> int | None:
    try:
        return None if text is None else lifetime_ms(text)
    except ValueError as error:
        raise BadUsage(str(error)) from error
