"""Topics changed: more partitions, records deleted, settings; on the fake and on real brokers."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from kafkaview.cluster.errors import ClusterError, OffsetOutOfRange, RefusedByPolicy, UnknownTopicOrPartition
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import Operation
from kafkaview.terms import TopicPartition
from tests.contract.world import World
from tests.kit.patience import patience


async def settings_of(cluster: Cluster, topic: str) -> dict[str, Setting]:
    return {one.name: one for one in await cluster.brokers.topic_settings(topic)}


async def until_partitions(cluster: Cluster, topic: str, count: int) -> None:
    async with asyncio.timeout(patience(10)):
        while len((await cluster.topic(topic)).partitions) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_topic_is_made_with_the_partitions_of_the_cluster(world: World) -> None:
    name = f"t-{uuid.uuid4().hex[:8]}"
    draft = await world.cluster.draft_topic(name, None)
    assert draft.partitions is not None
    await world.cluster.create_topic(name, None)
    assert len((await world.cluster.topic(name)).partitions) == draft.partitions
    assert (await world.cluster.draft_topic(f"{name}-b", 4)).partitions == 4


async def test_partitions_are_added_and_the_draft_adds_none(world: World) -> None:
    topic = await world.topic(2)
    changes = world.cluster.topic_changes
    await changes.draft_partitions(topic, 5)
    assert len((await world.cluster.topic(topic)).partitions) == 2
    await changes.add_partitions(topic, 5)
    await until_partitions(world.cluster, topic, 5)
    for change in (changes.draft_partitions, changes.add_partitions):
        for count in (5, 3):
            with pytest.raises(RefusedByPolicy):
                await change(topic, count)
        with pytest.raises(UnknownTopicOrPartition):
            await change("nowhere", 5)


async def test_records_are_deleted_up_to_an_offset_and_the_partitions_that_refuse_are_told(world: World) -> None:
    topic = await world.topic(3)
    first, second, third = (TopicPartition(topic, number) for number in range(3))
    for partition in (first, second):
        await world.put(topic, [b"a", b"b", b"c"], partition.partition)
    refused = await world.cluster.topic_changes.delete_records({first: 2, second: 7, TopicPartition(topic, 9): 1})
    assert {one: type(error) for one, error in refused.items() if one != TopicPartition(topic, 9)} == {
        second: OffsetOutOfRange
    }
    assert isinstance(refused[TopicPartition(topic, 9)], ClusterError)
    assert await world.cluster.topic_changes.delete_records({first: 1, third: 0}) == {}, "it lies before the start"
    bounds = await world.cluster.offsets([first, second, third])
    assert [bounds[one].log_start_offset for one in (first, second, third)] == [2, 0, 0]


async def test_records_of_a_topic_that_is_only_compacted_are_not_deleted(world: World) -> None:
    partition = TopicPartition(await world.topic(cleanup_policy="compact"), 0)
    refused = await world.cluster.topic_changes.delete_records({partition: 0})
    assert [type(error) for error in refused.values()] == [RefusedByPolicy]
    both = TopicPartition(await world.topic(cleanup_policy="compact,delete"), 0)
    assert await world.cluster.topic_changes.delete_records({both: 0}) == {}


async def test_settings_are_set_and_reset_and_the_draft_changes_none(world: World) -> None:
    topic = await world.topic(retention_ms="60000")
    changes = world.cluster.topic_changes
    await changes.draft_settings(topic, {"retention.ms": None, "segment.bytes": "1048576"})
    before = await settings_of(world.cluster, topic)
    assert (before["retention.ms"].value, before["segment.bytes"].is_default) == ("60000", True)
    await changes.change_settings(topic, {"retention.ms": None, "segment.bytes": "1048576"})
    async with asyncio.timeout(patience(10)):
        while (after := await settings_of(world.cluster, topic))["segment.bytes"].value != "1048576":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (after["retention.ms"].value, before["retention.ms"].inherited) == ("604800000", None)
    assert (after["segment.bytes"].of_the_topic, after["segment.bytes"].inherited) == (True, "1073741824")
    assert after["segment.bytes"].documentation


async def test_values_are_told_as_the_broker_has_read_them(world: World) -> None:
    typed = {"retention.ms": " 0060000", "cleanup.policy": "compact, delete"}
    changed, created = await world.topic(), f"t-{uuid.uuid4().hex[:8]}"
    await world.cluster.topic_changes.change_settings(changed, typed)
    await world.cluster.create_topic(created, 1, settings=typed)
    for topic in (changed, created):
        async with asyncio.timeout(patience(10)):
            while (now := await settings_of(world.cluster, topic))["retention.ms"].value != "60000":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert now["cleanup.policy"].value == "compact,delete"


async def test_settings_that_do_not_fit_are_refused_as_a_whole(world: World) -> None:
    topic = await world.topic()
    changes = world.cluster.topic_changes
    for change in (changes.draft_settings, changes.change_settings):
        for wrong in ({"no.such.setting": "1"}, {"retention.bytes": "5", "retention.ms": "soon"}):
            with pytest.raises(RefusedByPolicy):
                await change(topic, wrong)
        with pytest.raises(UnknownTopicOrPartition):
            await change("nowhere", {"retention.ms": "5"})
    assert (await settings_of(world.cluster, topic))["retention.bytes"].is_default


async def test_no_right_is_missing_where_everybody_may_do_everything(world: World) -> None:
    topic = await world.topic()
    for operation in (Operation.DELETE, Operation.ALTER, Operation.ALTER_CONFIGS):
        assert await world.cluster.topic_changes.missing_rights(topic, operation) == ()
    assert await world.cluster.topic_changes.missing_rights("nowhere", Operation.DELETE) == ()


async def test_one_setting_is_read_of_many_topics_and_what_is_unknown_is_left_out(world: World) -> None:
    topics = [await world.topic(1), await world.topic(1)]
    await world.cluster.topic_changes.change_settings(topics[0], {"retention.ms": "77000"})
    brokers = world.cluster.brokers
    async with asyncio.timeout(patience(10)):
        while (await brokers.setting_of_topics("retention.ms", topics)).get(topics[0]) != "77000":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    found = await brokers.setting_of_topics("retention.ms", [*topics, "nowhere"])
    assert set(found) == set(topics)
    assert found[topics[1]] != "77000"
    assert await brokers.setting_of_topics("no.such.setting", topics) == {}
    assert await brokers.setting_of_topics("retention.ms", []) == {}
