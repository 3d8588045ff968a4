"""The fake's consumers behave as the ones seen on real clusters."""

from __future__ import annotations

import pytest

from kafkaview.terms import CommittedOffset, GroupListing, GroupState, GroupType, TopicPartition
from tests.kit.fake_cluster import FakeCluster, FakeMember, OnPoison

PARTITION = TopicPartition("orders", 0)


@pytest.fixture
def fake() -> FakeCluster:
    fake = FakeCluster()
    fake.add_topic("orders")
    for number in range(30):
        fake.add_record("orders", b"%d" % number, poison=number == 12)
    return fake


def stands(fake: FakeCluster, group: str = "g") -> int:
    return fake.grouped[group].committed[PARTITION].offset


def tick(fake: FakeCluster, times: int) -> None:
    for _ in range(times):
        fake.tick()


@pytest.mark.parametrize("on_poison", [OnPoison.RETRY, OnPoison.CRASH])
def test_a_consumer_stands_at_the_poison(fake: FakeCluster, on_poison: OnPoison) -> None:
    member = fake.join("g", FakeMember("c", (PARTITION,), on_poison))
    tick(fake, 5)
    assert stands(fake) == 12
    assert (member.restarts > 0) is (on_poison is OnPoison.CRASH)


def test_a_healthy_consumer_drains(fake: FakeCluster) -> None:
    fake.join("g", FakeMember("c", (PARTITION,)))
    tick(fake, 3)
    assert stands(fake) == 30


async def test_a_commit_from_outside_is_not_effective_until_the_member_is_removed(fake: FakeCluster) -> None:
    fake.join("g", FakeMember("c", (PARTITION,), OnPoison.RETRY, auto_commit=True))
    tick(fake, 3)
    fake.grouped["g"].committed[PARTITION] = CommittedOffset(13)
    tick(fake, 1)
    assert stands(fake) == 12, "the member rewinds it"
    listing = GroupListing("g", GroupType.CLASSIC, GroupState.STABLE)
    group = (await fake.describe_groups([listing]))["g"]
    assert not isinstance(group, Exception)
    await fake.remove_members(group, "test")
    fake.commit("g", PARTITION, 13)
    tick(fake, 3)
    assert stands(fake) == 30
