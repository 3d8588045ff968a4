from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster


@pytest.fixture
def cluster() -> FakeCluster:
    """orders: three partitions of 40 JSON records, written in turns."""
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=3)
    for number in range(120):
        cluster.add_record(
            "orders",
            b'{"n": %d}' % number,
            partition=number % 3,
            key=b"k%d" % number,
            timestamp_ms=FIRST_TIMESTAMP_MS + number,
        )
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()
