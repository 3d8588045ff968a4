"""`kafkaview transactions`: those that are open, those that hang, and aborting one of these."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from kafkaview.cli.broker_documents import error_document
from kafkaview.cli.documents import iso
from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output, OutputColumn
from kafkaview.cli.writes import DryRun, Yes, change
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.transactions import OpenTransaction
from kafkaview.coordination.transaction_plans import plan_abort
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenOnPartition, OpenTransactionState, find_hanging
from kafkaview.writes.plan import ChangePlan

transactions_app = typer.Typer(help="Open and hanging transactions.", add_completion=False)


@transactions_app.callback(invoke_without_command=True)
def transactions(
    context: typer.Context,
    *,
    hanging: Annotated[
        bool, typer.Option("--hanging", help="those of all partitions that nobody will end, as kafka-transactions does")
    ] = False,
    longest: Annotated[
        float | None,
        typer.Option(
            "--max-transaction-timeout",
            min=0.0,
            metavar="MINUTES",
            help="how long one may take (default: the brokers' transaction.max.timeout.ms)",
        ),
    ] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Transactions that are open or ending, as their coordinators tell them; with --hanging those that hang."""
    if context.invoked_subcommand is not None:
        return
    longest_ms = None if longest is None else max(1, int(longest * 60_000))

    async def work(session: Session, output: Output) -> None:
        if hanging:
            await _hanging(session, output, longest_ms)
        else:
            await _open(session, output)

    run(context, work, json=json, timeout=timeout)


@transactions_app.command("abort")
def abort(
    context: typer.Context,
    partition: Annotated[str, typer.Argument(help="where it hangs, as TOPIC:PARTITION")],
    *,
    producer_id: Annotated[int, typer.Option("--producer-id", min=0, help="whose it is")],
    start_offset: Annotated[
        int | None, typer.Option("--start-offset", min=0, help="where it has to have begun")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Abort one transaction on one partition, so that read_committed consumers go on."""
    where = partition_of(partition)

    async def make(session: Session) -> ChangePlan:
        return await plan_abort(session.cluster, where, producer_id, start_offset)

    change(context, make, dry_run=dry_run, yes=yes, json=json)


def partition_of(text: str) -> TopicPartition:
    """Read TOPIC:PARTITION. Raises BadParameter."""
    topic, colon, number = text.rpartition(":")
    if not colon or not topic or not number.isdecimal():
        raise typer.BadParameter(f"{text!r} is not TOPIC:PARTITION")
    return TopicPartition(topic, int(number))


async def _open(session: Session, output: Output) -> None:
    told = await session.cluster.producers.transactions()
    now_ms = time.time_ns() // 1_000_000
    rows = [_open_document(one, now_ms) for one in told.open]
    if output.json:
        output.document({"transactions": rows, "errors": [error_document(error) for error in told.errors]})
    else:
        _print(output, rows, told.errors)


async def _hanging(session: Session, output: Output, longest_ms: int | None) -> None:
    told = await find_hanging(session, longest_ms=longest_ms)
    rows = [_hanging_document(one) for one in told.hanging]
    untold = [_hanging_document(one) for one in told.found if one.standing is OpenTransactionState.UNTOLD]
    if output.json:
        errors = [error_document(error) for error in told.errors]
        output.document({"transactions": rows, "untold": untold, "errors": errors})
        return
    _print(output, [*rows, *untold], told.errors)
    for row in (*rows, *untold):
        output.say(f"{row['partitions'][0]}: {row['hanging'] or row['reason']}")


def _open_document(one: OpenTransaction, now_ms: int) -> dict[str, Any]:
    return {
        "transactional_id": one.transactional_id,
        "producer_id": one.producer_id,
        "producer_epoch": one.producer_epoch,
        "coordinator": one.coordinator,
        "state": one.state,
        "started_at": iso(one.started_at_ms),
        "timeout_ms": one.timeout_ms,
        "age_ms": None if one.started_at_ms is None else max(0, now_ms - one.started_at_ms),
        "partitions": [str(partition) for partition in one.partitions],
        "hanging": None,
    }


def _hanging_document(one: OpenOnPartition) -> dict[str, Any]:
    """The age is the time since the producer's last record there: when it began is not told."""
    known = one.transaction
    return {
        "transactional_id": known.transactional_id if known else None,
        "producer_id": one.producer.producer_id,
        "producer_epoch": one.producer.producer_epoch,
        "coordinator": known.coordinator if known else None,
        "state": known.state if known else None,
        "started_at": None,
        "timeout_ms": known.timeout_ms if known else None,
        "age_ms": one.silent_ms,
        "partitions": [str(one.producer.topic_partition)],
        "start_offset": one.producer.transaction_start_offset,
        "hanging": one.reason if one.standing is OpenTransactionState.HANGING else None,
        "reason": one.reason,
    }


def _print(output: Output, rows: Sequence[dict[str, Any]], errors: Sequence[ClusterError]) -> None:
    texts, numbers = ("transactional_id", "state"), ("producer_id", "producer_epoch", "coordinator", "age_ms")
    output.table(
        [
            *(OutputColumn(_title(name)) for name in texts),
            *(OutputColumn(_title(name), number=True) for name in numbers),
            OutputColumn("Partitions"),
        ],
        [[*(row[name] for name in (*texts, *numbers)), " ".join(row["partitions"])] for row in rows],
    )
    for error in errors:
        output.note(f"{error.message}. {error.hint}")


def _title(name: str) -> str:
    return name.replace("_ms", ", ms").replace("_", " ").capitalize()
