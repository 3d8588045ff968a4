"""A read-only profile writes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from kafkaview.cluster.errors import ReadOnly
from kafkaview.cluster.guard import ReadOnlyCluster
from kafkaview.cluster.kafka import open_cluster
from kafkaview.cluster.port import Cluster, TransactionStage
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Group, GroupState, GroupType, TopicPartition
from tests.fake_cluster import FakeCluster

GROUP = Group("g", GroupType.CLASSIC, GroupState.EMPTY, None, 1, ())


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


WRITES: dict[str, Callable[[Cluster], Awaitable[object]]] = {
    "create_topic": lambda cluster: cluster.create_topic("t", 1),
    "transact": lambda cluster: cluster.transact("x", [], [], fine),
    "remove_members": lambda cluster: cluster.remove_members(GROUP, "test"),
}
LOOKS = {
    "describe", "coordination", "topics", "topic", "topic_settings", "topic_sizes", "offsets", "offsets_at", "groups",
    "describe_groups", "committed", "read", "zookeeper_node",
}  # fmt: skip


def test_every_call_of_the_port_is_known_to_look_or_to_write() -> None:
    calls = {name for name in vars(Cluster) if not name.startswith("_")}
    assert calls == LOOKS | set(WRITES) | {"close"}, "a new call: put it here, and refuse it in the guard if it writes"


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_every_write_is_refused_before_anything_is_asked(write: Callable[[Cluster], Awaitable[object]]) -> None:
    fake = FakeCluster()
    with pytest.raises(ReadOnly):
        await write(ReadOnlyCluster(fake))
    assert not fake.calls


async def test_looking_is_not_refused() -> None:
    fake = FakeCluster()
    fake.add_topic("t")
    fake.add_record("t", b"v")
    cluster: Cluster = ReadOnlyCluster(fake)
    partition = TopicPartition("t", 0)
    assert [topic.name for topic in await cluster.topics()] == ["t"]
    assert [r.value async for batch in cluster.read({partition: 0}) for r in batch.records] == [b"v"]
    assert (await cluster.offsets([partition]))[partition].log_end_offset == 1


async def test_a_read_only_profile_opens_behind_the_guard() -> None:
    cluster = open_cluster(ConnectionProfile("prod", "127.0.0.1:1", read_only=True))
    for write in WRITES.values():
        with pytest.raises(ReadOnly):
            await write(cluster)
    await cluster.close()
