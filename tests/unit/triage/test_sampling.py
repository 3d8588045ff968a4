from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unittest.mock import AsyncMock

import pytest

from kafkaview.cluster.errors import ClusterError, GroupsUnlisted, NotAuthorized, Unreachable
from kafkaview.cluster.ports.brokers import Reassignment
from kafkaview.cluster.ports.cluster import Groups
from kafkaview.terms import CommittedOffset, GroupState, GroupType, TopicPartition
from kafkaview.triage.watch.history import History
from kafkaview.triage.watch.sampler import Sample, Sampler
from kafkaview.triage.watch.summaries import group_columns, group_detail, lag_columns, topic_columns, topic_detail
from tests.kit.fake_cluster import FakeCluster, FakeMember

ORDERS_0, ORDERS_1 = TopicPartition("orders", 0), TopicPartition("orders", 1)


@pytest.fixture
def cluster() -> FakeCluster:
    """orders with 30 records on each of two partitions: billing is 10 behind on one, audit has read all."""
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=2)
    for partition in range(2):
        for _ in range(30):
            cluster.add_record("orders", b"{}", partition=partition)
    cluster.join("billing", FakeMember("billing", (ORDERS_0, ORDERS_1)))
    cluster.commit("billing", ORDERS_0, 20)
    cluster.commit("billing", ORDERS_1, 30)
    cluster.add_group("audit", coordinator=2)
    cluster.commit("audit", ORDERS_0, 30, metadata="by hand")
    return cluster


