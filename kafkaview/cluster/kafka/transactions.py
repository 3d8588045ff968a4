"""The port over transactions for real brokers, implemented with kafka-python's requests (KIP-664)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from kafka.protocol.admin import DescribeProducersRequest  # type: ignore[import-untyped]
from kafka.protocol.producer import WriteTxnMarkersRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import left_out, reading, rows_of, text_of
from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition
from kafkaview.cluster.kafka import transaction_listing, transaction_refusals
from kafkaview.cluster.kafka.refusals import ALTER, check, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.leaders import leaderless
from kafkaview.cluster.ports.columns import PartitionTable
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState, Transactions
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.terms import TopicPartition

_WRITTEN_SECONDS: Final = 6.0  # the leader answers when the replicas in sync have the marker
_AT_ONCE: Final = 500  # partitions of one DescribeProducers, as in Kafka's own tool
_NO_COORDINATOR_EPOCH: Final = 0  # for a producer that never ended a transaction there (TransactionsCommand.java)

States = tuple[ProducerState, ...]


class KafkaTransactions:
    """Producers and their transactions, over the connections of one open cluster."""

    def __init__(self, columns: ColumnRequests, wire: BrokerRequests) -> None:
        self._columns = columns
        self._wire = wire

    async def transactions(self) -> Transactions:
        """Asks every coordinator."""
        return await transaction_listing.open_transactions(self._columns, self._wire)

    async def describe(self, transactional_id: str) -> OpenTransaction | None:
        """Asks the transaction's coordinator."""
        return await transaction_listing.describe_transaction(self._columns, self._wire, transactional_id)

    async def producers(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, States | ClusterError]:
        """Asks each partition's leader."""
        table = await self._columns.table(fresh=True)
        states: dict[TopicPartition, States | ClusterError] = {}
        of_leader: dict[int, list[TopicPartition]] = defaultdict(list)
        for partition in partitions:
            place = table.place_of(partition)
            leader = -1 if place < 0 else int(table.leader[place])
            if leader < 0:
                states[partition] = _without_leader(table, partition)
            else:
                of_leader[leader].append(partition)
        for answer in await asyncio.gather(*(self._ask_leader(leader, its) for leader, its in of_leader.items())):
            states.update(answer)
        return states

    async def refusals(
        self, transactional_id: str, topics: Collection[str], groups: Collection[str]
    ) -> tuple[ClusterError, ...]:
        """Sends requests that change nothing because no producer may make them; the brokers check the rights all the
        same.
        """
        return await transaction_refusals.refusals(self._columns, self._wire, transactional_id, topics, groups)

    async def abort(self, producer: ProducerState) -> None:
        """Sends one abort marker to the leader, which refuses the epoch of an ended transaction."""
        where = producer.topic_partition
        doing = f"aborting the transaction of producer {producer.producer_id} on {where}"
        table = await self._columns.table(fresh=True)
        place = table.place_of(where)
        leader = -1 if place < 0 else int(table.leader[place])
        if leader < 0:
            raise _without_leader(table, where)
        answer = await self._wire.send_aside(_abort_marker(producer), leader, doing, _WRITTEN_SECONDS)
        with reading(doing):
            for marker in answer.markers:
                for topic in marker.topics:
                    for partition in topic.partitions:
                        check(partition.error_code, doing, ALTER)

    async def _ask_leader(
        self, leader: int, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, States | ClusterError]:
        """Sends the partitions of one leader in portions; stops once it is silent."""
        doing = f"describing the producers of broker {leader}"
        states: dict[TopicPartition, States | ClusterError] = {}
        for some in _portions(partitions):
            try:
                answer = await self._wire.send(_producers_request(some), leader, doing)
            except ClusterError as error:
                return dict.fromkeys(partitions, error) | states
            states |= dict.fromkeys(some, left_out(doing))
            for topic in rows_of(answer.topics):
                for row in rows_of(topic.partitions):
                    where = TopicPartition(text_of(topic.name), row.partition_index)
                    states[where] = _states(where, row)
        return states


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


def _states(where: TopicPartition, row: Any) -> States | ClusterError:
    if row.error_code:
        doing = f"describing the producers of {where}"
        return refusal(row.error_code, doing, f"READ on Topic {where.topic}", row.error_message)
    return tuple(
        ProducerState(
            where,
            one.producer_id,
            one.producer_epoch,
            none_if_negative(one.last_timestamp),
            none_if_negative(one.coordinator_epoch),
            none_if_negative(one.current_txn_start_offset),
        )
        for one in rows_of(row.active_producers)
    )


def _without_leader(table: PartitionTable, partition: TopicPartition) -> ClusterError:
    known = table.one(partition)
    if known is not None:
        return leaderless(known)
    return UnknownTopicOrPartition(
        f"There is no {partition}", "Check the name; without the right to describe a topic it looks missing."
    )
