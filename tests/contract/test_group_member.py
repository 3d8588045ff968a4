"""A member of a consumer group, on the fake and on real brokers: what it reads, passes, holds and reads again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kafkaview.cluster.errors import RecordTooLarge
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.cluster.ports.group_member import (
    CommittedCopy,
    GroupMember,
    GroupMembership,
    HeldRecord,
    MemberPoll,
    SourceCopy,
)
from kafkaview.terms import RecordId, TopicPartition
from tests.contract.test_looking import group_name, records
from tests.contract.test_transactions import committed, transactional_id
from tests.contract.world import World
from tests.kit.patience import patience


@dataclass
class Reader:
    """A member, and what it was told since that was last forgotten."""

    member: GroupMember
    found: list[RecordId] = field(default_factory=list)
    copied: list[CommittedCopy] = field(default_factory=list)
    held: list[HeldRecord] = field(default_factory=list)
    last: MemberPoll | None = None
    left: MemberPoll | None = None

    async def close(self) -> MemberPoll:
        """Leaves the group, once."""
        self.left = self.left or await self.member.close()
        return self.left

    async def poll(self) -> MemberPoll:
        """One poll, which is kept."""
        poll = await self.member.poll()
        rows = zip(poll.records.topics(), poll.records.partitions(), poll.records.offsets(), strict=True)
        self.found += [RecordId(*row) for row in rows]
        self.copied += poll.copied
        self.held += poll.held
        self.last = poll
        return poll

    async def until(self, holds: Callable[[], bool]) -> None:
        """Polls until a condition holds."""
        async with asyncio.timeout(patience(30)):
            while not holds():
                await self.poll()

    def offsets(self, partition: int = 0) -> list[int]:
        """The offsets of one partition that were read."""
        return [one.offset for one in self.found if one.partition == partition]

    def forget(self) -> None:
        """Forgets what was read."""
        self.found.clear()


@asynccontextmanager
async def joined(
    world: World, group: str, topic: str, *, from_end: bool = False, writes: bool = False
) -> AsyncIterator[Reader]:
    ours = transactional_id() if writes else None
    member = world.cluster.join_group(GroupMembership(group, (topic,), from_end=from_end, transactional_id=ours))
    reader = Reader(member)
    try:
        yield reader
    finally:
        await reader.close()


async def filled(world: World, *counts: int) -> tuple[str, list[TopicPartition]]:
    """A topic with so many records in each partition."""
    name = await world.topic(len(counts))
    for partition, count in enumerate(counts):
        await world.put(name, [b"%d" % number for number in range(count)], partition)
    return name, [TopicPartition(name, partition) for partition in range(len(counts))]


async def stand_at(world: World, group: str, place: TopicPartition, offset: int) -> None:
    """Waits until a group stands at an offset: brokers end a transaction one partition after the other."""
    async with asyncio.timeout(patience(10)):
        while await committed(world.cluster, group, place) != offset:  # noqa: ASYNC110 - a commit is no event
            await asyncio.sleep(0.05)


async def test_a_member_reads_what_is_there_and_what_comes(world: World) -> None:
    name, places = await filled(world, 2, 1)
    async with joined(world, group_name(), name) as reader:
        await reader.until(lambda: len(reader.found) == 3)
        assert (reader.offsets(0), reader.offsets(1)) == ([0, 1], [0])
        await world.put(name, [b"later"], 1)
        await reader.until(lambda: reader.offsets(1) == [0, 1])
        await reader.until(
            lambda: reader.last is not None and reader.last.read == dict(zip(places, (2, 2), strict=True))
        )
        assert reader.last is not None
        assert reader.last.ends == dict(zip(places, (2, 2), strict=True))


async def test_one_that_begins_at_the_end_leaves_that_to_the_next(world: World) -> None:
    name, (place,) = await filled(world, 3)
    group = group_name()
    async with joined(world, group, name, from_end=True) as reader:
        await reader.until(lambda: reader.last is not None and reader.last.read == {place: 3})
        assert reader.found == []
    await world.put(name, [b"between"])
    async with joined(world, group, name) as reader:
        await reader.until(lambda: bool(reader.found))
        assert reader.offsets() == [3]


async def test_the_next_member_reads_what_was_not_passed(world: World) -> None:
    name, (place,) = await filled(world, 3)
    group = group_name()
    async with joined(world, group, name) as reader:
        await reader.until(lambda: len(reader.found) == 3)
        await reader.member.pass_records({place: 2}, [])
    await stand_at(world, group, place, 2)
    async with joined(world, group, name) as reader:
        await reader.until(lambda: bool(reader.found))
        assert reader.offsets() == [2]


async def test_copies_and_the_offsets_behind_their_sources_stand_together(world: World) -> None:
    name, (place,) = await filled(world, 3)
    queue, group = await world.topic(), group_name()
    async with joined(world, group, name, writes=True) as reader:
        await reader.until(lambda: len(reader.found) == 3)
        source = RecordId(name, 0, 1)
        await reader.member.pass_records({place: 3}, [SourceCopy(source, Copy(queue, 0, b"k", b"1", (), None))])
        await reader.until(lambda: bool(reader.copied))
        assert reader.copied == [CommittedCopy(source, RecordId(queue, 0, 0))]
        await stand_at(world, group, place, 3)
    assert [record.value for record in await records(world.cluster, {TopicPartition(queue, 0): 0})] == [b"1"]


async def test_what_is_passed_at_last_is_told_by_the_close(world: World) -> None:
    name, (place,) = await filled(world, 1)
    queue, group = await world.topic(), group_name()
    async with joined(world, group, name, writes=True) as reader:
        await reader.until(lambda: len(reader.found) == 1)
        source = RecordId(name, 0, 0)
        await reader.member.pass_records({place: 1}, [SourceCopy(source, Copy(queue, 0, None, b"v", (), None))])
        last = await reader.close()
    assert (last.copied, last.error) == ((CommittedCopy(source, RecordId(queue, 0, 0)),), None)
    await stand_at(world, group, place, 1)


async def test_a_partition_that_is_held_is_not_read_until_it_is_released(world: World) -> None:
    name, (held, other) = await filled(world, 2, 1)
    async with joined(world, group_name(), name) as reader:
        await reader.until(lambda: len(reader.found) == 3)
        await reader.member.hold(held)
        reader.forget()
        await world.put(name, [b"behind"], 0)
        await world.put(name, [b"beside"], 1)
        await reader.until(lambda: reader.offsets(1) == [1])
        for _ in range(3):
            await reader.poll()
        assert reader.offsets(0) == []
        await reader.member.pass_records({other: 2}, [])
        await reader.member.release(held)
        await reader.until(lambda: len(reader.offsets(0)) == 3)
        assert reader.offsets(0) == [0, 1, 2]


async def test_going_back_reads_all_again_from_what_is_committed(world: World) -> None:
    name, (one, other) = await filled(world, 3, 2)
    group = group_name()
    async with joined(world, group, name) as reader:
        await reader.until(lambda: len(reader.found) == 5)
        await reader.member.pass_records({one: 1}, [])
        async with asyncio.timeout(patience(30)):
            while await committed(world.cluster, group, one) != 1:
                await reader.poll()
        await reader.member.hold(other)
        await reader.member.go_back()
        await reader.member.pass_records({one: 3, other: 2}, [])  # of what is read again now
        reader.forget()
        await reader.until(lambda: len(reader.found) >= 4)
        assert (reader.offsets(0), reader.offsets(1)) == ([1, 2], [0, 1])
    await stand_at(world, group, one, 1)


async def test_a_copy_that_its_topic_does_not_take_is_told_and_nothing_is_passed(world: World) -> None:
    name, (place,) = await filled(world, 2)
    queue, group = await world.topic(max_message_bytes="1000"), group_name()
    async with joined(world, group, name, writes=True) as reader:
        await reader.until(lambda: len(reader.found) == 2)
        reader.forget()
        copies = [
            SourceCopy(RecordId(name, 0, number), Copy(queue, 0, None, random.randbytes(size), (), None))
            for number, size in enumerate((10, 5_000))
        ]
        await reader.member.pass_records({place: 2}, copies)
        await reader.until(lambda: bool(reader.held))
        (refused,) = reader.held
        assert (refused.record, isinstance(refused.error, RecordTooLarge)) == (RecordId(name, 0, 1), True)
        await reader.until(lambda: len(reader.found) == 2)
        assert (reader.offsets(), reader.copied) == ([0, 1], [])
    assert await committed(world.cluster, group, place) is None
    assert await records(world.cluster, {TopicPartition(queue, 0): 0}) == []
