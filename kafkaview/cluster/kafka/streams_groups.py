"""Groups of Kafka Streams (KIP-1071): members own tasks, and a task reads one partition of each of its topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.kafka.messages import StreamsGroupDescribeRequest
from kafkaview.cluster.ports.columns import PartitionTable
from kafkaview.terms import TopicPartition

TaskTopics = Mapping[str, tuple[str, ...]]  # by subtopology


def streams_request(groups: Sequence[str]) -> StreamsGroupDescribeRequest:
    """Returns the request for the members of some groups."""
    return StreamsGroupDescribeRequest(group_ids=list(groups))


def topics_of_tasks(group: Any) -> TaskTopics:
    """Returns the topics that the tasks of a group read; empty while its topology is unknown."""
    subtopologies = (group.topology and group.topology.subtopologies) or ()
    return {one.subtopology_id: _topics_of(one) for one in subtopologies}


def read_tasks(member: Any, topics: TaskTopics, table: PartitionTable) -> tuple[TopicPartition, ...] | None:
    """Returns the partitions that a member's tasks read; None where its assignment is not readable."""
    try:
        return tuple(sorted(_partitions_of(member.assignment.active_tasks, topics, table)))
    except DAMAGE:
        return None


def _topics_of(subtopology: Any) -> tuple[str, ...]:
    return (*subtopology.source_topics, *(one.name for one in subtopology.repartition_source_topics))


def _partitions_of(tasks: Any, topics: TaskTopics, table: PartitionTable) -> Iterator[TopicPartition]:
    """Yields the partitions that tasks read; a task has none of a topic with fewer partitions than the others."""
    for task in tasks:
        for topic in topics.get(task.subtopology_id, ()):
            for number in task.partitions:
                one = TopicPartition(topic, number)
                if topic not in table.index or table.place_of(one) >= 0:
                    yield one
