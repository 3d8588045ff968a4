"""What the port tells of a large cluster: the same as of a small one, as columns."""

from __future__ import annotations

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.columns import CommitColumns
from kafkaview.terms import CommittedOffset, GroupListing, GroupState, GroupType, PartitionOffsets, TopicPartition
from tests.contract.test_looking import described, group_name, until_stable
from tests.contract.world import World


async def test_the_table_tells_what_the_topics_tell(world: World) -> None:
    names = [await world.topic(partitions) for partitions in (3, 1, 12)]
    table = await world.cluster.partition_table(fresh=True)
    assert tuple(map(table.topic, table.topics)) == await world.cluster.topics()
    assert list(table.topics) == sorted(table.topics)
    assert set(names) <= set(table.topics)
    for place in range(len(table)):
        assert table.place_of(table.partition(place)) == place


async def test_a_table_is_remembered_until_something_changes(world: World) -> None:
    await world.topic()
    table = await world.cluster.partition_table(fresh=True)
    assert await world.cluster.partition_table() is table
    assert await world.cluster.partition_table(fresh=True) is table
    name = await world.topic(2)
    newer = await world.cluster.partition_table(fresh=True)
    assert newer is not table
    assert newer.place_of(TopicPartition(name, 1)) >= 0
    assert table.place_of(TopicPartition(name, 1)) == -1


async def test_the_bounds_of_all_partitions_are_columns(world: World) -> None:
    name = await world.topic(3)
    await world.put(name, [b"a", b"b", b"c"], partition=1)
    await world.put(name, [b"a"], partition=2)
    await world.purge(TopicPartition(name, 1), 1)
    table = await world.cluster.partition_table(fresh=True)
    bounds = await world.cluster.log_bounds(table)
    assert all(len(one) == len(table) for one in (bounds.log_start, bounds.log_end, bounds.last_stable))
    places = [table.place_of(TopicPartition(name, number)) for number in range(3)]
    known = [PartitionOffsets(0, 0, 0), PartitionOffsets(1, 3, 3), PartitionOffsets(0, 1, 1)]
    assert [bounds.at(place) for place in places] == known
    partitions = [table.partition(place) for place in range(len(table)) if not table.topics[0].startswith("__")]
    one_by_one = await world.cluster.offsets(partitions)
    assert all(bounds.at(table.place_of(partition)) == one for partition, one in one_by_one.items())


async def test_the_bounds_of_some_partitions_leave_the_others_unknown(world: World) -> None:
    name = await world.topic(3)
    await world.put(name, [b"a", b"b"], partition=1)
    table = await world.cluster.partition_table(fresh=True)
    place = table.place_of(TopicPartition(name, 1))
    bounds = await world.cluster.log_bounds(table, np.array([place], np.int32), starts=False)
    assert bounds.at(place) == PartitionOffsets(None, 2, 2)
    assert (bounds.log_end >= 0).sum() == 1
    assert (bounds.log_start >= 0).sum() == 0


async def test_bounds_tell_where_a_transaction_is_open(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a"])
    async with world.open_transaction(partition):
        table = await world.cluster.partition_table(fresh=True)
        assert (await world.cluster.log_bounds(table)).at(table.place_of(partition)) == PartitionOffsets(0, 2, 1)


async def test_commits_are_columns_in_the_order_of_the_table(world: World) -> None:
    one, two = await world.topic(12), await world.topic(2)
    group, none = group_name(), group_name()
    offsets = {TopicPartition(one, number): 100 + number for number in (11, 3, 7, 0, 1, 2, 9, 10, 8)}
    offsets[TopicPartition(two, 1)] = 5
    for partition, offset in offsets.items():
        await world.commit(group, partition, offset)
    table = await world.cluster.partition_table(fresh=True)
    answers = await world.cluster.commits([group, none], table)
    commits = answers[group]
    assert isinstance(commits, CommitColumns), commits
    assert (commits.places[1:] > commits.places[:-1]).all()
    assert {table.partition(int(p)): int(o) for p, o in zip(commits.places, commits.offsets, strict=True)} == offsets
    plain = (await world.cluster.committed_offsets([group]))[group]
    assert not isinstance(plain, ClusterError)
    assert {table.partition(int(p)): commits.at(n) for n, p in enumerate(commits.places)} == dict(plain)
    empty = answers[none]
    assert isinstance(empty, CommitColumns)
    assert len(empty.places) == 0


async def test_commits_on_what_the_table_does_not_have_stand_beside(world: World) -> None:
    before = await world.cluster.partition_table(fresh=True)
    partition, group = TopicPartition(await world.topic(), 0), group_name()
    await world.commit(group, partition, 7)
    commits = (await world.cluster.commits([group], before))[group]
    assert isinstance(commits, CommitColumns)
    assert len(commits.places) == 0
    assert {p: c.offset for p, c in commits.elsewhere.items()} == {partition: 7}
    assert isinstance(commits.elsewhere[partition], CommittedOffset)


async def test_an_assignment_that_stays_is_the_same_object(world: World) -> None:
    name, group = await world.topic(), group_name()
    async with world.member(group, name, GroupType.CLASSIC):
        first = (await until_stable(world.cluster, group, GroupType.CLASSIC)).members[0]
        second = (await described(world.cluster, group, GroupType.CLASSIC)).members[0]
        assert first.assignment is second.assignment


async def test_requests_are_counted_and_do_not_grow_with_the_groups(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    groups = [group_name() for _ in range(20)]
    for group in groups:
        await world.commit(group, partition, 1)
    table = await world.cluster.partition_table(fresh=True)
    await world.cluster.commits(groups, table)  # finds the coordinators
    before = world.cluster.requests.total()
    await world.cluster.commits(groups, table)
    await world.cluster.describe_groups([GroupListing(g, GroupType.CLASSIC, GroupState.EMPTY) for g in groups])
    assert world.cluster.requests.total() - before == 2