def rows(sample: Sample) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Committed offset, log end and last stable offset by group and partition."""
    layout = sample.layout
    columns = zip(sample.committed.tolist(), sample.log_end.tolist(), sample.last_stable.tolist(), strict=True)
    partitions = [str(layout.table.partition(int(place))) for place in layout.place]
    names = [layout.names[group] for group in layout.group]
    return dict(zip(zip(names, partitions, strict=True), columns, strict=True))


async def test_last_stable_offsets_are_asked_for_where_records_wait(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    with cluster.open_transaction(ORDERS_0):
        assert rows(await sampler.sample()) == {
            ("audit", "orders:0"): (30, 31, 30),
            ("billing", "orders:0"): (20, 31, 30),
            ("billing", "orders:1"): (30, 30, -1),
        }


async def test_a_topic_on_the_screen_is_asked_for_in_full(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    sampler.topics = frozenset(["orders"])
    assert rows(await sampler.sample())["billing", "orders:1"] == (30, 30, 30)


async def test_a_single_sample_requests_both_log_ends_on_demand(cluster: FakeCluster) -> None:
    ends = await Sampler(cluster, single=True).sample()
    assert {stable for _, _, stable in rows(ends).values()} == {-1}
    both = await Sampler(cluster, single=True, last_stable=True).sample()
    assert {stable for _, _, stable in rows(both).values()} == {30}
    assert cluster.calls["topic_sizes"] == cluster.calls["describe"] == 0


async def test_slowly_changing_values_are_requested_once(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    for _ in range(3):
        await sampler.sample()
    await sampler.close()
    assert (cluster.calls["describe"], cluster.calls["topic_sizes"]) == (1, 1)
    sampler.refresh()
    await sampler.sample()
    await sampler.close()
    assert (cluster.calls["describe"], cluster.calls["topic_sizes"]) == (2, 2)


async def test_an_end_that_its_leader_did_not_tell_is_asked_for_with_each_sample(cluster: FakeCluster) -> None:
    cluster.add_topic("unread")
    cluster.down = {1}
    sampler = Sampler(cluster)
    await sampler.sample()
    assert sampler.table is not None
    place = sampler.table.place_of(TopicPartition("unread", 0))
    assert sampler.bounds.end[place] < 0
    cluster.down = set()
    await sampler.sample()
    assert (sampler.bounds.start[place], sampler.bounds.end[place]) == (0, 0)
    await sampler.close()


async def test_readers_of_a_topic_are_a_minimum_where_groups_are_not_known(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    layout = (await sampler.sample()).layout
    assert sampler.table is not None
    for known, counts in ((True, [2]), (False, [2])):
        columns = topic_columns(sampler.table, sampler.bounds, None, layout, {}, None, groups_known=known)
        assert (columns.groups.tolist(), columns.groups_complete.tolist()) == (counts, [known])
    nobody = topic_columns(sampler.table, sampler.bounds, None, None, {}, None, groups_known=False)
    assert nobody.groups.tolist() == [-1]
    await sampler.close()


async def test_only_groups_that_stand_or_are_shown_or_changed_are_described_again(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = AsyncMock(side_effect=cluster.describe_groups)
    monkeypatch.setattr(cluster, "describe_groups", described)

    async def names() -> list[str]:
        described.reset_mock()
        await sampler.sample()
        return [listing.group for listing in described.call_args.args[0]]

    sampler = Sampler(cluster)
    assert await names() == ["audit", "billing"]
    assert await names() == []
    sampler.standing = frozenset(["billing", "audit"])
    assert await names() == ["billing"], "nobody is in audit, as its listing says"
    sampler.standing, sampler.shown = frozenset(), frozenset(["audit"])
    assert await names() == ["audit"]
    sampler.shown = frozenset()
    cluster.grouped["billing"].state = GroupState.PREPARING_REBALANCE
    assert await names() == ["billing"]


async def test_a_silent_coordinator_leaves_its_groups_their_last_values(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    before = rows(await sampler.sample())
    cluster.down = {2}
    cluster.commit("billing", ORDERS_1, 29)
    after = await sampler.sample()
    assert rows(after)["billing", "orders:1"][0] == 29
    assert rows(after)["audit", "orders:0"][0] == before["audit", "orders:0"][0]
    assert dict(zip(after.layout.names, after.answered.tolist(), strict=True)) == {"audit": False, "billing": True}
    assert sampler.groups is not None
    columns = group_columns(sampler.groups, sampler.bounds, {})
    assert (columns.lag_complete.tolist()[0], columns.errors[columns.error[0]].kind) == (False, "unreachable")
    cluster.down = set()
    again = await sampler.sample()
    assert (again.answered.tolist(), again.errors) == ([True, True], ())


async def test_a_group_that_is_deleted_goes_and_one_that_is_new_comes(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    await sampler.sample()
    del cluster.grouped["audit"]
    cluster.commit("reports", ORDERS_0, 1)
    assert (await sampler.sample()).layout.names == ("billing", "reports")


async def test_topics_that_come_and_go_leave_the_others_their_values(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    before = rows(await sampler.sample())
    cluster.add_topic("invoices", partitions=3)
    cluster.commit("audit", TopicPartition("invoices", 2), 0)
    sampler.refresh()
    after = rows(await sampler.sample())
    assert after == {**before, ("audit", "invoices:2"): (0, 0, -1)}
    del cluster.logged["orders"]
    sampler.refresh()
    assert set(rows(await sampler.sample())) == {("audit", "invoices:2")}


async def test_commits_on_a_deleted_topic_are_shown_and_make_the_lag_incomplete(cluster: FakeCluster) -> None:
    cluster.commit("audit", TopicPartition("gone", 7), 5, metadata="left")
    sampler = Sampler(cluster)
    await sampler.sample()
    assert sampler.groups is not None
    assert sampler.table is not None
    columns = lag_columns(sampler.groups["audit"], sampler.table, sampler.bounds)
    assert columns.topics == ("gone", "orders")
    assert (columns.topic.tolist(), columns.partition.tolist()) == ([0, 1], [7, 0])
    assert (columns.committed.tolist(), columns.log_end.tolist()) == ([5, 30], [-1, 30])
    assert columns.metadata == {0: "left", 1: "by hand"}
    rows_of_groups = group_columns(sampler.groups, sampler.bounds, {})
    assert (rows_of_groups.partitions.tolist(), rows_of_groups.lag_complete.tolist()) == ([2, 2], [False, True])


async def test_an_owned_partition_without_a_commit_is_a_row(cluster: FakeCluster) -> None:
    del cluster.grouped["billing"].committed[ORDERS_1]
    sampler = Sampler(cluster)
    assert rows(await sampler.sample())["billing", "orders:1"] == (-1, 30, 30)
    assert sampler.groups is not None
    assert sampler.table is not None
    columns = lag_columns(sampler.groups["billing"], sampler.table, sampler.bounds)
    assert (columns.committed.tolist(), columns.owners.tolist()) == ([20, -1], [0, 0])


async def test_a_failure_of_transport_is_never_an_empty_list(cluster: FakeCluster) -> None:
    cluster.groups = AsyncMock(return_value=Groups((), {1: Unreachable("broker 1: no answer")}))  # type: ignore[method-assign]
    sampler = Sampler(cluster)
    with pytest.raises(GroupsUnlisted, match="broker 1: no answer"):
        await sampler.sample()
    assert sampler.groups is None
    everybody: dict[int | None, ClusterError] = {one.id: Unreachable("no answer") for one in cluster.nodes}
    cluster.groups = AsyncMock(return_value=Groups((), everybody))  # type: ignore[method-assign]
    with pytest.raises(Unreachable) as caught:
        await sampler.sample()
    assert type(caught.value) is Unreachable, "then nobody answers"


async def test_a_sample_that_fails_leaves_the_bounds_that_were_known(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    await sampler.sample()
    before = sampler.bounds.end.tolist()
    for place in (ORDERS_0, ORDERS_1):
        cluster.log(place).leader = None  # nobody says where the log ends
    cluster.failures["groups"] = Unreachable("nobody answers")
    sampler.refresh()
    with pytest.raises(Unreachable):
        await sampler.sample()
    assert sampler.bounds.end.tolist() == before == [30, 30]


async def test_topics_that_cannot_be_asked_for_are_the_last_known_ones_with_the_error(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    await sampler.sample()
    cluster.failures["partition_table"] = Unreachable("no metadata")
    assert [error.message for error in (await sampler.sample()).errors] == ["no metadata"]
    assert sampler.table is not None
    assert sampler.table.topics == ("orders",)


async def test_topics_that_were_never_known_fail_the_sample(cluster: FakeCluster) -> None:
    cluster.failures["partition_table"] = NotAuthorized("no DESCRIBE")
    with pytest.raises(NotAuthorized):
        await Sampler(cluster).sample()


async def test_a_look_is_at_some_groups_and_topics_alone(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    await sampler.sample()
    cluster.commit("billing", ORDERS_0, 25)
    cluster.add_record("orders", b"{}")
    look = await sampler.look(["billing", "unknown"])
    assert look is not None
    assert (look.full, look.layout.names) == (False, ("billing",))
    assert rows(look) == {("billing", "orders:0"): (25, 31, 31), ("billing", "orders:1"): (30, 30, 30)}
    cluster.failures["commits"] = Unreachable("gone")
    assert await sampler.look(["billing"]) is None


async def test_a_topic_has_a_summary_and_details(cluster: FakeCluster) -> None:
    cluster.add_topic("invoices", partitions=1)
    cluster.log(TopicPartition("invoices", 0)).leader = None
    sampler = Sampler(cluster)
    await sampler.sample()
    await sampler.ask_sizes()
    await sampler.close()
    assert sampler.table is not None
    columns = topic_columns(sampler.table, sampler.bounds, sampler.sizes, sampler.layout, {}, sampler.moves)
    assert columns.names == ("invoices", "orders")
    assert (columns.records.tolist(), columns.records_complete.tolist()) == ([-1, 60], [False, True])
    assert (columns.offline.tolist(), columns.partitions.tolist(), columns.groups.tolist()) == ([1, 0], [1, 2], [0, 2])
    assert columns.size.tolist() == [-1, 60 * 72]
    groups = (sampler.groups or {}).values()
    detail = topic_detail("orders", sampler.table, sampler.bounds, sampler.sizes, groups, {}, sampler.moves)
    assert detail is not None
    assert [(one.group, one.partitions, one.lag, one.complete) for one in detail.readers] == [
        ("audit", 1, 0, True),
        ("billing", 2, 10, True),
    ]
    assert [one.log_end_offset for one in detail.offsets] == [30, 30]
    assert topic_detail("unknown", sampler.table, sampler.bounds, None, groups, {}, None) is None


async def test_a_replica_that_a_reassignment_adds_is_not_missed(cluster: FakeCluster) -> None:
    cluster.add_topic("moving", partitions=1, replicas=3)
    cluster.down = {3}  # out of sync
    first = TopicPartition("moving", 0)
    alive = {broker.id for broker in cluster.nodes}

    async def counts(moving: Sequence[Reassignment], brokers: set[int]) -> tuple[int, int, int, bool | None]:
        cluster.brokers.moving = list(moving)
        sampler = Sampler(cluster)
        await sampler.ask_topics()
        table = sampler.table
        assert table is not None
        moves = sampler.moves and replace(sampler.moves, brokers=frozenset(brokers))
        columns = topic_columns(table, sampler.bounds, sampler.sizes, None, {}, moves)
        detail = topic_detail("moving", table, sampler.bounds, None, (), {}, moves)
        assert detail is not None
        at = columns.names.index("moving")
        shown = detail.topic.partitions[0].under_replicated
        return int(columns.out_of_sync[at]), int(columns.under_replicated[at]), int(columns.moving[at]), shown

    assert await counts([], alive) == (1, 1, 0, True)
    assert await counts([Reassignment(first, (1, 2, 3), (3,), ())], alive) == (1, 0, 1, False)
    assert await counts([Reassignment(first, (1, 2, 3), (2, 3), (1,))], alive) == (1, 0, 1, False)
    assert await counts([Reassignment(first, (1, 2, 3), (3,), ())], {1, 2}) == (1, 1, 1, True)  # its broker is gone
    cluster.brokers.failures["reassignments"] = NotAuthorized("it may not be seen")
    assert await counts([], alive) == (1, -1, -1, None)
    cluster.down = set()
    assert await counts([], alive) == (0, 0, 0, False)  # every replica is in sync: nothing is in progress


async def test_a_group_has_details(cluster: FakeCluster) -> None:
    sampler = Sampler(cluster)
    await sampler.sample()
    assert sampler.groups is not None
    assert sampler.table is not None
    detail = group_detail(sampler.groups["billing"], sampler.table, sampler.bounds, History().totals("billing"))
    assert [member.client_id for member in detail.members or ()] == ["billing"]
    assert detail.partitions.owners.tolist() == [0, 0]
    assert sampler.groups["audit"].members == 0
    assert sampler.groups["audit"].type is GroupType.CLASSIC
    assert sampler.groups["audit"].elsewhere == dict[TopicPartition, CommittedOffset | None]()


async def test_topics_created_on_an_empty_cluster_have_their_sizes() -> None:
    cluster = FakeCluster()
    sampler = Sampler(cluster)
    await sampler.sample()
    await sampler.ask_sizes()
    cluster.add_topic("orders", partitions=2)
    cluster.add_record("orders", b"{}", partition=1)
    sampler.refresh()
    await sampler.sample()
    assert sampler.table is not None
    assert sampler.table.topics == ("orders",)
    assert sampler.sizes is not None
    assert len(sampler.sizes) == 2
