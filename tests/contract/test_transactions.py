"""One transaction of copies and offsets, on the fake and on real brokers."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    FencedTransaction,
    PlanNoLongerHolds,
    RecordTooLarge,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.ports.cluster import Cluster, Copy, GroupMove, TransactionStage
from kafkaview.terms import CommittedOffset, GroupType, Header, Isolation, Record, RecordId, TopicPartition
from tests.contract.test_looking import group_name, records, until_stable
from tests.contract.world import World
from tests.kit.patience import patience

Check = Callable[[TransactionStage], Awaitable[None]]

ODD = (Header("a", None), Header("a", b""), Header("\xe9", b"\xff\x00"), Header("a", b"x"))


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


def transactional_id() -> str:
    return f"kafkaview-{uuid.uuid4()}"


def plain(topic: str, value: bytes = b"v") -> Copy:
    return Copy(topic, 0, None, value, (), None)


async def committed(cluster: Cluster, group: str, partition: TopicPartition) -> int | None:
    answer = (await cluster.committed_offsets([group], require_stable=True))[group]
    assert not isinstance(answer, ClusterError)
    return answer[partition].offset if partition in answer else None


async def read_stable(cluster: Cluster, partition: TopicPartition, entries: int) -> list[Record]:
    """What is committed once the log has so many entries and the transaction's marker is written."""
    async with asyncio.timeout(patience(10)):
        while (await cluster.offsets([partition]))[partition].last_stable_offset != entries:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return await records(cluster, {partition: 0})


async def test_copies_and_offsets_are_committed_together_byte_for_byte(world: World) -> None:
    source, target = await world.topic(), await world.topic()
    partition = TopicPartition(source, 0)
    await world.put(source, [b"a", b"b", b"c"])
    one, two = group_name(), group_name()
    await world.commit(one, partition, 1)
    copies = [
        Copy(target, 0, None, None, (), 1_000),
        Copy(target, 0, b"", b"", ODD, 1_234_567_890_123),
        Copy(target, 0, b"k\x00", b"\xff" * 100, (), None),
    ]
    moves = [GroupMove(group, partition, CommittedOffset(2, 0)) for group in (one, two)]
    stages = []

    async def check(stage: TransactionStage) -> None:
        stages.append(stage)
        assert await records(world.cluster, {TopicPartition(target, 0): 0}) == []

    written = await world.cluster.transact(transactional_id(), copies, moves, check)
    assert written == tuple(RecordId(target, 0, offset) for offset in range(3))
    assert stages == [TransactionStage.BEGUN, TransactionStage.READY]
    found = await read_stable(world.cluster, TopicPartition(target, 0), 4)
    assert [(r.key, r.value, r.headers) for r in found] == [(c.key, c.value, c.headers) for c in copies]
    assert [r.timestamp_ms for r in found[:2]] == [1_000, 1_234_567_890_123]
    assert [await committed(world.cluster, group, partition) for group in (one, two)] == [2, 2]


async def test_offsets_of_a_live_group_are_moved_too(world: World) -> None:
    name, group = await world.topic(), group_name()
    await world.put(name, [b"a", b"b"])
    partition = TopicPartition(name, 0)
    await world.commit(group, partition, 0)  # a first offset that is still pending is not told as unstable
    async with world.member(group, name, GroupType.CLASSIC):
        await until_stable(world.cluster, group, GroupType.CLASSIC)
        await world.cluster.transact(
            transactional_id(), [plain(name)], [GroupMove(group, partition, CommittedOffset(1))], fine
        )
        assert await committed(world.cluster, group, partition) == 1


@pytest.mark.parametrize("stage", list(TransactionStage))
async def test_a_failed_check_leaves_nothing(world: World, stage: TransactionStage) -> None:
    name, group = await world.topic(), group_name()
    partition = TopicPartition(name, 0)

    async def check(now: TransactionStage) -> None:
        if now is stage:
            raise PlanNoLongerHolds("it has moved")

    with pytest.raises(PlanNoLongerHolds, match="it has moved"):
        await world.cluster.transact(
            transactional_id(), [plain(name)], [GroupMove(group, partition, CommittedOffset(1))], check
        )
    assert await records(world.cluster, {partition: 0}) == []
    assert await committed(world.cluster, group, partition) is None


async def test_a_cancelled_transaction_leaves_nothing(world: World) -> None:
    name = await world.topic()
    partition = TopicPartition(name, 0)
    waiting = asyncio.Event()

    async def check(stage: TransactionStage) -> None:
        if stage is TransactionStage.READY:
            waiting.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(world.cluster.transact(transactional_id(), [plain(name)], [], check))
    async with asyncio.timeout(patience(15)):
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await read_stable(world.cluster, partition, 2) == []
    aborted = await records(world.cluster, {partition: 0}, isolation=Isolation.READ_UNCOMMITTED)
    assert len(aborted) == 1, "it was written, and aborted"


