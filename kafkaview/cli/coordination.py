"""`kafkaview coordination`: the controller, the quorum and its voters, and ZooKeeper."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, Final

import typer

from kafkaview.cli.execution import BadUsage, Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cli.zookeeper_documents import say_zookeeper, zookeeper_document
from kafkaview.cluster.errors import ClusterError, attempt
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import Coordination, Quorum, QuorumReplica
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.coordination.blind_spots import directory_gaps
from kafkaview.coordination.brokers import BrokerState, broker_states, directory_sizes
from kafkaview.coordination.listed_columns import (
    BROKER_FIELDS,
    FEATURE_FIELDS,
    QUORUM_FIELDS,
    QuorumMember,
    error_document,
)
from kafkaview.coordination.voter_plans import plan_add_voter, plan_remove_voter
from kafkaview.fields import row_documents
from kafkaview.session import Session
from kafkaview.writes.plan import ChangePlan

coordination_app = typer.Typer(help="Show the controller and the quorum; change voters.", add_completion=False)

Voter = Annotated[int, typer.Argument(metavar="ID", help="the node.id of the controller")]
Directory = Annotated[
    str | None,
    typer.Option(
        "--directory-id", metavar="ID", help="directory.id in its meta.properties; needed if the controller has several"
    ),
]
Endpoints = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        metavar="NAME://HOST:PORT",
        help="the controller's listener; needed if no controller can be reached to ask for it",
    ),
]
_ENDPOINT: Final = re.compile(r"(?P<listener>[^:/]+)://\[?(?P<host>[^\]]+)\]?:(?P<port>\d+)")


@coordination_app.callback(invoke_without_command=True)
def coordination(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Show who coordinates the cluster (KRaft or ZooKeeper), the controller, the quorum, and how far each voter is
    behind.
    """
    if context.invoked_subcommand is None:
        run(context, _coordination, json=json, timeout=timeout)


@coordination_app.command("add-voter")
@write_verb
def add_voter(voter: Voter, *, directory_id: Directory = None, endpoint: Endpoints = None) -> Write:
    """Make an observer of the quorum, a controller that does not vote yet, a voter (KIP-853)."""

    async def make(session: Session) -> ChangePlan:
        endpoints = [_endpoint(one) for one in endpoint or ()]
        return await plan_add_voter(session.cluster, voter, directory_id, endpoints)

    return Write(make)


@coordination_app.command("remove-voter")
@write_verb
def remove_voter(voter: Voter, *, directory_id: Directory = None) -> Write:
    """Take a controller's vote away. A majority of the remaining voters must keep up with the quorum (KIP-853)."""
    return Write(lambda session: plan_remove_voter(session.cluster, voter, directory_id))


def _endpoint(text: str) -> VoterEndpoint:
    found = _ENDPOINT.fullmatch(text)
    if found is None:
        raise BadUsage(f"An endpoint is NAME://HOST:PORT, not {text}")
    return VoterEndpoint(found["listener"], found["host"], int(found["port"]))


async def _coordination(session: Session, output: Output) -> int:
    """Prints the coordination. The mode, the features and the brokers need no right to see the quorum."""
    coordination = await session.cluster.coordination()
    refused = coordination.refused
    states, unseen = await _brokers(session.cluster)
    gaps = output.unseen((*coordination.unseen, *unseen))
    if output.json:
        error = {} if refused is None else {"error": error_document(refused)}
        brokers = {} if states is None else {"brokers": row_documents(BROKER_FIELDS, states)}
        output.document(coordination_document(coordination) | brokers | gaps | error)
    else:
        _say(coordination, output)
        if refused is not None:
            output.error(refused.kind, refused.message, refused.hint)
    return 0 if refused is None else refused.exit_code


async def _brokers(cluster: Cluster) -> tuple[tuple[BrokerState, ...] | None, tuple[Unseen, ...]]:
    """Returns the brokers with their registrations, and what is unknown; None if they cannot be requested."""
    try:
        brokers, directories = await asyncio.gather(
            cluster.brokers.describe(), attempt(cluster.brokers.log_directories)
        )
    except ClusterError as error:
        return None, (Unseen("fenced brokers and log directories", error),)
    states = broker_states(brokers, directory_sizes(directories, brokers), None)
    return states, directory_gaps(states)


def _say(coordination: Coordination, output: Output) -> None:
    controller = "unknown" if coordination.controller_id is None else str(coordination.controller_id)
    output.say(f"Mode {coordination.mode.value}, controller {controller}")
    for sentence in coordination.evidence:
        output.say(sentence)
    if coordination.quorum is not None:
        _print(coordination.quorum, output)
    say_zookeeper(coordination, output)
    output.rows(FEATURE_FIELDS, coordination.features)


def _print(quorum: Quorum, output: Output) -> None:
    loses = "\N{EN DASH}" if quorum.can_lose is None else str(quorum.can_lose)
    voters = "1 voter" if len(quorum.voters) == 1 else f"{len(quorum.voters)} voters"
    known = f"{voters}, majority {quorum.majority}" if quorum.voters else "who votes is not known"
    output.say(
        f"Quorum {quorum.health.value}: {known}, may lose {loses}; "
        + ("no leader" if quorum.leader_id is None else f"leader epoch {quorum.leader_epoch}")
    )
    output.rows(QUORUM_FIELDS, [*_members(quorum, quorum.voters), *_members(quorum, quorum.observers)])


def _members(quorum: Quorum, replicas: tuple[QuorumReplica, ...]) -> list[QuorumMember]:
    other = "voter" if replicas is quorum.voters else "observer"
    return [QuorumMember(one, "leader" if one.id == quorum.leader_id else other) for one in replicas]


def coordination_document(coordination: Coordination) -> dict[str, Any]:
    """Returns the verb's JSON. Values that need ZooKeeper, JMX or log directories are null without them."""
    quorum = coordination.quorum
    return {
        "mode": coordination.mode.value,
        "evidence": list(coordination.evidence),
        "controller": {"id": coordination.controller_id, "epoch": coordination.controller_epoch},
        "quorum": None
        if quorum is None
        else {
            "leader_id": quorum.leader_id,
            "leader_epoch": quorum.leader_epoch,
            "high_watermark": quorum.high_watermark,
            "voters": row_documents(QUORUM_FIELDS, _members(quorum, quorum.voters)),
            "observers": row_documents(QUORUM_FIELDS, _members(quorum, quorum.observers)),
            "majority": quorum.majority if quorum.voters else None,
            "can_lose": quorum.can_lose,
            "health": quorum.health.value,
        },
        "features": row_documents(FEATURE_FIELDS, coordination.features),
        "brokers": [
            {"id": one.id, "host": one.host, "port": one.port, "rack": one.rack, "fenced": None, "log_dirs": None}
            for one in coordination.brokers
        ],
        "zookeeper": zookeeper_document(coordination),
    }
