"""Whether a change of a topic stands, by what the journal has of it: its process may have ended in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkaview.cluster.errors import UnknownTopicOrPartition
from kafkaview.cluster.ports.cluster import Cluster, TopicDraft
from kafkaview.writes.settling import compare
from kafkaview.writes.topic_ids import read_topic_ids
from kafkaview.writes.topics.creation import NewTopic, topic_difference
from kafkaview.writes.topics.settings import SettingChange, own_value, same_value


async def creation_stands(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether a topic was created; None where there is one, but not as it was to be."""
    new = NewTopic(written["topic"], settings=written["settings"])
    made = TopicDraft(written["replication_factor"], partitions=written["partitions"])
    try:
        return None if await topic_difference(cluster, new, made) else True
    except UnknownTopicOrPartition:
        return False


async def deletion_stands(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether a topic was deleted; None where there is another one of its name."""
    found = await read_topic_ids(cluster, [written["topic"]])
    if not found:
        return True
    return False if found[written["topic"]] == written["topic_id"] else None


async def addition_stands(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether partitions were added."""
    topic = await cluster.topic(written["topic"])
    before, after = ({"": written[f"partitions_{when}"]} for when in ("before", "after"))
    return compare({"": len(topic.partitions)}, before, after)


async def settings_stand(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether settings were changed; None where the topic was made anew."""
    name = written["topic"]
    if (await read_topic_ids(cluster, [name])).get(name) != written["topic_id"]:
        return None
    now = {one.name: own_value(one) for one in await cluster.brokers.topic_settings(name)}
    all_changes = [SettingChange.of_document(one) for one in written["settings"]]
    changes = [one for one in all_changes if not same_value(one.before, one.after)]
    if all(same_value(now.get(one.name), one.after) for one in changes):
        return True
    return False if all(same_value(now.get(one.name), one.before) for one in changes) else None
