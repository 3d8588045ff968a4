"""A queue that another copy of the program makes while a plan asks for it."""

from __future__ import annotations

import pytest

from kafkaview.cluster.errors import TopicExists, UnknownTopicOrPartition
from kafkaview.terms import Topic
from kafkaview.triage.reroute import queue as queue_module
from kafkaview.triage.reroute.queue import look_at_queue
from tests.kit.fake_cluster import FakeCluster


class LateCluster(FakeCluster):
    """The controller knows the queue; the broker that is asked learns of it after the second look."""

    looks = 0

    async def topic(self, name: str) -> Topic:
        """As the port says."""
        if name == "orders-dlq":
            self.looks += 1
            if self.looks < 3:
                raise UnknownTopicOrPartition(f"There is no topic {name}")
        return await super().topic(name)


async def test_a_queue_made_meanwhile_is_looked_at_as_it_is() -> None:
    cluster = LateCluster()
    cluster.add_topic("orders", partitions=2)
    cluster.add_topic("orders-dlq", partitions=3)
    queue = await look_at_queue(cluster, "orders-dlq", await cluster.topic("orders"), create=True)
    assert queue.problem is None
    assert queue.partitions == 3


async def test_a_queue_that_no_broker_comes_to_know_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "_UNTIL_KNOWN_S", 0.2)
    cluster = LateCluster()
    cluster.looks = -1_000
    cluster.add_topic("orders", partitions=2)
    cluster.add_topic("orders-dlq", partitions=3)
    queue = await look_at_queue(cluster, "orders-dlq", await cluster.topic("orders"), create=True)
    assert isinstance(queue.problem, TopicExists)
