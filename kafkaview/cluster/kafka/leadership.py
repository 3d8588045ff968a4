"""Preferred-leader elections (KIP-460) and reassignments (KIP-455)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import (  # type: ignore[import-untyped]
    AlterPartitionReassignmentsRequest,
    ElectLeadersRequest,
    ListPartitionReassignmentsRequest,
)

from kafkaview.cluster.damage import listing, reading, rows_of, text_of
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.controller_requests import CONTROLLER_SECONDS, send_to_controller, top_level
from kafkaview.cluster.kafka.refusals import ALTER, DESCRIBE, check, refusal, words_of
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.brokers import Reassignment
from kafkaview.terms import TopicPartition

_PREFERRED: Final = 0  # ElectionType of ElectLeaders
_TIMEOUT_MS: Final = int(CONTROLLER_SECONDS * 1000) - 1000


async def reassignments(wire: BrokerRequests) -> tuple[Reassignment, ...]:
    """Returns the reassignments in progress, ordered by partition."""
    doing = "reading the reassignments"
    request = ListPartitionReassignmentsRequest(timeout_ms=_TIMEOUT_MS, topics=None)
    answer = await send_to_controller(wire, request, doing, top_level)
    check(answer.error_code, doing, DESCRIBE, answer.error_message)
    topics = listing(answer.topics, doing)
    found = (_reassignment(text_of(topic.name), row) for topic in topics for row in rows_of(topic.partitions))
    return tuple(sorted(found, key=lambda one: one.topic_partition))


def _reassignment(topic: str, row: Any) -> Reassignment:
    return Reassignment(
        TopicPartition(topic, row.partition_index),
        tuple(rows_of(row.replicas)),
        tuple(rows_of(row.adding_replicas)),
        tuple(rows_of(row.removing_replicas)),
    )


async def elect_preferred(
    wire: BrokerRequests, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, str | None]:
    """Elects the preferred leaders. Returns the broker's error text for a partition, None where its preferred replica
    leads now.
    """
    doing = "electing the preferred leaders"
    of_topic = ElectLeadersRequest.TopicPartitions
    rows = [of_topic(topic=topic, partitions=numbers) for topic, numbers in _by_topic(partitions).items()]
    request = ElectLeadersRequest(
        election_type=_PREFERRED, topic_partitions=rows, timeout_ms=_TIMEOUT_MS, min_version=1
    )
    answer = await send_to_controller(wire, request, doing, _code_of_election)
    check(answer.error_code, doing, ALTER)
    results = {
        TopicPartition(topic.topic, row.partition_id): _refusal_of(row)
        for topic in rows_of(answer.replica_election_results)
        for row in rows_of(topic.partition_result)
    }
    return {partition: results.get(partition, "the controller left it out of its answer") for partition in partitions}


def _code_of_election(answer: Any) -> int:
    """Returns the error code of an election. A ZooKeeper broker that is not the controller gives it in each row
    (KafkaApis.scala, 3.9).
    """
    codes = (row.error_code for topic in answer.replica_election_results for row in topic.partition_result)
    return top_level(answer) or next(codes, 0)


def _refusal_of(row: Any) -> str | None:
    if row.error_code in (0, KafkaError.ELECTION_NOT_NEEDED):  # it leads already
        return None
    return words_of(row.error_code, row.error_message)


async def cancel_reassignments(wire: BrokerRequests, partitions: Collection[TopicPartition]) -> None:
    """Cancels reassignments; one that has ended is no error."""
    doing = "taking reassignments back"
    of_topic = AlterPartitionReassignmentsRequest.ReassignableTopic
    rows = [
        of_topic(
            name=topic,
            partitions=[of_topic.ReassignablePartition(partition_index=number, replicas=None) for number in numbers],
        )
        for topic, numbers in _by_topic(partitions).items()
    ]
    request = AlterPartitionReassignmentsRequest(timeout_ms=_TIMEOUT_MS, topics=rows)
    answer = await send_to_controller(wire, request, doing, top_level)
    check(answer.error_code, doing, ALTER, answer.error_message)
    with reading(doing):
        for error in _not_cancelled(answer, doing):
            raise error


def _not_cancelled(answer: Any, doing: str) -> Iterable[ClusterError]:
    for topic in answer.responses:
        for row in topic.partitions:
            if row.error_code not in (0, KafkaError.NO_REASSIGNMENT_IN_PROGRESS):
                yield refusal(
                    row.error_code, f"{doing} of {topic.name}:{row.partition_index}", ALTER, row.error_message
                )


def _by_topic(partitions: Collection[TopicPartition]) -> Mapping[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for partition in sorted(partitions):
        numbers[partition.topic].append(partition.partition)
    return numbers
