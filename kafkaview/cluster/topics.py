"""Topics and their partitions, settings and creation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping

from confluent_kafka import KafkaError, TopicCollection
from confluent_kafka.admin._config import ConfigEntry, ConfigResource, ConfigSource
from confluent_kafka.admin._metadata import ClusterMetadata
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.admin._topic import TopicDescription
from confluent_kafka.cimpl import NewTopic

from kafkaview.cluster.admin import TIMEOUT_SECONDS, Admin
from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.port import TopicSetting
from kafkaview.cluster.translation import kafka_error
from kafkaview.terms import Partition, Topic, TopicPartition

INTERNAL = frozenset({"__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"})
UNTIL_KNOWN_SECONDS = 10.0


async def all_topics(admin: Admin) -> tuple[Topic, ...]:
    """Every topic of the metadata, ordered by name."""
    return await admin.metadata(_topics_of)


async def described(admin: Admin, names: Collection[str]) -> dict[str, Topic | ClusterError]:
    """The named topics, each with its own error. Unlike a metadata request of a producer, it creates none."""
    doing = "describing the topic" if len(names) == 1 else "describing topics"
    answers = await admin.ask(
        doing,
        lambda client: client.describe_topics(TopicCollection(list(names)), request_timeout=TIMEOUT_SECONDS),
    )
    return {
        name: _topic_of(answer) if isinstance(answer, TopicDescription) else answer for name, answer in answers.items()
    }


async def one_topic(admin: Admin, name: str) -> Topic:
    """One topic by name."""
    if not name:
        raise UnknownTopicOrPartition("A topic has a name.")
    topic = (await described(admin, [name]))[name]
    if isinstance(topic, UnknownTopicOrPartition):
        raise UnknownTopicOrPartition(f"There is no topic {name}: {topic.message}", topic.hint) from topic
    if isinstance(topic, ClusterError):
        raise topic
    return topic


async def leaders(admin: Admin) -> dict[TopicPartition, int | None]:
    """The leader of every partition in the metadata."""
    return await admin.metadata(_leaders_of)


async def settings(admin: Admin, name: str) -> tuple[TopicSetting, ...]:
    """A topic's configuration."""
    resource = ConfigResource(ResourceType.TOPIC, name)
    entries = await admin.ask_one(
        f"reading the settings of {name}",
        lambda client: client.describe_configs([resource], request_timeout=TIMEOUT_SECONDS)[resource],
    )
    return tuple(_setting_of(entries[key]) for key in sorted(entries))


async def create(
    admin: Admin,
    name: str,
    partitions: int,
    replication_factor: int | None,
    topic_settings: Mapping[str, str] | None,
) -> None:
    """Create a topic, or find it there already, and wait until it is known with all its leaders."""
    topic = NewTopic(
        name,
        num_partitions=partitions,
        replication_factor=-1 if replication_factor is None else replication_factor,
        config=dict(topic_settings or {}),
    )
    answer = await admin.ask(
        f"creating the topic {name}",
        lambda client: client.create_topics(
            [topic], request_timeout=TIMEOUT_SECONDS, operation_timeout=TIMEOUT_SECONDS
        ),
    )
    failure = answer[name]
    if isinstance(failure, ClusterError) and not _exists_already(failure):
        raise failure
    await _wait_until_known(admin, name)


def _exists_already(failure: ClusterError) -> bool:
    error = kafka_error(failure.__cause__) if failure.__cause__ is not None else None
    return error is not None and error.code() == KafkaError.TOPIC_ALREADY_EXISTS


async def _wait_until_known(admin: Admin, name: str) -> None:
    deadline = time.monotonic() + UNTIL_KNOWN_SECONDS
    while True:
        topic = (await described(admin, [name]))[name]
        if isinstance(topic, Topic) and all(partition.leader is not None for partition in topic.partitions):
            return
        if isinstance(topic, ClusterError) and not isinstance(topic, UnknownTopicOrPartition | Unreachable):
            raise topic
        if time.monotonic() > deadline:
            raise Unreachable(f"The topic {name} was created, but has no leader {UNTIL_KNOWN_SECONDS:.0f} s later.")
        await asyncio.sleep(0.05)


def _topics_of(metadata: ClusterMetadata) -> tuple[Topic, ...]:
    return tuple(
        Topic(
            name,
            name in INTERNAL,
            tuple(
                Partition(name, number, _node(p.leader), tuple(p.replicas), tuple(p.isrs))
                for number, p in sorted(metadata.topics[name].partitions.items())
            ),
        )
        for name in sorted(metadata.topics)
    )


def _leaders_of(metadata: ClusterMetadata) -> dict[TopicPartition, int | None]:
    return {
        TopicPartition(name, number): _node(partition.leader)
        for name, topic in metadata.topics.items()
        for number, partition in topic.partitions.items()
    }


def _topic_of(description: TopicDescription) -> Topic:
    name = description.name
    ordered = sorted(description.partitions, key=lambda p: p.id)
    return Topic(
        name,
        description.is_internal,
        tuple(
            Partition(
                name,
                p.id,
                None if p.leader is None else _node(p.leader.id),
                tuple(node.id for node in p.replicas),
                tuple(node.id for node in p.isr),
            )
            for p in ordered
        ),
    )


def _node(number: int) -> int | None:
    return number if number >= 0 else None


def _setting_of(entry: ConfigEntry) -> TopicSetting:
    source = ConfigSource(entry.source).name if not isinstance(entry.source, ConfigSource) else entry.source.name
    return TopicSetting(entry.name, entry.value, source, entry.is_default, entry.is_sensitive)
