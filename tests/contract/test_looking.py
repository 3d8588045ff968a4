"""What the port tells of topics, logs and groups."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import cast

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    OffsetOutOfRange,
    RefusedByPolicy,
    TopicExists,
    UnknownGroup,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.ports.cluster import Batch, Cluster
from kafkaview.cluster.ports.coordination import CoordinationMode, QuorumHealth
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.security import Operation, QuotaEntity
from kafkaview.terms import (
    UNKNOWN_OFFSETS,
    Group,
    GroupListing,
    GroupState,
    GroupType,
    Header,
    Isolation,
    PartitionOffsets,
    Record,
    RecordId,
    RemovalCause,
    RemovedOffsets,
    TopicPartition,
)
from tests.contract.world import World
from tests.kit.patience import patience


async def batches(cluster: Cluster, start: dict[TopicPartition, int], **more: object) -> list[Batch]:
    return [batch async for batch in cluster.read(start, **more)]  # type: ignore[arg-type]


async def records(cluster: Cluster, start: dict[TopicPartition, int], **more: object) -> list[Record]:
    return [record for batch in await batches(cluster, start, **more) for record in batch.records]


async def described(cluster: Cluster, group: str, kind: GroupType) -> Group:
    answer = (await cluster.describe_groups([GroupListing(group, kind, GroupState.STABLE)]))[group]
    assert isinstance(answer, Group), answer
    return answer


async def until_stable(cluster: Cluster, group: str, kind: GroupType, besides: Group | None = None) -> Group:
    """The group once a member owns something: another one than `besides` has, or anew after there was none."""
    known = {member.member_id for member in besides.members} if besides else set()
    async with asyncio.timeout(patience(30)):
        while True:
            if group in {row.group for row in (await cluster.groups()).listings}:
                answer = await described(cluster, group, kind)
                if not answer.members:
                    known = set()
                owning = {member.member_id for member in answer.members if member.assignment}
                if answer.state is GroupState.STABLE and owning - known:
                    return answer
            await asyncio.sleep(0.05)


def group_name() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


async def test_a_topic_is_told_with_its_partitions(world: World) -> None:
    name = await world.topic(3, retention_ms="60000")
    topic = await world.cluster.topic(name)
    assert topic in await world.cluster.topics()
    assert [p.partition for p in topic.partitions] == [0, 1, 2]
    assert all(p.leader is not None and not p.under_replicated for p in topic.partitions)
    assert not topic.internal
    settings = {setting.name: setting for setting in await world.cluster.topic_settings(name)}
    assert (settings["retention.ms"].value, settings["retention.ms"].source) == ("60000", "DYNAMIC_TOPIC_CONFIG")
    assert settings["cleanup.policy"].is_default


async def test_an_unknown_topic_is_told_and_not_made(world: World) -> None:
    with pytest.raises(UnknownTopicOrPartition):
        await world.cluster.topic("nowhere")
    with pytest.raises(UnknownTopicOrPartition):
        await world.cluster.topic_settings("nowhere")
    for no_name in ("", "a b", "gr\u00fcn", "a\udcff", "x" * 250, "x" * 40_000, ".."):  # a header may name it
        with pytest.raises(UnknownTopicOrPartition):
            await world.cluster.topic(no_name)
    assert "nowhere" not in {topic.name for topic in await world.cluster.topics()}


async def test_a_topic_is_created_once_and_its_id_told(world: World) -> None:
    name = f"t-{uuid.uuid4().hex[:8]}"
    made = await world.cluster.create_topic(name, 2)
    topic = await world.cluster.topic(name)
    assert made is not None
    assert (topic.id, len(topic.partitions)) == (made.bytes, 2)
    with pytest.raises(TopicExists):
        await world.cluster.create_topic(name, 5)
    assert len((await world.cluster.topic(name)).partitions) == 2


async def test_a_topic_is_drafted_as_it_would_be_made_and_none_is_made(world: World) -> None:
    name = f"draft-{uuid.uuid4().hex[:8]}"
    draft = await world.cluster.draft_topic(name, 3, settings={"retention.ms": "-1"})
    assert name not in {topic.name for topic in await world.cluster.topics()}
    await world.cluster.create_topic(name, 3, settings={"retention.ms": "-1"})
    assert draft.replication_factor == (await world.cluster.topic(name)).replication_factor
    settings = {setting.name: setting for setting in draft.settings}
    assert (settings["retention.ms"].value, settings["retention.ms"].source) == ("-1", "DYNAMIC_TOPIC_CONFIG")
    made = {setting.name: setting.value for setting in await world.cluster.topic_settings(name)}
    assert {setting.name: setting.value for setting in draft.settings} == made


async def test_what_would_not_be_made_is_refused_by_the_draft_as_by_the_creation(world: World) -> None:
    there = f"a.b-{uuid.uuid4().hex[:8]}"
    await world.cluster.create_topic(there, 1)
    free = f"free-{uuid.uuid4().hex[:8]}"
    for name, replicas in ((there.replace(".", "_"), 1), ("x" * 250, 1), ("a b", 1), ("..", 1), (free, 99)):
        for ask in (world.cluster.draft_topic, world.cluster.create_topic):
            with pytest.raises(RefusedByPolicy):
                await ask(name, 1, replicas)
    with pytest.raises(TopicExists):
        await world.cluster.draft_topic(there, 1)


async def test_a_topic_is_deleted_once(world: World) -> None:
    name = await world.topic(2)
    await world.put(name, [b"a"])
    await world.cluster.delete_topic(name)
    async with asyncio.timeout(patience(10)):
        while name in {topic.name for topic in await world.cluster.topics()}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    with pytest.raises(UnknownTopicOrPartition):
        await world.cluster.delete_topic(name)


async def test_the_bounds_of_logs_are_told_and_unknown_ones_are_not_zero(world: World) -> None:
    name = await world.topic(2)
    await world.put(name, [b"a", b"b", b"c"])
    await world.purge(TopicPartition(name, 0), 1)
    asked = [TopicPartition(name, 0), TopicPartition(name, 1), TopicPartition(name, 7), TopicPartition("nowhere", 0)]
    bounds = await world.cluster.offsets(asked)
    assert [bounds[partition] for partition in asked] == [
        PartitionOffsets(1, 3, 3),
        PartitionOffsets(0, 0, 0),
        UNKNOWN_OFFSETS,
        UNKNOWN_OFFSETS,
    ]


async def test_an_open_transaction_holds_back_the_last_stable_offset(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a"])
    async with world.open_transaction(partition):
        await world.put(partition.topic, [b"b"])
        bounds = (await world.cluster.offsets([partition]))[partition]
        assert bounds == PartitionOffsets(0, 3, 1)
        assert [r.value for r in await records(world.cluster, {partition: 0})] == [b"a"]
        everything = await records(world.cluster, {partition: 0}, isolation=Isolation.READ_UNCOMMITTED)
        assert [r.value for r in everything] == [b"a", b"open", b"b"]
    async with asyncio.timeout(patience(10)):
        while (await world.cluster.offsets([partition]))[partition] != PartitionOffsets(0, 4, 4):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    read = await batches(world.cluster, {partition: 0})
    assert [r.value for batch in read for r in batch.records] == [b"a", b"b"]
    assert read[-1].next_offsets == {partition: 4}, "the marker at the end is read over"


async def test_the_place_of_a_time_is_told(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a", b"b"])
    first = (await records(world.cluster, {partition: 0}))[0]
    assert first.timestamp_ms is not None
    assert (await world.cluster.offsets_at([partition], first.timestamp_ms - 1))[partition] == 0
    assert (await world.cluster.offsets_at([partition], first.timestamp_ms + 3_600_000))[partition] is None
    for before_1970 in (-1, -2, -3, -4, -5, -10_000, -(2**63)):  # brokers take some of them for an end of the log
        assert (await world.cluster.offsets_at([partition], before_1970))[partition] == 0


async def test_the_place_of_a_time_is_left_out_where_no_leader_tells_it(world: World) -> None:
    there = TopicPartition(await world.topic(), 0)
    missing, nowhere = TopicPartition(there.topic, 7), TopicPartition("nowhere", 0)
    assert await world.cluster.offsets_at([there, missing, nowhere], 1_700_000_000_000) == {there: None}


async def test_a_range_is_read_from_start_to_end(world: World) -> None:
    name = await world.topic(2)
    await world.put(name, [b"%d" % n for n in range(10)])
    await world.put(name, [b"x", None, b""], partition=1)
    one, two = TopicPartition(name, 0), TopicPartition(name, 1)
    read = await batches(world.cluster, {one: 3, two: 0}, end={one: 6})
    found = [record for batch in read for record in batch.records]
    assert sorted(r.value or b"" for r in found if r.partition == 0) == [b"3", b"4", b"5"]
    assert [r.value for r in found if r.partition == 1] == [b"x", None, b""]
    assert found[0].headers == (Header("n", b"1"),)
    assert found[0].leader_epoch == 0
    assert read[-1].next_offsets == {one: 6, two: 3}


async def test_reading_at_or_beyond_the_end_ends_at_once(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a"])
    assert await batches(world.cluster, {partition: 1}) == []
    assert [r.value for r in await records(world.cluster, {partition: 0}, end={partition: 99})] == [b"a"]


async def test_a_batch_that_can_be_read_is_sound(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a", b"b"])
    sound = [await world.cluster.is_batch_sound(RecordId(partition.topic, 0, offset)) for offset in (0, 1, 2)]
    assert sound == [True, True, True], "and there is none at the end of the log"


async def test_the_heads_of_batches_count_their_records(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a", b"b", b"c"])
    for offset, left in ((0, 3), (2, 1), (3, 0)):
        heads = await world.cluster.batch_heads(RecordId(partition.topic, 0, offset))
        assert sum(head.records for head in heads) >= left
        assert all(head.codec == "none" and head.size > 60 and not head.control for head in heads)
        assert heads or not left


@pytest.mark.parametrize("offset", [0, 5])
async def test_an_offset_outside_the_log_is_refused_with_its_bounds(world: World, offset: int) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a", b"b", b"c"])
    await world.purge(partition, 1)
    with pytest.raises(OffsetOutOfRange, match="1 to"):
        await batches(world.cluster, {partition: offset})


async def test_reading_what_is_not_there_is_told(world: World) -> None:
    name = await world.topic()
    for partition in (TopicPartition(name, 1), TopicPartition("nowhere", 0)):
        with pytest.raises(UnknownTopicOrPartition):
            await batches(world.cluster, {partition: 0})


async def test_a_read_may_pass_what_is_gone_and_names_it(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"%d" % n for n in range(20)])
    await world.purge(partition, 12)
    found = await batches(world.cluster, {partition: 5}, end={partition: 24}, pass_removed=True)
    assert [record.offset for batch in found for record in batch.records] == list(range(12, 20))
    assert [gone for batch in found for gone in batch.removed] == [
        RemovedOffsets(partition, 5, 12, RemovalCause.RETENTION),
        RemovedOffsets(partition, 20, 24, RemovalCause.TRUNCATION),
    ]


async def test_a_read_in_order_reads_one_partition_after_the_other(world: World) -> None:
    topic = await world.topic(partitions=3)
    for partition in range(3):
        await world.put(topic, [b"%d" % number for number in range(20)], partition)
    places = [TopicPartition(topic, partition) for partition in range(3)]
    read: list[tuple[int, int]] = []
    starts, ends = dict.fromkeys(places, 2), dict.fromkeys(places, 18)
    async for batch in world.cluster.read(starts, ends, batch=7, pass_removed=True, in_order=True):
        read += [(record.partition, record.offset) for record in batch.records]
    assert read == [(partition, offset) for partition in range(3) for offset in range(2, 18)]


async def test_following_gives_what_is_written_later_and_goes_on_where_records_are_gone(world: World) -> None:
    topic = await world.topic(partitions=2)
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    await world.put(topic, [b"a", b"b", b"c"])
    await world.purge(first, 2)
    opened = cast("AsyncGenerator[Batch, None]", world.cluster.follow({first: 0, second: 0}))
    values: list[bytes | None] = []
    gaps: list[RemovedOffsets] = []
    async with aclosing(opened) as batches:
        async for batch in batches:
            gaps += batch.removed
            values += [record.value for record in batch.records]
            if [record.value for record in batch.records] == [b"c"]:
                await world.put(topic, [b"d"], partition=1)
            if len(values) == 2:
                break
    assert values == [b"c", b"d"]
    assert gaps == [RemovedOffsets(first, 0, 2, RemovalCause.RETENTION)]
    assert batch.next_offsets == {first: 3, second: 1}


async def test_following_a_topic_that_is_deleted_ends(world: World) -> None:
    topic = await world.topic()
    place = TopicPartition(topic, 0)
    await world.put(topic, [b"a"])
    opened = cast("AsyncGenerator[Batch, None]", world.cluster.follow({place: 0}))
    causes: list[RemovalCause] = []
    values: list[bytes | None] = []
    async with aclosing(opened) as batches:
        async for batch in batches:
            causes += [gap.cause for gap in batch.removed]
            if batch.records:
                values += [record.value for record in batch.records]
                await world.cluster.delete_topic(topic)
    assert (values, causes) == ([b"a"], [RemovalCause.DELETION])


async def test_a_read_that_is_left_early_ends(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"%d" % n for n in range(1000)])
    reading = world.cluster.read({partition: 0}, batch=10)
    first = await anext(reading)
    async with asyncio.timeout(patience(0.5)):
        await reading.aclose()  # type: ignore[attr-defined]
    assert len(first.records) <= 10


@pytest.mark.parametrize("kind", [GroupType.CLASSIC, GroupType.CONSUMER])
async def test_a_live_group_is_told_and_its_members_rejoin_after_removal(
    world: World, kind: GroupType, request: pytest.FixtureRequest
) -> None:
    if kind is GroupType.CONSUMER and "zookeeper" in request.node.callspec.params.values():
        pytest.skip("3.9 on ZooKeeper has no such groups")
    name, group = await world.topic(), group_name()
    async with world.member(group, name, kind):
        before = await until_stable(world.cluster, group, kind)
        listing = next(row for row in (await world.cluster.groups()).listings if row.group == group)
        assert (listing.type, listing.state) == (kind, GroupState.STABLE)
        (member,) = before.members
        assert (member.client_id, member.assignment) == ("member", (TopicPartition(name, 0),))
        assert (before.type, before.coordinator is not None, bool(before.protocol)) == (kind, True, True)
        assert before.owner_of(TopicPartition(name, 0)) == member
        assert await world.cluster.remove_members(before, "test") == (member.member_id,)
        joined = await until_stable(world.cluster, group, kind, besides=before)
        assert len(joined.members) == 1


async def test_committed_offsets_are_told_of_many_groups_at_once(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"a", b"b"])
    one, two, none = group_name(), group_name(), group_name()
    await world.commit(one, partition, 1)
    await world.commit(two, partition, 2)
    commits = await world.cluster.committed_offsets([one, two, none])
    found = {
        group: {p: c.offset for p, c in answer.items()} for group, answer in commits.items() if isinstance(answer, dict)
    }
    assert found == {one: {partition: 1}, two: {partition: 2}, none: {}}
    empty = await described(world.cluster, one, GroupType.CLASSIC)
    assert (empty.state, empty.members) == (GroupState.EMPTY, ())


async def test_an_unknown_group_is_told_in_its_place(world: World) -> None:
    group = group_name()
    answers = await world.cluster.describe_groups([GroupListing(group, GroupType.CLASSIC, GroupState.EMPTY)])
    assert isinstance(answers[group], UnknownGroup)


async def test_the_cluster_describes_itself(world: World, request: pytest.FixtureRequest) -> None:
    info = await world.cluster.describe()
    zookeeper = "zookeeper" in request.node.callspec.params.values()
    assert (info.mode, info.version) == (("ZooKeeper", "3.9") if zookeeper else ("KRaft", "4.4"))
    assert info.cluster_id
    assert info.controller_id in {broker.id for broker in info.brokers}


async def test_sizes_on_disk_are_told(world: World) -> None:
    partition = TopicPartition(await world.topic(), 0)
    await world.put(partition.topic, [b"x" * 1000])
    try:
        sizes = await world.cluster.topic_sizes()
    except ClusterError:  # Java finds no file store where the root is no mount point, as below chroot
        pytest.skip("the broker cannot tell the sizes of its own log directories here")
    assert 1000 < sizes[partition] < 2000


async def test_the_cluster_tells_who_coordinates_it(world: World, request: pytest.FixtureRequest) -> None:
    coordination = await world.cluster.coordination()
    if "zookeeper" in request.node.callspec.params.values():
        assert (coordination.mode, coordination.quorum) == (CoordinationMode.ZOOKEEPER, None)
    else:
        assert (coordination.mode, coordination.quorum is not None) == (CoordinationMode.KRAFT, True)
        assert coordination.quorum is not None
        assert coordination.quorum.leader_id == coordination.controller_id
        assert coordination.quorum.health is QuorumHealth.HEALTHY
    assert coordination.controller_id in {broker.id for broker in coordination.brokers}
    assert coordination.evidence


async def test_limits_are_validated_as_they_would_be_set_and_none_is_set(world: World) -> None:
    entity, security = QuotaEntity((("user", group_name()),)), world.cluster.security
    await security.validate_quota(entity, {"producer_byte_rate": 1024.0})
    assert entity not in {quota.entity for quota in await security.quotas()}
    for limits in ({"nonsense": 1.0}, {"producer_byte_rate": -1.0}):
        for ask in (security.validate_quota, security.set_quota):
            with pytest.raises(RefusedByPolicy):
                await ask(entity, limits)


async def test_everything_may_be_done_to_a_cluster_without_rules(world: World) -> None:
    assert await world.cluster.security.missing_rights(Operation.ALTER, Operation.CLUSTER_ACTION) == ()
    assert await world.cluster.security.missing_rights(Operation.ALTER_CONFIGS) == ()


async def test_a_stored_change_of_members_names_its_group_and_a_commit_from_outside_names_none(world: World) -> None:
    name = await world.topic(1)
    await world.put(name, [b"1"])
    visited, idle = group_name(), group_name()
    await world.commit(idle, TopicPartition(name, 0), 0)  # now `__consumer_offsets` is there
    since: Mapping[int, int] = {}
    answers = []

    async def ask() -> MembershipChanges:
        nonlocal since
        answer = await world.cluster.membership_changes([visited, idle], since)
        since = answer.ends
        answers.append(answer.changed)
        return answer

    assert (await ask()).complete == frozenset()
    async with world.member(visited, name, GroupType.CLASSIC):
        await until_stable(world.cluster, visited, GroupType.CLASSIC)
        assert (await ask()).complete == {visited, idle}
    async with asyncio.timeout(patience(30)):
        while True:
            if (await ask()).changed:
                break
            await asyncio.sleep(0.05)
    await world.commit(idle, TopicPartition(name, 0), 1)
    await world.commit(visited, TopicPartition(name, 0), 1)
    assert (await ask()).complete == {visited, idle}
    assert set(answers) == {frozenset(), frozenset({visited})}
    assert (answers[1], answers[-1]) == (frozenset({visited}), frozenset())


async def test_records_at_scattered_offsets_are_read_without_what_lies_between(world: World) -> None:
    topic = await world.topic(partitions=2)
    places = [TopicPartition(topic, one) for one in range(2)]
    for place in places:
        await world.put(topic, [b"%d" % number for number in range(20)], place.partition)
    await world.purge(places[0], 3)
    wanted = {places[0]: {2, 3, 9, 19, 500}, places[1]: {0, 7}}
    found: dict[TopicPartition, list[int]] = {place: [] for place in places}
    async for batch in world.cluster.read_at(wanted):
        for record in batch.records:
            assert record.value == b"%d" % record.offset
            found[record.topic_partition].append(record.offset)
    assert found == {places[0]: [3, 9, 19], places[1]: [0, 7]}


async def test_what_an_open_transaction_hides_is_not_read_by_its_offset(world: World) -> None:
    topic = await world.topic()
    place = TopicPartition(topic, 0)
    await world.put(topic, [b"a", b"b"])
    async with world.open_transaction(place):
        batches = [batch async for batch in world.cluster.read_at({place: {1, 2}})]
    assert [record.offset for batch in batches for record in batch.records] == [1]


async def test_the_header_names_of_many_records_are_those_of_each(world: World) -> None:
    topic = await world.topic(partitions=2)
    for partition in range(2):
        await world.put(topic, [b"a", b"b", b"c"], partition)
    wanted = [RecordId(topic, partition, offset) for partition in range(2) for offset in (0, 2)]
    assert await world.cluster.header_names(wanted) == dict.fromkeys(wanted, ("n",))
