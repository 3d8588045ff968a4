"""Producers and transactions as real brokers tell them (KIP-664): each broker, coordinator and leader by itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    DescribeProducersRequest,
    DescribeTransactionsRequest,
    ListTransactionsRequest,
)
from kafka.protocol.metadata import FindCoordinatorRequest  # type: ignore[import-untyped]
from kafka.protocol.producer import WriteTxnMarkersRequest  # type: ignore[import-untyped]

from kafkaview.cluster import topics as topic_requests
from kafkaview.cluster.admin import Admin
from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.producing import OpenTransaction, ProducerState, Transactions
from kafkaview.cluster.refusals import ALTER, check, refusal
from kafkaview.cluster.wire import Wire
from kafkaview.terms import TopicPartition

# TransactionState of 4.4.0; a release that does not know one leaves it out of its filter.
_NOT_ENDED: Final = ("Ongoing", "PrepareCommit", "PrepareAbort", "PrepareEpochFence")
_TRANSACTION_KEY: Final = 1
_ID_NOT_FOUND: Final = 105  # TRANSACTIONAL_ID_NOT_FOUND, that librdkafka does not know
_STATE_TOPIC: Final = "__transaction_state"
_AT_ONCE: Final = 500  # partitions of one DescribeProducers, as in Kafka's own tool
_NO_COORDINATOR_EPOCH: Final = 0  # for a producer that never ended a transaction there (TransactionsCommand.java)


class KafkaProducers:
    """The producers of one open connection's brokers, whose clients it borrows."""

    def __init__(self, admin: Admin, wire: Wire) -> None:
        self._admin = admin
        self._wire = wire

    async def transactions(self) -> Transactions:
        """What each broker coordinates, with an error for each that is silent and for coordinators that are away."""
        brokers = await self._wire.broker_ids()
        answers = await asyncio.gather(*(self._coordinated(b) for b in brokers), self._uncoordinated())
        errors = [answer for answer in answers if isinstance(answer, ClusterError)]
        if len(errors) >= len(brokers) and not any(isinstance(answer, list) for answer in answers[:-1]):
            raise errors[0]
        found = chain.from_iterable(answer for answer in answers if isinstance(answer, list))
        return Transactions(tuple(sorted(found, key=lambda one: one.transactional_id)), tuple(errors))

    async def producers(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        """What each partition's leader knows."""
        leaders = await topic_requests.leaders(self._admin)
        told: dict[TopicPartition, tuple[ProducerState, ...] | ClusterError] = {}
        of_leader: dict[int, list[TopicPartition]] = defaultdict(list)
        for partition in partitions:
            leader = leaders.get(partition)
            if leader is None:
                told[partition] = _without_leader(partition, known=partition in leaders)
            else:
                of_leader[leader].append(partition)
        asked = [(leader, some) for leader, all_its in of_leader.items() for some in _portions(all_its)]
        for answer in await asyncio.gather(*(self._known_to(leader, some) for leader, some in asked)):
            told.update(answer)
        return told

    async def described(self, transactional_id: str) -> OpenTransaction | None:
        """Asked of its coordinator."""
        doing = f"describing the transaction {transactional_id}"
        request = FindCoordinatorRequest(key_type=_TRANSACTION_KEY, coordinator_keys=[transactional_id], min_version=4)
        answer = await self._wire.send_any(request, doing)
        (found,) = answer.coordinators
        check(found.error_code, doing, f"DESCRIBE on TransactionalId {transactional_id}")
        described = await self._described(found.node_id, [transactional_id])
        return described[0] if described else None

    async def abort(self, producer: ProducerState) -> None:
        """One abort marker, at the leader; it refuses one of an epoch that is over."""
        where = producer.topic_partition
        doing = f"aborting the transaction of producer {producer.producer_id} on {where}"
        leader = (await topic_requests.leaders(self._admin)).get(where)
        if leader is None:
            raise _without_leader(where, known=True)
        answer = await self._wire.send(_abort_marker(producer), leader, doing)
        for marker in answer.markers:
            for topic in marker.topics:
                for partition in topic.partitions:
                    check(partition.error_code, doing, ALTER)

    async def _coordinated(self, broker: int) -> list[OpenTransaction] | ClusterError:
        doing = f"listing the transactions of broker {broker}"
        request = ListTransactionsRequest(state_filters=list(_NOT_ENDED), producer_id_filters=[], min_version=0)
        try:
            answer = await self._wire.send(request, broker, doing)
            check(answer.error_code, doing, "DESCRIBE on each TransactionalId")
            return await self._described(broker, [row.transactional_id for row in answer.transaction_states])
        except ClusterError as error:
            return error

    async def _described(self, coordinator: int, ids: Sequence[str]) -> list[OpenTransaction]:
        """Those of the ids that their coordinator knows."""
        if not ids:
            return []
        doing = f"describing the transactions of broker {coordinator}"
        answer = await self._wire.send(DescribeTransactionsRequest(transactional_ids=list(ids)), coordinator, doing)
        for row in answer.transaction_states:
            if row.error_code != _ID_NOT_FOUND:
                check(row.error_code, doing, f"DESCRIBE on TransactionalId {row.transactional_id}")
        return [_transaction(coordinator, row) for row in answer.transaction_states if not row.error_code]

    async def _uncoordinated(self) -> ClusterError | None:
        """Transactions whose coordinator is away are listed by nobody, and no broker says so."""
        leaders = await topic_requests.leaders(self._admin)
        away = sorted(tp.partition for tp, leader in leaders.items() if tp.topic == _STATE_TOPIC and leader is None)
        if not away:
            return None
        numbers = ", ".join(map(str, away))
        return Unreachable(
            f"Transactions of the partitions {numbers} of {_STATE_TOPIC} cannot be told: they have no leader",
            "Check whether the brokers that hold them run.",
        )

    async def _known_to(
        self, leader: int, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        doing = f"describing the producers of broker {leader}"
        try:
            answer = await self._wire.send(_producers_request(partitions), leader, doing)
        except ClusterError as error:
            return dict.fromkeys(partitions, error)
        return {
            TopicPartition(topic.name, row.partition_index): _states(
                TopicPartition(topic.name, row.partition_index), row
            )
            for topic in answer.topics
            for row in topic.partitions
        }


def _portions(partitions: Sequence[TopicPartition]) -> Iterable[Sequence[TopicPartition]]:
    return (partitions[start : start + _AT_ONCE] for start in range(0, len(partitions), _AT_ONCE))


def _producers_request(partitions: Sequence[TopicPartition]) -> Any:
    numbers: dict[str, list[int]] = defaultdict(list)
    for partition in partitions:
        numbers[partition.topic].append(partition.partition)
    of_topic = DescribeProducersRequest.TopicRequest
    return DescribeProducersRequest(topics=[of_topic(name=n, partition_indexes=some) for n, some in numbers.items()])


def _abort_marker(producer: ProducerState) -> Any:
    of_marker = WriteTxnMarkersRequest.WritableTxnMarker
    where, epoch = producer.topic_partition, producer.coordinator_epoch
    marker = of_marker(
        producer_id=producer.producer_id,
        producer_epoch=producer.producer_epoch,
        transaction_result=False,
        topics=[of_marker.WritableTxnMarkerTopic(name=where.topic, partition_indexes=[where.partition])],
        coordinator_epoch=_NO_COORDINATOR_EPOCH if epoch is None else epoch,
    )
    return WriteTxnMarkersRequest(markers=[marker])


def _transaction(coordinator: int, row: Any) -> OpenTransaction:
    return OpenTransaction(
        row.transactional_id,
        row.producer_id,
        row.producer_epoch,
        coordinator,
        row.transaction_state,
        _told(row.transaction_start_time_ms),
        _told(row.transaction_timeout_ms),
        tuple(sorted(TopicPartition(topic.topic, number) for topic in row.topics for number in topic.partitions)),
    )


def _states(where: TopicPartition, row: Any) -> tuple[ProducerState, ...] | ClusterError:
    if row.error_code:
        return refusal(row.error_code, f"describing the producers of {where}", f"READ on Topic {where.topic}")
    return tuple(
        ProducerState(
            where,
            one.producer_id,
            one.producer_epoch,
            _told(one.last_timestamp),
            _told(one.coordinator_epoch),
            _told(one.current_txn_start_offset),
        )
        for one in row.active_producers
    )


def _without_leader(partition: TopicPartition, *, known: bool) -> ClusterError:
    if known:
        return Unreachable(f"{partition} has no leader", "Check whether the brokers that hold it run.")
    return UnknownTopicOrPartition(
        f"There is no {partition}.", "Check the name; without the right to describe a topic it looks missing."
    )


def _told(number: int | None) -> int | None:
    return None if number is None or number < 0 else number