async def test_a_transaction_that_is_cancelled_while_it_is_committed_is_returned(world: World) -> None:
    name, group = await world.topic(), group_name()
    partition = TopicPartition(name, 0)
    written: list[RecordId] = []

    async def check(stage: TransactionStage) -> None:
        if stage is TransactionStage.READY:
            asyncio.get_running_loop().call_soon(task.cancel)  # it runs once the commit is waited for

    async def transact() -> None:
        moves = [GroupMove(group, partition, CommittedOffset(1))]
        written.extend(await world.cluster.transact(transactional_id(), [plain(name)], moves, check))
        await asyncio.sleep(60)

    task = asyncio.create_task(transact())
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(patience(15)):
            await task
    assert written == [RecordId(name, 0, 0)]
    assert len(await read_stable(world.cluster, partition, 2)) == 1
    assert await committed(world.cluster, group, partition) == 1


async def test_a_second_holder_of_the_id_fences_the_first(world: World) -> None:
    name, shared = await world.topic(), transactional_id()
    partition = TopicPartition(name, 0)

    async def second_comes(stage: TransactionStage) -> None:
        if stage is TransactionStage.READY:
            await world.cluster.transact(shared, [plain(name, b"second")], [], fine)

    with pytest.raises(FencedTransaction, match=r"^Another kafkaview .*; nothing was written\.$"):
        await world.cluster.transact(shared, [plain(name, b"first")], [], second_comes)
    async with asyncio.timeout(patience(10)):
        while [r.value for r in await records(world.cluster, {partition: 0})] != [b"second"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class _SlowCopies(list[Copy]):
    """Copies of which the second is there a second after the first."""

    def __iter__(self) -> Iterator[Copy]:
        for number, copy in enumerate(super().__iter__()):
            if number == 1:
                time.sleep(1)
            yield copy


async def test_one_that_is_fenced_while_it_still_writes_says_so(world: World) -> None:
    name, shared = await world.topic(), transactional_id()

    async def second_comes(stage: TransactionStage) -> None:
        if stage is TransactionStage.BEGUN:
            await world.cluster.transact(shared, [plain(name, b"second")], [], fine)

    copies = _SlowCopies([plain(name, b"first"), plain(name, b"late")])
    with pytest.raises(FencedTransaction, match=r"^Another kafkaview .*; nothing was written\.$"):
        await world.cluster.transact(shared, copies, [], second_comes)
    assert [r.value for r in await read_stable(world.cluster, TopicPartition(name, 0), 2)] == [b"second"]


async def test_a_record_larger_than_the_topic_takes_is_refused_and_nothing_moves(world: World) -> None:
    name, group = await world.topic(max_message_bytes="2000"), group_name()
    partition = TopicPartition(name, 0)
    noise = uuid.uuid4().bytes * 10 + b"".join(uuid.uuid4().bytes for _ in range(300))
    with pytest.raises(RecordTooLarge):
        await world.cluster.transact(
            transactional_id(), [plain(name, noise)], [GroupMove(group, partition, CommittedOffset(1))], fine
        )
    assert await committed(world.cluster, group, partition) is None
    assert await records(world.cluster, {partition: 0}) == []


async def test_records_that_fit_alone_fit_together(world: World) -> None:
    name = await world.topic(max_message_bytes="2000")
    copies = [plain(name, b"".join(uuid.uuid4().bytes for _ in range(100))) for _ in range(5)]
    assert len(await world.cluster.transact(transactional_id(), copies, [], fine)) == 5


async def test_a_copy_to_what_is_not_there_is_refused_and_nothing_is_made(world: World) -> None:
    name = await world.topic()
    for copy in (plain("nowhere"), Copy(name, 3, None, b"", (), None)):
        with pytest.raises(UnknownTopicOrPartition):
            await world.cluster.transact(transactional_id(), [copy], [], fine)
    assert "nowhere" not in {topic.name for topic in await world.cluster.topics()}


async def test_a_timestamp_of_zero_is_refused_rather_than_replaced(world: World) -> None:
    name = await world.topic()
    with pytest.raises(ClusterError, match="timestamp 0"):
        await world.cluster.transact(transactional_id(), [Copy(name, 0, None, b"", (), 0)], [], fine)


async def test_a_transaction_that_may_be_made_is_refused_nothing_and_nothing_comes_of_the_question(
    world: World,
) -> None:
    name, group, ours = await world.topic(), group_name(), transactional_id()
    for topic in (name, "nowhere"):
        assert await world.cluster.transactions.refusals(ours, [topic], [group, f"{group}-2"]) == ()
    assert "nowhere" not in {topic.name for topic in await world.cluster.topics()}
    assert await world.cluster.transactions.describe(ours) is None
    assert len(await world.cluster.transact(ours, [plain(name)], [], fine)) == 1
    assert await world.cluster.transactions.refusals(ours, [name], [group]) == ()
    assert len(await world.cluster.transact(ours, [plain(name)], [], fine)) == 1


async def test_copies_that_are_put_together_in_batches_are_each_in_its_place(world: World) -> None:
    target = await world.topic(partitions=2, max_message_bytes="2000")
    copies = [Copy(target, number % 2, b"%d" % number, random.randbytes(700), ODD, 1_000) for number in range(40)]
    written = await world.cluster.transact(transactional_id(), copies, [], fine, batch_bytes=2_000)
    assert written == tuple(RecordId(target, number % 2, number // 2) for number in range(40))
    found = await read_stable(world.cluster, TopicPartition(target, 1), 21)
    assert [(r.key, r.value, r.headers) for r in found] == [(c.key, c.value, c.headers) for c in copies[1::2]]


async def test_one_producer_runs_many_transactions_each_with_its_offsets(world: World) -> None:
    name, group = await world.topic(), group_name()
    partition = TopicPartition(name, 0)
    async with world.cluster.transactor(transactional_id()) as transactor:
        for number in range(3):
            moves = [GroupMove(group, partition, CommittedOffset(number + 1))]
            (written,) = await transactor.transact([plain(name, b"%d" % number)], moves, fine)
            assert written == RecordId(name, 0, 2 * number), "a marker ends each"
        assert await committed(world.cluster, group, partition) == 3
    assert [r.value for r in await read_stable(world.cluster, partition, 6)] == [b"0", b"1", b"2"]


async def test_behind_a_transaction_that_was_aborted_the_producer_goes_on(world: World) -> None:
    name = await world.topic()
    partition = TopicPartition(name, 0)

    async def refuse(stage: TransactionStage) -> None:
        if stage is TransactionStage.READY:
            raise PlanNoLongerHolds("it has moved")

    async with world.cluster.transactor(transactional_id()) as transactor:
        with pytest.raises(PlanNoLongerHolds, match="it has moved"):
            await transactor.transact([plain(name, b"first")], [], refuse)
        await transactor.transact([plain(name, b"second")], [], fine)
    assert [r.value for r in await read_stable(world.cluster, partition, 4)] == [b"second"]


async def test_a_producer_that_is_opened_fences_an_earlier_one_of_its_id(world: World) -> None:
    name, shared = await world.topic(), transactional_id()
    async with world.cluster.transactor(shared) as first:
        await first.transact([plain(name, b"first")], [], fine)
        async with world.cluster.transactor(shared) as second:
            with pytest.raises(FencedTransaction, match=r"^Another kafkaview .*; nothing was written\.$"):
                await first.transact([plain(name, b"late")], [], fine)
            await second.transact([plain(name, b"second")], [], fine)
    found = [record.value for record in await read_stable(world.cluster, TopicPartition(name, 0), 4)]
    assert found == [b"first", b"second"]


async def test_records_are_produced_outside_a_transaction_byte_for_byte(world: World) -> None:
    target = await world.topic()
    copies = [
        Copy(target, 0, None, None, (), 1_000),
        Copy(target, 0, b"", b"", ODD, 1_234_567_890_123),
        Copy(target, 0, b"k\x00", b"\xff" * 100, (), None),
    ]
    written = await world.cluster.produce(copies)
    assert written == tuple(RecordId(target, 0, offset) for offset in range(3))
    found = await read_stable(world.cluster, TopicPartition(target, 0), 3)
    assert [(r.key, r.value, r.headers) for r in found] == [(c.key, c.value, c.headers) for c in copies]
    assert [r.timestamp_ms for r in found[:2]] == [1_000, 1_234_567_890_123]


async def test_what_a_topic_does_not_take_is_not_produced(world: World) -> None:
    target = await world.topic(max_message_bytes="1000")
    with pytest.raises(RecordTooLarge):
        await world.cluster.produce([plain(target, random.randbytes(5_000))])
    with pytest.raises(UnknownTopicOrPartition):
        await world.cluster.produce([plain(f"{target}-missing")])
    with pytest.raises(UnknownTopicOrPartition):
        await world.cluster.produce([Copy(target, 7, None, b"v", (), None)])
    assert await records(world.cluster, {TopicPartition(target, 0): 0}) == []
