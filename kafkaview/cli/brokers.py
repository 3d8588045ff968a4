"""`kafkaview brokers`: the machines, their log directories, and who leads what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Annotated, Any

import typer

from kafkaview.cli.broker_documents import broker_documents
from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cli.transactions import partition_of
from kafkaview.cli.writes import DryRun, Yes, change
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Reassignment
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.coordination.balance import Balance, balance
from kafkaview.coordination.broker_plans import plan_cancellations, plan_elections
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.writes.plan import ChangePlan

brokers_app = typer.Typer(help="Brokers as machines.", add_completion=False)

Partitions = Annotated[list[str] | None, typer.Argument(metavar="[TOPIC:PARTITION]...", help="only these")]
AllPartitions = Annotated[bool, typer.Option("--all-partitions", help="all of the cluster")]
Planner = Callable[[Cluster, Collection[TopicPartition] | None], Awaitable[ChangePlan]]


@brokers_app.callback(invoke_without_command=True)
def brokers(context: typer.Context, *, json: Json = False, timeout: Timeout = None) -> None:
    """Every broker: where it stands, what it leads and holds, how much room it has left; replicas on the move."""
    if context.invoked_subcommand is None:
        run(context, _brokers, json=json, timeout=timeout)


@brokers_app.command("elect")
def elect(
    context: typer.Context,
    partition: Partitions = None,
    *,
    all_partitions: AllPartitions = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Let the preferred replica lead, where another one does."""
    _change(context, plan_elections, partition, all_partitions=all_partitions, dry_run=dry_run, yes=yes, json=json)


@brokers_app.command("cancel")
def cancel(
    context: typer.Context,
    partition: Partitions = None,
    *,
    all_partitions: AllPartitions = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take reassignments back that are in progress."""
    _change(context, plan_cancellations, partition, all_partitions=all_partitions, dry_run=dry_run, yes=yes, json=json)


def _change(
    context: typer.Context,
    planner: Planner,
    partition: list[str] | None,
    *,
    all_partitions: bool,
    dry_run: bool,
    yes: bool,
    json: bool,
) -> None:
    if all_partitions == bool(partition):
        raise typer.BadParameter("say either --all-partitions or which, as TOPIC:PARTITION")
    wanted = None if all_partitions else [partition_of(text) for text in partition or ()]

    async def make(session: Session) -> ChangePlan:
        return await planner(session.cluster, wanted)

    change(context, make, dry_run=dry_run, yes=yes, json=json)


async def _brokers(session: Session, output: Output) -> None:
    cluster = session.cluster
    rows, topics, moving = await asyncio.gather(broker_documents(cluster), cluster.topics(), _moving(cluster))
    loads = balance(topics, [row["id"] for row in rows], {})
    documents = [{**row, **_load(loads, row["id"])} for row in rows]
    if output.json:
        output.document({"brokers": documents, "reassignments": _reassignments(moving)})
        return
    _print(output, documents)
    if isinstance(moving, ClusterError):
        output.note(f"{moving.message}. {moving.hint}")
    else:
        for one in moving:
            output.say(f"{one.topic_partition} is on the move: replicas {one.replicas}, adding {one.adding}")


async def _moving(cluster: Cluster) -> tuple[Reassignment, ...] | ClusterError:
    try:
        return await cluster.machines.reassignments()
    except ClusterError as error:
        return error


def _load(loads: Balance, broker: int) -> dict[str, int]:
    load = next(one for one in loads.loads if one.broker == broker)
    return {
        "leaders": load.leaders,
        "preferred_leaders": load.preferred,
        "replicas": load.replicas,
        "out_of_sync": load.out_of_sync,
    }


def _reassignments(moving: tuple[Reassignment, ...] | ClusterError) -> list[dict[str, Any]] | None:
    if isinstance(moving, ClusterError):
        return None
    return [
        {
            "partition": str(one.topic_partition),
            "replicas": list(one.replicas),
            "adding": list(one.adding),
            "removing": list(one.removing),
        }
        for one in moving
    ]


def _print(output: Output, documents: Sequence[dict[str, Any]]) -> None:
    numbers = ("leaders", "preferred_leaders", "replicas", "out_of_sync")
    output.table(
        [
            OutputColumn("Id", number=True),
            OutputColumn("Address"),
            OutputColumn("Rack"),
            OutputColumn("Fenced"),
            *(OutputColumn(name.replace("_", " ").capitalize(), number=True) for name in numbers),
            OutputColumn("On disk, bytes", number=True),
            OutputColumn("Free, bytes", number=True),
        ],
        [
            [
                row["id"],
                f"{row['host']}:{row['port']}",
                row["rack"],
                row["fenced"],
                *(row[name] for name in numbers),
                _sum(row, "replicas_bytes"),
                _sum(row, "free_bytes"),
            ]
            for row in documents
        ],
    )
    for row in documents:
        if row["log_dirs_error"]:
            output.note(f"{row['log_dirs_error']['message']}. {row['log_dirs_error']['hint']}")


def _sum(row: dict[str, Any], name: str) -> int | None:
    """Over its log directories; None unless each of them told it."""
    told = [directory[name] for directory in row["log_dirs"] or ()]
    return sum(told) if told and None not in told else None
