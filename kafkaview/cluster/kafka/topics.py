"""Topics: partitions, settings, creation and deletion."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from confluent_kafka import KafkaError
from kafka.protocol.admin import CreateTopicsRequest, DeleteTopicsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading
from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.kafka.configurations import draft_setting, of_topic
from kafkaview.cluster.kafka.controller_requests import ask_controller
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.metadata import metadata_request, read_metadata
from kafkaview.cluster.kafka.refusals import check, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.ports.cluster import TopicDraft, TopicSetting
from kafkaview.cluster.ports.names import name_problem
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.terms import Topic

UNTIL_KNOWN_SECONDS: Final = 10.0
_CREATE_SECONDS: Final = 6.0


async def all_topics(columns: ColumnRequests) -> tuple[Topic, ...]:
    """Returns every topic of the metadata, ordered by name."""
    table = await columns.table(fresh=True)
    return tuple(topic for name in table.topics if (topic := table.topic(name)) is not None)


async def describe_topics(wire: BrokerRequests, names: Collection[str]) -> dict[str, Topic | ClusterError]:
    """Returns the named topics, each with its own error. Creates none."""
    doing = "describing the topic" if len(names) == 1 else "describing topics"
    problems: dict[str, Topic | ClusterError] = {
        name: UnknownTopicOrPartition(problem.message, problem.hint)
        for name in names
        if (problem := name_problem("The topic", name))
    }
    left = [name for name in names if name not in problems]
    if not left:
        return problems
    metadata = read_metadata(await wire.send_any(metadata_request(left), doing))
    return problems | {
        name: _described_error(metadata.errors[name], doing)
        if name in metadata.errors
        else metadata.table.topic(name) or response_error(KafkaError.UNKNOWN_TOPIC_OR_PART, doing)
        for name in left
    }


def _described_error(code: int, doing: str) -> ClusterError:
    """Returns the error of a topic in the metadata. One whose name Kafka refuses is not there: such names come from
    headers and files, too.
    """
    error = response_error(code, doing)
    return UnknownTopicOrPartition(error.message, error.hint) if code == KafkaError.TOPIC_EXCEPTION else error


async def one_topic(wire: BrokerRequests, name: str) -> Topic:
    """Returns one topic by name."""
    if not name:
        raise UnknownTopicOrPartition("A topic has a name.")
    topic = (await describe_topics(wire, [name]))[name]
    if isinstance(topic, UnknownTopicOrPartition) and name_problem("The topic", name) is None:
        raise UnknownTopicOrPartition(f"There is no topic {name}: {topic.message}", topic.hint) from topic
    if isinstance(topic, ClusterError):
        raise topic
    return topic


async def settings(wire: BrokerRequests, name: str) -> tuple[TopicSetting, ...]:
    """Returns a topic's configuration."""
    return tuple(
        TopicSetting(one.name, one.value, one.source, one.is_default, one.sensitive)
        for one in await of_topic(wire, name)
    )


async def create(
    wire: BrokerRequests,
    name: str,
    partitions: int | None,
    replication_factor: int | None,
    topic_settings: Mapping[str, str] | None,
) -> UUID | None:
    """Creates a topic, waits until the brokers know it with all its leaders, and returns its id; None where the answer
    has none (version 7 has it), or was lost.
    """
    row, again = await _send_creation(wire, _creatable(name, partitions, replication_factor, topic_settings))
    if row.error_code and not (again and row.error_code == KafkaError.TOPIC_ALREADY_EXISTS):
        raise _creation_refused(row)
    await _wait_until_known(wire, name)
    topic_id: UUID | None = row.topic_id
    return topic_id if not row.error_code and topic_id is not None and topic_id.int else None


async def draft(
    wire: BrokerRequests,
    name: str,
    partitions: int | None,
    replication_factor: int | None,
    topic_settings: Mapping[str, str] | None,
) -> TopicDraft:
    """Returns the topic that a creation would make, and creates none."""
    wished = _creatable(name, partitions, replication_factor, topic_settings)
    row, _ = await _send_creation(wire, wished, validate_only=True)
    if row.error_code:
        raise _creation_refused(row)
    if row.topic_config_error_code or row.configs is None:
        return TopicDraft(replication_factor, partitions=partitions)
    return TopicDraft(
        none_if_negative(row.replication_factor),
        tuple(draft_setting(one) for one in row.configs),
        none_if_negative(row.num_partitions),
    )


async def delete(wire: BrokerRequests, name: str) -> None:
    """Deletes a topic."""
    doing = f"deleting the topic {name}"
    request = DeleteTopicsRequest(topic_names=[name], timeout_ms=round(1_000 * _CREATE_SECONDS), max_version=5)
    answered = await ask_controller(wire, request, doing, lambda answer: int(answer.responses[0].error_code))
    (row,) = answered.answer.responses
    if answered.again and row.error_code == KafkaError.UNKNOWN_TOPIC_OR_PART:
        return  # the broker that fell silent had it done
    check(row.error_code, doing, f"DELETE on Topic {name}", row.error_message)


def _creatable(
    name: str, partitions: int | None, replication_factor: int | None, topic_settings: Mapping[str, str] | None
) -> Any:
    of_topic = CreateTopicsRequest.CreatableTopic
    return of_topic(
        name=name,
        num_partitions=-1 if partitions is None else partitions,
        replication_factor=-1 if replication_factor is None else replication_factor,
        assignments=[],
        configs=[of_topic.CreatableTopicConfig(name=key, value=value) for key, value in (topic_settings or {}).items()],
    )


async def _send_creation(wire: BrokerRequests, wished: Any, *, validate_only: bool = False) -> tuple[Any, bool]:
    """Returns the row of the answer for the topic, and whether a broker that fell silent may have had the request."""
    request = CreateTopicsRequest(
        topics=[wished], timeout_ms=round(1_000 * _CREATE_SECONDS), validate_only=validate_only, min_version=2
    )
    doing = f"creating the topic {wished.name}"
    answered = await ask_controller(wire, request, doing, lambda answer: int(answer.topics[0].error_code))
    with reading(doing):
        (row,) = answered.answer.topics
    return row, answered.again


def _creation_refused(row: Any) -> ClusterError:
    return refusal(row.error_code, f"creating the topic {row.name}", f"CREATE on Topic {row.name}", row.error_message)


async def _wait_until_known(wire: BrokerRequests, name: str) -> None:
    deadline = time.monotonic() + UNTIL_KNOWN_SECONDS
    while True:
        topic = (await describe_topics(wire, [name]))[name]
        if isinstance(topic, Topic) and all(partition.leader is not None for partition in topic.partitions):
            return
        if isinstance(topic, ClusterError) and not isinstance(topic, UnknownTopicOrPartition | Unreachable):
            raise topic
        if time.monotonic() > deadline:
            raise Unreachable(f"The topic {name} was created, but has no leader {UNTIL_KNOWN_SECONDS:.0f} s later.")
        await asyncio.sleep(0.05)
