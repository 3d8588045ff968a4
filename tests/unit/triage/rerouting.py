"""What the tests of the write path share: a cluster in memory with poison in it, and a session on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import RecordId, TopicPartition
from tests.kit.fake_cluster import FakeCluster

GOOD, BAD = b'{"n": 1}', b'{"n": '
P0, P1 = TopicPartition("orders", 0), TopicPartition("orders", 1)
POISON, SECOND = RecordId("orders", 0, 10), RecordId("orders", 0, 12)
Q0 = TopicPartition("orders-dlq", 0)


def poisoned(cluster: FakeCluster) -> FakeCluster:
    """orders: two partitions of 30 records, poison at 10 and 12 of each."""
    cluster.add_topic("orders", partitions=2)
    for partition in range(2):
        for number in range(30):
            cluster.add_record(
                "orders", BAD if number in (10, 12) else GOOD, partition=partition, key=b"k", poison=number in (10, 12)
            )
    return cluster


@asynccontextmanager
async def session_on(cluster: FakeCluster, journal: Path) -> AsyncIterator[Session]:
    """A session on a cluster in memory, with a real journal."""
    store = Journal(journal)
    try:
        yield Session(ConnectionProfile("test", "localhost:1"), cluster, TopicDecoders(), store)
    finally:
        await store.close()
