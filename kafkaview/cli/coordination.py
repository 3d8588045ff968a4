"""`kafkaview coordination`: who coordinates the cluster, and how well."""

from __future__ import annotations

from typing import Any

import typer

from kafkaview.cli.machine_documents import broker_rows
from kafkaview.cli.output import Column, Output
from kafkaview.cli.running import Json, Timeout, run
from kafkaview.cli.zookeeper_document import say_zookeeper, zookeeper_document
from kafkaview.cluster.coordination import Coordination, Quorum, QuorumReplica
from kafkaview.session import Session


def coordination(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Who coordinates the cluster: KRaft or ZooKeeper, the controller, the quorum and how its voters follow."""
    run(context, _coordination, json=json, timeout=timeout)


async def _coordination(session: Session, output: Output) -> None:
    told = await session.cluster.coordination()
    if output.json:
        output.document(coordination_document(told) | await broker_rows(session.cluster))
        return
    controller = "unknown" if told.controller_id is None else str(told.controller_id)
    output.say(f"Mode {told.mode.value}, controller {controller}")
    for sentence in told.evidence:
        output.say(sentence)
    if told.quorum is not None:
        _print(told.quorum, output)
    say_zookeeper(told, output)
    output.table(
        [
            Column("Feature"),
            Column("Finalized", number=True),
            Column("Least", number=True),
            Column("Most", number=True),
        ],
        [[one.name, one.finalized, one.minimum, one.maximum] for one in told.features],
    )


def _print(quorum: Quorum, output: Output) -> None:
    loses = "\N{EN DASH}" if quorum.can_lose is None else str(quorum.can_lose)
    voters = "1 voter" if len(quorum.voters) == 1 else f"{len(quorum.voters)} voters"
    output.say(
        f"Quorum {quorum.health.value}: {voters}, majority {quorum.majority}, may lose {loses}; "
        f"leader epoch {quorum.leader_epoch}"
    )
    numbers = ("Log end offset", "Lag", "Last fetch, ms ago", "Behind, ms")
    output.table(
        [
            Column("Id", number=True),
            Column("Role"),
            Column("Health"),
            *(Column(title, number=True) for title in numbers),
        ],
        [_row(one, "voter") for one in quorum.voters] + [_row(one, "observer") for one in quorum.observers],
    )


def _row(one: QuorumReplica, role: str) -> list[str | int | None]:
    return [one.id, role, one.health.value, one.log_end_offset, one.lag, one.fetch_age_ms, one.caught_up_lag_ms]


def coordination_document(told: Coordination) -> dict[str, Any]:
    """The verb's JSON. What only ZooKeeper, JMX or the log directories tell is null."""
    quorum = told.quorum
    return {
        "mode": told.mode.value,
        "evidence": list(told.evidence),
        "controller": {"id": told.controller_id, "epoch": told.controller_epoch},
        "quorum": None
        if quorum is None
        else {
            "leader_id": quorum.leader_id,
            "leader_epoch": quorum.leader_epoch,
            "high_watermark": quorum.high_watermark,
            "voters": [_replica_document(one) for one in quorum.voters],
            "observers": [_replica_document(one) for one in quorum.observers],
            "majority": quorum.majority,
            "can_lose": quorum.can_lose,
            "health": quorum.health.value,
        },
        "features": [
            {"name": one.name, "finalized": one.finalized, "min": one.minimum, "max": one.maximum}
            for one in told.features
        ],
        "brokers": [
            {"id": one.id, "host": one.host, "port": one.port, "rack": one.rack, "fenced": None, "log_dirs": None}
            for one in told.brokers
        ],
        "zookeeper": zookeeper_document(told),
    }


def _replica_document(one: QuorumReplica) -> dict[str, Any]:
    return {
        "id": one.id,
        "directory_id": one.directory_id,
        "endpoints": list(one.endpoints),
        "log_end_offset": one.log_end_offset,
        "lag": one.lag,
        "fetch_age_ms": one.fetch_age_ms,
        "caught_up_lag_ms": one.caught_up_lag_ms,
        "health": one.health.value,
    }
