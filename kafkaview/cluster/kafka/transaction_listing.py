"""Open transactions (KIP-664): every broker is asked for those that it coordinates.

A coordinator is never looked up, because that would create `__transaction_state` where it is missing.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError
from kafka.protocol.admin import DescribeTransactionsRequest, ListTransactionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import listing, reading, rows_of, text_of
from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.refusals import check, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.ports.transactions import TRANSACTIONS, OpenTransaction, Transactions
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.terms import TopicPartition

# TransactionState of 4.4.0; a broker leaves those that it does not know out of its filter.
_NOT_ENDED: Final = ("Ongoing", "PrepareCommit", "PrepareAbort", "PrepareEpochFence")
STATE_TOPIC: Final = "__transaction_state"
_ID_NOT_FOUND: Final = 105  # TRANSACTIONAL_ID_NOT_FOUND, which librdkafka does not name
_NOT_HERE: Final = (_ID_NOT_FOUND, KafkaError.NOT_COORDINATOR)

Rows = Sequence[OpenTransaction | ClusterError]
T = TypeVar("T")


async def open_transactions(columns: ColumnRequests, wire: BrokerRequests) -> Transactions:
    """Returns the transactions that each broker coordinates, with an error for each silent broker, for missing
    coordinators, and for transactions that may not be described.
    """
    brokers = await wire.broker_ids()
    answers = await asyncio.gather(*(_list_of_broker(wire, broker) for broker in brokers))
    errors, rows = _split_errors(answers)
    if errors and not rows:
        raise errors[0]
    refused, found = _split_errors(chain.from_iterable(rows))
    holes = await asyncio.gather(_find_leaderless(columns), _check_right(wire))
    silent = [
        Unseen(TRANSACTIONS, answer, broker=broker)
        for broker, answer in zip(brokers, answers, strict=True)
        if isinstance(answer, ClusterError)
    ]
    hidden = [Unseen(TRANSACTIONS, error) for error in (*refused, *holes) if error is not None]
    return Transactions(tuple(sorted(found, key=lambda one: one.transactional_id)), (*silent, *hidden))


async def describe_transaction(
    columns: ColumnRequests, wire: BrokerRequests, transactional_id: str
) -> OpenTransaction | None:
    """Returns one transaction in any state, from its coordinator."""
    brokers = await wire.broker_ids()
    answers = await asyncio.gather(*(_describe_of_broker(wire, broker, [transactional_id]) for broker in brokers))
    errors, rows = _split_errors(answers)
    refused, found = _split_errors(chain.from_iterable(rows))
    if found:
        return found[0]
    silent = [error for error in (*refused, *errors, await _find_leaderless(columns)) if error is not None]
    if silent:
        raise silent[0]
    return None


async def _list_of_broker(wire: BrokerRequests, broker: int) -> Rows | ClusterError:
    doing = f"listing the transactions of broker {broker}"
    request = ListTransactionsRequest(state_filters=list(_NOT_ENDED), producer_id_filters=[], min_version=0)
    try:
        answer = await wire.send(request, broker, doing)
        check(answer.error_code, doing, "DESCRIBE on TransactionalId *")
        ids = [text_of(row.transactional_id) for row in listing(answer.transaction_states, doing)]
    except ClusterError as error:
        return error
    return await _describe_of_broker(wire, broker, ids) if ids else ()


async def _describe_of_broker(wire: BrokerRequests, broker: int, ids: Sequence[str]) -> Rows | ClusterError:
    """Returns the transactions that this broker coordinates and knows, or why it does not describe one."""
    doing = f"describing transactions of broker {broker}"
    try:
        answer = await wire.send(DescribeTransactionsRequest(transactional_ids=list(ids)), broker, doing)
        rows = listing(answer.transaction_states, doing)
    except ClusterError as error:
        return error
    return [_transaction(broker, row) for row in rows if row.error_code not in _NOT_HERE]


def _split_errors(answers: Iterable[T | ClusterError]) -> tuple[list[ClusterError], list[T]]:
    errors, values = [], []
    for answer in answers:
        if isinstance(answer, ClusterError):
            errors.append(answer)
        else:
            values.append(answer)
    return errors, values


def _transaction(coordinator: int, row: Any) -> OpenTransaction | ClusterError:
    name = text_of(row.transactional_id)
    if row.error_code:
        return refusal(row.error_code, f"describing the transaction {name}", f"DESCRIBE on TransactionalId {name}")
    return OpenTransaction(
        name,
        row.producer_id,
        row.producer_epoch,
        coordinator,
        text_of(row.transaction_state),
        none_if_negative(row.transaction_start_time_ms),
        none_if_negative(row.transaction_timeout_ms),
        tuple(
            sorted(
                TopicPartition(text_of(topic.topic), number)
                for topic in rows_of(row.topics)
                for number in rows_of(topic.partitions)
            )
        ),
    )


async def _find_leaderless(columns: ColumnRequests) -> ClusterError | None:
    """Returns the error for transactions without a coordinator, which no broker lists or mentions."""
    topic = (await columns.table(fresh=True)).topic(STATE_TOPIC)
    away = [one.partition for one in topic.partitions if one.leader is None] if topic is not None else []
    if not away:
        return None
    numbers = ", ".join(map(str, away))
    return Unreachable(
        f"Transactions of the partitions {numbers} of {STATE_TOPIC} are unknown: these partitions have no leader",
        "Check whether the brokers that hold them run.",
    )


async def _check_right(wire: BrokerRequests) -> ClusterError | None:
    """Returns NotAuthorized where brokers silently leave transactions out. A principal that may describe an id that
    nobody has may describe all.
    """
    unused = f"kafkaview-{uuid.uuid4()}"
    doing = "looking whether every transaction may be seen"
    try:
        answer = await wire.send_any(DescribeTransactionsRequest(transactional_ids=[unused]), doing)
        with reading(doing):
            code = answer.transaction_states[0].error_code
    except ClusterError as error:
        return error
    if not isinstance(response_error(code, doing), NotAuthorized):
        return None
    return NotAuthorized(
        "Transactions whose ids may not be described are left out by the brokers",
        "Ask for the right DESCRIBE on TransactionalId *.",
    )
