"""`kafkaview brokers`: the brokers, their log directories and leaders, and the reassignments in progress."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.transactions import partition_of
from kafkaview.cli.writes import Write, write_verb
from kafkaview.cluster.errors import ClusterError, attempt
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.coordination.balance import balance
from kafkaview.coordination.blind_spots import broker_gaps
from kafkaview.coordination.broker_plans import plan_cancellations, plan_elections
from kafkaview.coordination.brokers import broker_states, directory_sizes
from kafkaview.coordination.listed_columns import BROKER_FIELDS, LOAD_FIELDS, REASSIGNMENT_FIELDS
from kafkaview.coordination.replica_moves import ReplicaMoves
from kafkaview.fields import row_documents
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.writes.plan import ChangePlan

brokers_app = typer.Typer(help="List the brokers; elect leaders; cancel reassignments.", add_completion=False)

Partitions = Annotated[list[str] | None, typer.Argument(metavar="[TOPIC:PARTITION]...", help="only these partitions")]
AllPartitions = Annotated[bool, typer.Option("--all-partitions", help="all partitions of the cluster")]
Planner = Callable[[Cluster, Collection[TopicPartition] | None], Awaitable[ChangePlan]]


@brokers_app.callback(invoke_without_command=True)
def brokers(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """List the brokers with their log directories, the partitions they lead, their free space, and replicas being
    moved.
    """
    if context.invoked_subcommand is None:
        run(context, _brokers, json=json, timeout=timeout)


@brokers_app.command("elect")
@write_verb
def elect(partition: Partitions = None, *, all_partitions: AllPartitions = False) -> Write:
    """Elect the preferred replica as leader of partitions that another replica leads."""
    return _write(plan_elections, partition, all_partitions=all_partitions)


@brokers_app.command("cancel")
@write_verb
def cancel(partition: Partitions = None, *, all_partitions: AllPartitions = False) -> Write:
    """Cancel reassignments that are in progress."""
    return _write(plan_cancellations, partition, all_partitions=all_partitions)


def _write(planner: Planner, partition: list[str] | None, *, all_partitions: bool) -> Write:
    if all_partitions == bool(partition):
        raise typer.BadParameter("say either --all-partitions or which, as TOPIC:PARTITION")
    wanted = None if all_partitions else [partition_of(text) for text in partition or ()]
    return Write(lambda session: planner(session.cluster, wanted))


async def _brokers(session: Session, output: Output) -> None:
    cluster = session.cluster
    brokers, directories, topics, moving, omissions = await asyncio.gather(
        cluster.brokers.describe(),
        attempt(cluster.brokers.log_directories),
        cluster.topics(),
        attempt(cluster.brokers.reassignments),
        cluster.omissions(),
    )
    running = frozenset(broker.id for broker in brokers if not broker.fenced)
    moves = None if isinstance(moving, ClusterError) else ReplicaMoves.of(moving, running)
    loads = balance(topics, [broker.id for broker in brokers], {}, moves)
    known = broker_states(brokers, directory_sizes(directories, brokers), loads)
    unseen = broker_gaps(known, moving, omissions)
    states = [one for one in known if one.broker is not None]
    fields = (*BROKER_FIELDS, *LOAD_FIELDS)
    if output.json:
        reassignments = None
        if not isinstance(moving, ClusterError):
            reassignments = row_documents(REASSIGNMENT_FIELDS, moving)
        rows = row_documents(fields, states)
        output.document({"brokers": rows, "reassignments": reassignments, **output.unseen(unseen)})
        return
    output.listing("brokers", fields, states, unseen)
    if moving and not isinstance(moving, ClusterError):
        output.listing("reassignments", REASSIGNMENT_FIELDS, moving)
