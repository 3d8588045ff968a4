"""`kafkaview certificates`: the TLS certificate of every listener and its expiry, for scripts that watch it."""

from __future__ import annotations

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.clock import now_ms
from kafkaview.security.listed_columns import certificate_fields
from kafkaview.session import Session


def certificates(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the brokers' TLS certificates with their expiry. Every listener of every broker is examined."""
    run(context, _certificates, json=json, timeout=timeout)


async def _certificates(session: Session, output: Output) -> None:
    output.listing("certificates", certificate_fields(now_ms), await session.cluster.security.certificates())
