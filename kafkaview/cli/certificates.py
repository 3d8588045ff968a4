"""`kafkaview certificates`: what every listener shows, and for how long, so that a script can watch it."""

from __future__ import annotations

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.clock import now_ms
from kafkaview.security.fields import certificate_fields
from kafkaview.session import Session


def certificates(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """The certificate of every listener of every broker, with the days that it still lasts."""
    run(context, _certificates, json=json, timeout=timeout)


async def _certificates(session: Session, output: Output) -> None:
    output.listing("certificates", certificate_fields(now_ms), await session.cluster.security.certificates())
