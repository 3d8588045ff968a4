"""Committed offsets changed from outside a group, on the fake and on real brokers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from kafkaview.cluster.errors import ClusterError, GroupNotEmpty, UnknownGroup, UnknownTopicOrPartition
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, TopicPartition
from kafkaview.writes.topic_ids import read_topic_ids
from tests.contract.test_looking import group_name
from tests.contract.world import World
from tests.kit.patience import patience


async def committed(cluster: Cluster, group: str) -> Mapping[TopicPartition, CommittedOffset]:
    answer = (await cluster.committed_offsets([group]))[group]
    assert not isinstance(answer, ClusterError)
    return answer


async def joined(cluster: Cluster, group: str, kind: GroupType) -> None:
    """Waits until the group has a member that owns something."""
    listing = GroupListing(group, kind, GroupState.UNKNOWN)
    async with asyncio.timeout(patience(20)):
        while True:
            found = (await cluster.describe_groups([listing]))[group]
            if isinstance(found, Group) and any(member.assignment for member in found.members):
                return
            await asyncio.sleep(0.05)


async def test_offsets_are_committed_with_leader_epoch_and_metadata(world: World) -> None:
    topic, group = await world.topic(2), group_name()
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    offsets = {first: CommittedOffset(7, 3, "where I was: é"), second: CommittedOffset(0)}
    assert await world.cluster.group_offsets.commit(group, offsets) == {}
    assert await committed(world.cluster, group) == offsets


async def test_a_partition_that_is_not_there_is_refused_and_the_others_are_committed(world: World) -> None:
    topic, group = await world.topic(), group_name()
    good, bad = TopicPartition(topic, 0), TopicPartition(topic, 9)
    refused = await world.cluster.group_offsets.commit(group, {good: CommittedOffset(1), bad: CommittedOffset(1)})
    assert [(where, type(error)) for where, error in refused.items()] == [(bad, UnknownTopicOrPartition)]
    assert await committed(world.cluster, group) == {good: CommittedOffset(1)}


async def test_offsets_are_deleted_and_the_others_stay(world: World) -> None:
    topic, group = await world.topic(2), group_name()
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    await world.cluster.group_offsets.commit(group, {first: CommittedOffset(1), second: CommittedOffset(2)})
    assert await world.cluster.group_offsets.delete(group, [first]) == {}
    assert await committed(world.cluster, group) == {second: CommittedOffset(2)}


async def test_a_deleted_group_has_nothing_committed(world: World) -> None:
    where, group = TopicPartition(await world.topic(), 0), group_name()
    await world.cluster.group_offsets.commit(group, {where: CommittedOffset(1)})
    await world.cluster.group_offsets.delete_group(group)
    assert await committed(world.cluster, group) == {}


async def test_a_group_that_is_not_there_cannot_be_deleted(world: World) -> None:
    where, group = TopicPartition(await world.topic(), 0), group_name()
    with pytest.raises(UnknownGroup):
        await world.cluster.group_offsets.delete_group(group)
    with pytest.raises(UnknownGroup):
        await world.cluster.group_offsets.delete(group, [where])


@pytest.mark.parametrize("kind", [GroupType.CLASSIC, GroupType.CONSUMER])
async def test_members_keep_a_group_from_being_changed(world: World, kind: GroupType) -> None:
    if kind is GroupType.CONSUMER and await _on_zookeeper(world):
        pytest.skip("brokers on ZooKeeper have no groups of the newer protocol")
    topic, other, group = await world.topic(), await world.topic(), group_name()
    read, unread = TopicPartition(topic, 0), TopicPartition(other, 0)
    offsets = world.cluster.group_offsets
    await offsets.commit(group, {read: CommittedOffset(0), unread: CommittedOffset(0)})
    async with world.member(group, topic, kind):
        await joined(world.cluster, group, kind)
        with pytest.raises(GroupNotEmpty):
            await offsets.commit(group, {read: CommittedOffset(1)})
        with pytest.raises(GroupNotEmpty):
            await offsets.delete(group, [read])
        with pytest.raises(GroupNotEmpty):
            await offsets.delete_group(group)
        assert await offsets.delete(group, [unread]) == {}


async def test_each_topic_has_an_id_of_its_own(world: World) -> None:
    one, two = await world.topic(), await world.topic()
    ids = await read_topic_ids(world.cluster, [one, two, f"{one}-missing"])
    assert set(ids) == {one, two}
    assert ids[one] not in (None, ids[two])


async def _on_zookeeper(world: World) -> bool:
    return (await world.cluster.describe()).mode == "ZooKeeper"
