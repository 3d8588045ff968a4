"""`kafkaview tokens`: delegation tokens and their expiry, and plans that create, renew and expire them. The HMAC, which
makes a token usable, is printed once, at its creation and on request.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import ChangePrinter, Write, write_verb
from kafkaview.clock import now_ms
from kafkaview.cluster.ports.security import NewToken
from kafkaview.security.hidden_tokens import find_hidden_tokens
from kafkaview.security.lifetime import lifetime_ms
from kafkaview.security.listed_columns import token_fields
from kafkaview.security.token_plans import plan_create_token, plan_expire_token, plan_renew_token
from kafkaview.session import Session

tokens_app = typer.Typer(help="List, create, renew and expire delegation tokens.", add_completion=False)

TokenId = Annotated[str, typer.Argument(metavar="TOKEN", help="the token's id")]


@tokens_app.callback(invoke_without_command=True)
def tokens(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the delegation tokens that this login may see, with the days until they expire."""
    if context.invoked_subcommand is None:
        run(context, _tokens, json=json, timeout=timeout)


@tokens_app.command("create")
@write_verb
def create(
    *,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="User:NAME", help="the token's owner (default: this login's principal)"),
    ] = None,
    renewer: Annotated[
        list[str] | None,
        typer.Option("--renewer", metavar="User:NAME", help="a principal who may renew it; may be repeated"),
    ] = None,
    max_life: Annotated[
        str | None, typer.Option("--max-life", metavar="TIME", help="its maximum lifetime: 7d, 12h, 30m or 90s")
    ] = None,
    show_hmac: Annotated[bool, typer.Option("--show-hmac", help="print the HMAC, which is a password")] = False,
) -> Write:
    """Create a delegation token. Its HMAC can be printed only now: --show-hmac prints it on stdout."""
    return Write(
        lambda session: plan_create_token(session, NewToken(owner, tuple(renewer or ()), _time(max_life))),
        ChangePrinter(show_given=show_hmac),
    )


@tokens_app.command("renew")
@write_verb
def renew(
    token: TokenId,
    *,
    period: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="TIME", help="lifetime from now, as 7d, 12h, 30m or 90s (default: the brokers' setting)"
        ),
    ] = None,
) -> Write:
    """Renew a token: it expires later, but never after its maximum lifetime."""
    return Write(lambda session: plan_renew_token(session, token, _time(period)))


@tokens_app.command("expire")
@write_verb
def expire(token: TokenId) -> Write:
    """Expire a token now."""
    return Write(lambda session: plan_expire_token(session, token))


async def _tokens(session: Session, output: Output) -> None:
    tokens = await session.cluster.security.tokens()
    output.listing("tokens", token_fields(now_ms), tokens, await find_hidden_tokens(session.cluster))


def _time(text: str | None) -> int | None:
    try:
        return None if text is None else lifetime_ms(text)
    except ValueError as error:
        raise BadUsage(str(error)) from error
