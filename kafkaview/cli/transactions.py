"""`kafkaview transactions`: open and hanging transactions, and a plan that aborts a hanging one."""

from __future__ import annotations

from typing import Annotated

import typer

from kafkaview.cli.execution import Json, Timeout, run
from kafkaview.cli.output import Output
from kafkaview.cli.writes import Write, write_verb
from kafkaview.clock import now_ms
from kafkaview.cluster.ports.transactions import TRANSACTIONS
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.coordination.listed_columns import error_document
from kafkaview.coordination.transaction_plans import plan_abort
from kafkaview.fields import row_documents
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenTransactionState, find_hanging
from kafkaview.triage.watch.transactions import ORPHAN_FIELDS, TRANSACTION_FIELDS, ListedTransaction

transactions_app = typer.Typer(help="List open and hanging transactions; abort one.", add_completion=False)


@transactions_app.callback(invoke_without_command=True)
def transactions(
    context: typer.Context,
    *,
    hanging: Annotated[
        bool,
        typer.Option(
            "--hanging",
            help="search all partitions for transactions that nobody will end, like kafka-transactions find-hanging",
        ),
    ] = False,
    longest: Annotated[
        float | None,
        typer.Option(
            "--max-transaction-timeout",
            min=0.0,
            metavar="MINUTES",
            help="the longest time a transaction may last (default: the brokers' transaction.max.timeout.ms)",
        ),
    ] = None,
    json: Json = False,
    timeout: Timeout = None,
) -> None:
    """List the open transactions that the coordinators report; with --hanging those that nobody will end."""
    if context.invoked_subcommand is not None:
        return
    longest_ms = None if longest is None else max(1, int(longest * 60_000))

    async def work(session: Session, output: Output) -> None:
        if hanging:
            await _print_hanging(session, output, longest_ms)
        else:
            await _print_open(session, output)

    run(context, work, json=json, timeout=timeout)


@transactions_app.command("abort")
@write_verb
def abort(
    partition: Annotated[str, typer.Argument(help="the partition with the transaction, as TOPIC:PARTITION")],
    *,
    producer_id: Annotated[int, typer.Option("--producer-id", min=0, help="the producer of the transaction")],
    start_offset: Annotated[
        int | None, typer.Option("--start-offset", min=0, help="abort only a transaction that starts at this offset")
    ] = None,
) -> Write:
    """Abort a transaction on one partition, so that read_committed consumers can continue."""
    where = partition_of(partition)

    return Write(lambda session: plan_abort(session.cluster, where, producer_id, start_offset))


def partition_of(text: str) -> TopicPartition:
    """Returns the partition of a TOPIC:PARTITION text. Raises BadParameter."""
    topic, colon, number = text.rpartition(":")
    if not colon or not topic or not number.isdecimal():
        raise typer.BadParameter(f"'{text}' is not TOPIC:PARTITION")
    return TopicPartition(topic, int(number))


async def _print_open(session: Session, output: Output) -> None:
    answer = await session.cluster.transactions.transactions()
    now = now_ms()
    rows = [ListedTransaction.of_coordinator(one, now) for one in answer.open]
    if output.json:
        documents = row_documents(TRANSACTION_FIELDS, rows)
        errors = [error_document(error) for error in answer.errors]
        output.document({"transactions": documents, "errors": errors, **output.unseen(answer.unseen)})
    else:
        output.listing(TRANSACTIONS, TRANSACTION_FIELDS, rows, answer.unseen)


async def _print_hanging(session: Session, output: Output, longest_ms: int | None) -> None:
    answer = await find_hanging(session, longest_ms=longest_ms)
    rows = [ListedTransaction.of_partition(one) for one in answer.hanging]
    unknown = [
        ListedTransaction.of_partition(one) for one in answer.found if one.standing is OpenTransactionState.UNKNOWN
    ]
    hidden = () if answer.hidden is None else (answer.hidden,)
    unseen = [Unseen(TRANSACTIONS, error) for error in (*answer.errors, *hidden)]
    if output.json:
        lists = {"transactions": rows, "untold": unknown}
        documents = {name: row_documents(ORPHAN_FIELDS, some) for name, some in lists.items()}
        errors = [error_document(error) for error in answer.errors]
        output.document({**documents, "errors": errors, **output.unseen(unseen)})
        return
    output.listing(TRANSACTIONS, TRANSACTION_FIELDS, [*rows, *unknown], unseen)
    for row in (*rows, *unknown):
        output.say(f"{row.partitions[0]}: {row.reason}")
