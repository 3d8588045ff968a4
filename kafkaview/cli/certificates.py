"""`kafkaview certificates`: what every listener shows, and for how long, so that a script can watch it."""

from __future__ import annotations

import time
from typing import Any

import typer

from kafkaview.cli.documents import iso
from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.security.expiry import days_left
from kafkaview.session import Session


def certificates(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """The certificate of every listener of every broker, with the days that it still lasts."""
    run(context, _certificates, json=json, timeout=timeout)


async def _certificates(session: Session, output: Output) -> None:
    found = await session.cluster.access.certificates()
    now_ms = time.time_ns() // 1_000_000
    if output.json:
        output.document({"certificates": [_document(one, now_ms) for one in found]})
        return
    columns = [
        OutputColumn("Broker"),
        OutputColumn("Listener"),
        OutputColumn("Address"),
        OutputColumn("Days left", number=True),
    ]
    output.table(
        [*columns, OutputColumn("Ends"), OutputColumn("Subject")],
        [
            [
                _broker(one),
                one.listener,
                f"{one.host}:{one.port}",
                days_left(one.not_after_ms, now_ms),
                iso(one.not_after_ms),
                "plain text" if one.plain else one.subject or one.error,
            ]
            for one in found
        ],
    )


def _document(one: ListenerCertificate, now_ms: int) -> dict[str, Any]:
    return {
        "broker_id": _broker(one),
        "listener": one.listener,
        "host": one.host,
        "port": one.port,
        "plain": one.plain,
        "subject": one.subject,
        "issuer": one.issuer,
        "names": list(one.names) if one.subject is not None else None,
        "not_after": iso(one.not_after_ms),
        "days_left": days_left(one.not_after_ms, now_ms),
        "tls_version": one.tls_version,
        "error": one.error,
    }


def _broker(one: ListenerCertificate) -> int | None:
    return one.broker_id if one.broker_id >= 0 else None
