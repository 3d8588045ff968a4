"""`kafkaview tokens`: delegation tokens, never what makes one usable, and when they end: for a script to watch."""

from __future__ import annotations

import time
from typing import Any

import typer

from kafkaview.access.expiry import days_left
from kafkaview.cli.documents import iso
from kafkaview.cli.output import Column, Output
from kafkaview.cli.running import Json, Timeout, run
from kafkaview.cluster.access import DelegationToken
from kafkaview.session import Session


def tokens(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """The delegation tokens that may be seen, with the days until they expire unless they are renewed."""
    run(context, _tokens, json=json, timeout=timeout)


async def _tokens(session: Session, output: Output) -> None:
    found = await session.cluster.access.tokens()
    now_ms = time.time_ns() // 1_000_000
    if output.json:
        output.document({"tokens": [_document(one, now_ms) for one in found]})
        return
    columns = [Column("Token"), Column("Owner"), Column("Days left", number=True)]
    output.table(
        [*columns, Column("Expires"), Column("Ends for good")],
        [
            [
                one.token_id,
                one.owner,
                days_left(one.expires_at_ms, now_ms),
                iso(one.expires_at_ms),
                iso(one.ends_at_ms),
            ]
            for one in found
        ],
    )


def _document(one: DelegationToken, now_ms: int) -> dict[str, Any]:
    return {
        "token_id": one.token_id,
        "owner": one.owner,
        "requester": one.requester,
        "renewers": list(one.renewers),
        "issued_at": iso(one.issued_at_ms),
        "expires_at": iso(one.expires_at_ms),
        "ends_at": iso(one.ends_at_ms),
        "days_left": days_left(one.expires_at_ms, now_ms),
    }
