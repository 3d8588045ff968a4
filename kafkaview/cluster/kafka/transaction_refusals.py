"""Reasons why the brokers would refuse a transaction, found before one is begun: rights, and the internal topics."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from confluent_kafka import KafkaError
from kafka.protocol.producer import (  # type: ignore[import-untyped]
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
)

from kafkaview.cluster.damage import reading
from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy, UnknownTopicOrPartition
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.cluster.kafka.configurations import of_topic, values_of_broker
from kafkaview.cluster.kafka.coordinator_partition import coordinator_partition
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.reroute_transaction import TRANSACTION_TIMEOUT_MS
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.kafka.topics import describe_topics
from kafkaview.cluster.kafka.transaction_listing import STATE_TOPIC
from kafkaview.terms import OFFSETS_TOPIC, Topic
from kafkaview.words import plural

_REPLICAS: Final = "transaction.state.log.replication.factor"
_LONGEST: Final = "transaction.max.timeout.ms"
_NO_PRODUCER: Final = -1  # a broker looks at the rights, and only then finds that no producer has this id
_OF_CLIENTS: Final = 3  # the newest version of AddPartitionsToTxn that is not for brokers alone (KIP-890)
_DOING: Final = "asking whether a transaction may be made"


async def refusals(
    columns: ColumnRequests,
    wire: BrokerRequests,
    transactional_id: str,
    topics: Collection[str],
    groups: Collection[str],
) -> tuple[ClusterError, ...]:
    """Returns the reasons against beginning the transaction, then those against its writes."""
    table = await columns.table(fresh=True)
    state, offsets = table.topic(STATE_TOPIC), table.topic(OFFSETS_TOPIC)
    found = await asyncio.gather(
        _of_internal_topic(wire, state, [transactional_id]),
        _of_brokers(wire, state_topic_is_seen=state is not None),
        _of_internal_topic(wire, offsets, groups),
        _rights(wire, transactional_id, topics, groups),
    )
    return tuple(refusal for some in found for refusal in some)


async def _of_internal_topic(wire: BrokerRequests, topic: Topic | None, keys: Collection[str]) -> list[ClusterError]:
    """Returns why the partitions that keep the transactional id, or the groups, accept no write."""
    if topic is None:
        return []
    count = len(topic.partitions)
    partitions = [topic.partitions[number] for number in sorted({coordinator_partition(key, count) for key in keys})]
    if not any(partition.leader is None or partition.out_of_sync for partition in partitions):
        return []
    try:
        settings = await of_topic(wire, topic.name)
    except ClusterError:  # without DESCRIBE_CONFIGS only a missing leader is known
        settings = ()
    least = next((int(one.value) for one in settings if one.name == MIN_IN_SYNC and one.value), None)
    return [refusal for partition in partitions if (refusal := write_refusal(partition, least)) is not None]


async def _of_brokers(wire: BrokerRequests, *, state_topic_is_seen: bool) -> list[ClusterError]:
    """Returns why the brokers' settings prevent the creation of an internal topic, where they may be read."""
    try:
        values = await values_of_broker(wire, await wire.answering_broker(_DOING), (_REPLICAS, _LONGEST))
    except ClusterError:
        return []
    found: list[ClusterError] = []
    longest, replicas = values.get(_LONGEST), values.get(_REPLICAS)
    if longest is not None and int(longest) < TRANSACTION_TIMEOUT_MS:
        message = f"The brokers let a transaction last {int(longest):,} ms, kafkaview needs {TRANSACTION_TIMEOUT_MS:,}"
        found.append(RefusedByPolicy(message, f"Raise {_LONGEST} of the brokers."))
    if replicas is not None and not state_topic_is_seen:
        running = len((await wire.info(fresh=True)).brokers)
        if int(replicas) > running and await _state_topic_is_missing(wire):
            message = (
                f"The cluster can keep no transactions: {STATE_TOPIC} is to be made with {replicas} replicas"
                f" ({_REPLICAS}), and {plural(running, 'broker runs', 'brokers run')}"
            )
            found.append(RefusedByPolicy(message, f"Start more brokers, or set {_REPLICAS} to {running} on each."))
    return found


async def _state_topic_is_missing(wire: BrokerRequests) -> bool:
    """Returns whether `__transaction_state` is missing. It is requested by name, because a list leaves out what may not
    be described.
    """
    return isinstance((await describe_topics(wire, [STATE_TOPIC]))[STATE_TOPIC], UnknownTopicOrPartition)


async def _rights(
    wire: BrokerRequests, transactional_id: str, topics: Collection[str], groups: Collection[str]
) -> list[ClusterError]:
    """Returns the missing rights, each once."""
    asked = [_missing_for_group(wire, transactional_id, group) for group in groups]
    if topics:
        asked.append(_missing_for_topics(wire, transactional_id, topics))
    missing = dict.fromkeys(right for some in await asyncio.gather(*asked) for right in some)
    return [NotAuthorized(f"The right {right} is missing", f"Ask for the right {right}.") for right in sorted(missing)]


async def _missing_for_topics(wire: BrokerRequests, transactional_id: str, topics: Collection[str]) -> list[str]:
    of_topic = AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
    request = AddPartitionsToTxnRequest(
        v3_and_below_transactional_id=transactional_id,
        v3_and_below_producer_id=_NO_PRODUCER,
        v3_and_below_producer_epoch=_NO_PRODUCER,
        v3_and_below_topics=[of_topic(name=name, partitions=[0]) for name in topics],
        max_version=_OF_CLIENTS,
    )
    answer = await wire.send_any(request, _DOING)
    with reading(_DOING):
        codes = {
            row.name: int(row.results_by_partition[0].partition_error_code)
            for row in answer.results_by_topic_v3_and_below
        }
    if KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED in codes.values():
        return [_right_to(transactional_id)]
    return [f"WRITE on Topic {name}" for name, code in codes.items() if code == KafkaError.TOPIC_AUTHORIZATION_FAILED]


async def _missing_for_group(wire: BrokerRequests, transactional_id: str, group: str) -> list[str]:
    request = AddOffsetsToTxnRequest(
        transactional_id=transactional_id, producer_id=_NO_PRODUCER, producer_epoch=_NO_PRODUCER, group_id=group
    )
    code = int((await wire.send_any(request, _DOING)).error_code)
    if code == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        return [_right_to(transactional_id)]
    return [f"READ on Group {group}"] if code == KafkaError.GROUP_AUTHORIZATION_FAILED else []


def _right_to(transactional_id: str) -> str:
    return f"WRITE on TransactionalId {transactional_id}"
