"""A broker that was frozen, or killed and started again, is heard again within seconds: every time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.columns import CommitColumns
from kafkaview.demo.jars import CannotRunKafka
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from tests.broker.material import Broker
from tests.broker.secure_kafka import SecureKafka
from tests.kit.patience import patience

BACK_SECONDS = 10.0
LATE_SECONDS = 8.0  # the longest that a question may stay without an answer, even if the answer is "unreachable"
PAUSE_SECONDS = 0.5
GROUP = "returning"


@pytest.fixture(scope="module")
def kafka() -> Iterator[EmbeddedKafka]:
    """A broker of this file's own, for it is frozen and killed here."""
    with EmbeddedKafka() as kafka:
        broker = Broker(kafka.bootstrap)
        broker.commit(GROUP, broker.topic(), 0)
        yield kafka


class Asked:
    """Asks for everything, again and again, and knows when it was last told all of it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.answered_at = 0.0
        self.failure: ClusterError | None = None
        self.longest = 0.0

    async def ask(self) -> None:
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(patience(LATE_SECONDS)):
                    await everything(self.cluster)
            except ClusterError as failure:
                self.failure = failure
            else:
                self.answered_at, self.failure = began, None
            self.longest = max(self.longest, time.monotonic() - began)
            await asyncio.sleep(PAUSE_SECONDS)

    async def until_told(self, seconds: float) -> float:
        """How long it takes from now until all of it was told, to a question that began after now."""
        began = time.monotonic()
        while self.answered_at < began:
            assert time.monotonic() - began < seconds, f"not told after {seconds:.0f} s: {self.failure}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began


async def everything(cluster: Cluster) -> None:
    """What a sample asks for. Raises where any of it is missing."""
    await cluster.describe()
    table = await cluster.partition_table()
    groups = await cluster.groups()
    for error in groups.errors:
        raise error
    bounds = await cluster.log_bounds(table)
    if (bounds.log_end < 0).any():
        raise Unreachable("a log end is missing")
    commits = await cluster.commits([GROUP], table)
    answers = [*commits.values(), *(await cluster.describe_groups(groups.listings)).values()]
    for answer in answers:
        if isinstance(answer, ClusterError):
            raise answer
    assert isinstance(commits[GROUP], CommitColumns)


@asynccontextmanager
async def asked(way: tuple[ConnectionProfile, Secrets]) -> AsyncIterator[Asked]:
    cluster = open_cluster(*way)
    one = Asked(cluster)
    asking = asyncio.create_task(one.ask())
    try:
        await one.until_told(20)
        yield one
    finally:
        asking.cancel()
        await cluster.close()


async def freeze(kafka: EmbeddedKafka, one: Asked, seconds: float) -> float:
    await asyncio.to_thread(kafka.pause, 1)
    try:
        await asyncio.sleep(seconds)
        assert one.failure is not None, "a frozen broker is noticed"
    finally:
        await asyncio.to_thread(kafka.resume, 1)
    return await one.until_told(BACK_SECONDS)


async def kill(kafka: EmbeddedKafka, one: Asked, seconds: float) -> float:
    await asyncio.to_thread(kafka.kill, 1)
    await asyncio.sleep(seconds)
    assert one.failure is not None, "a dead broker is noticed"
    await asyncio.to_thread(started_again, kafka)
    return await one.until_told(BACK_SECONDS)


def started_again(kafka: EmbeddedKafka) -> None:
    """Until the broker serves, on a computer that has much else to do."""
    for tries_left in reversed(range(5)):
        try:
            return kafka.restart(1)
        except CannotRunKafka:
            if not tries_left:
                raise
            kafka.kill(1)
    return None


def plain(kafka: EmbeddedKafka) -> tuple[ConnectionProfile, Secrets]:
    return ConnectionProfile("returning", kafka.bootstrap), Secrets()


async def test_a_broker_that_was_frozen_is_heard_again(kafka: EmbeddedKafka) -> None:
    async with asked(plain(kafka)) as one:
        for seconds in (5, 12, 6):
            await freeze(kafka, one, seconds)
        assert one.longest < LATE_SECONDS


async def test_a_broker_that_was_killed_is_heard_again(kafka: EmbeddedKafka) -> None:
    async with asked(plain(kafka)) as one:
        for seconds in (1, 5, 2):
            await kill(kafka, one, seconds)


async def test_a_user_who_tries_now_begins_anew_and_waits_for_nothing(kafka: EmbeddedKafka) -> None:
    async with asked(plain(kafka)) as one:
        for _ in range(3):
            began = time.monotonic()
            await one.cluster.renew()
            assert time.monotonic() - began < patience(0.05)
            await one.until_told(3)


@pytest.mark.soak
@pytest.mark.parametrize("listener", ["PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize(("breaks", "least", "most"), [(freeze, 5, 60), (kill, 1, 20)])
async def test_twenty_in_a_row(
    breaks: Callable[[EmbeddedKafka, Asked, float], Awaitable[float]], least: int, most: int, listener: str
) -> None:
    mechanism = "SCRAM-SHA-256" if listener == "SASL_SSL" else None
    with SecureKafka() as secure:
        broker = Broker(secure.kafka.bootstrap)
        broker.commit(GROUP, broker.topic(), 0)
        async with asked(secure.way(listener, mechanism=mechanism)) as one:
            back = [await breaks(secure.kafka, one, random.uniform(least, most)) for _ in range(20)]
        print(f"{listener}, {breaks.__name__}: back after {sorted(round(seconds, 1) for seconds in back)} s")
