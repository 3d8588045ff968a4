"""The id of each topic that a write is about: a topic that was deleted and made anew has another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import Topic


def topic_id(topic: Topic) -> str | None:
    """Returns the id of a topic as the journal has it; None before Kafka 2.8."""
    return str(UUID(bytes=topic.id)) if topic.id and any(topic.id) else None


async def read_topic_ids(cluster: Cluster, topics: Collection[str]) -> Mapping[str, str | None]:
    """Reads the id of each topic, as the journal has it; None before Kafka 2.8. A topic that is not there is left
    out.
    """
    table = await cluster.partition_table(fresh=True)
    found = (topic for name in topics if (topic := table.topic(name)) is not None)
    return {topic.name: topic_id(topic) for topic in found}
