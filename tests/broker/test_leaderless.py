"""While no controller leads, the brokers still serve: what is asked of the controllers holds up nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.security import QuotaEntity, ScramMechanism
from kafkaview.coordination.watch import CoordinationWatch
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session, open_session
from kafkaview.triage.watch.watch import Watch
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.quorum_states import follower_of, healthy, leader_of

LOOKED_AT_S = 12.0
LONGEST_GAP_S = 4.0  # a sample a second on a busy machine; 5 s and more where one waits behind a controller


@pytest.fixture(scope="module")
def kafka() -> Iterator[QuorumKafka]:
    with QuorumKafka(brokers=1) as kafka:
        yield kafka


@asynccontextmanager
async def again_and_again(*asked: Callable[[], Awaitable[object]]) -> AsyncIterator[list[ClusterError]]:
    """Each asked without end while the block lasts; the refusals so far."""
    refusals: list[ClusterError] = []

    async def ask(one: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await one()
            except ClusterError as refusal:
                refusals.append(refusal)
            await asyncio.sleep(0.05)

    tasks = [asyncio.ensure_future(ask(one)) for one in asked]
    try:
        yield refusals
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def gaps(session: Session, seconds: float) -> list[float]:
    """How long each sample of Triage took to come after the one before; each has to be one of now, without a hole."""
    found, last = [], time.monotonic()
    until = last + seconds
    async with aclosing(Watch(session).views()) as views:
        async for view in views:
            assert not view.stale, view.errors
            assert not view.errors
            if not view.samples:
                continue
            assert view.groups is not None
            assert view.groups.names == ("billing",)
            assert view.groups.lag_complete.all()
            found.append(time.monotonic() - last)
            last = time.monotonic()
            if last > until:
                return found
    raise AssertionError("it ended")


async def test_triage_goes_on_while_controllers_are_silent_to_all_that_is_asked_of_them(
    kafka: QuorumKafka, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            open_session(ConnectionProfile("quorum", kafka.bootstrap), journal=tmp_path / "journal.sqlite")
        )
        cluster = session.cluster
        await cluster.create_topic("orders", 1)
        await asyncio.to_thread(_commit, kafka.bootstrap)
        quorum = await healthy(cluster)
        silenced = [leader_of(quorum), follower_of(quorum)]
        for node in silenced:
            kafka.pause(node)
            stack.callback(kafka.resume, node)
        views = await stack.enter_async_context(aclosing(CoordinationWatch(session).views()))
        noise = again_and_again(
            lambda: anext(views),
            cluster.brokers.reassignments,
            cluster.brokers.log_directories,
            lambda: cluster.security.set_quota(QuotaEntity((("user", "billing"),)), {"producer_byte_rate": 1.0}),
            lambda: cluster.security.delete_scram("billing", ScramMechanism.SCRAM_SHA_256),
        )
        refusals = await stack.enter_async_context(noise)
        took = await gaps(session, LOOKED_AT_S)
        print(f"longest gap {max(took):.2f} s of {len(took)}; {len(refusals)} refusals")
        assert refusals
        assert max(took) < LONGEST_GAP_S


def _commit(bootstrap: str) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "billing"})
    try:
        consumer.commit(offsets=[TopicPartition("orders", 0, 0)], asynchronous=False)
    finally:
        consumer.close()
