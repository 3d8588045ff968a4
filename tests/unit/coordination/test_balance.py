"""Each broker's share of leaders, replicas and bytes."""

from __future__ import annotations

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.brokers import LogDirectory, Reassignment
from kafkaview.coordination.balance import balance
from kafkaview.coordination.replica_moves import ReplicaMoves
from kafkaview.terms import Partition, Topic, TopicPartition


def topic(*partitions: Partition) -> Topic:
    return Topic("t", internal=False, partitions=partitions)


def directory(size: int) -> tuple[LogDirectory, ...]:
    return (LogDirectory("/data", None, None, {TopicPartition("t", 0): size}),)


TWO = topic(
    Partition("t", 0, 1, (2, 1), (1, 2)),
    Partition("t", 1, 1, (1, 2), (1, 2)),
    Partition("t", 2, None, (3, 2), ()),
)


def test_leaders_are_counted_beside_the_preferred_leaders() -> None:
    result = balance([TWO], [1, 2, 3], {})
    assert [(one.broker, one.leaders, one.preferred, one.replicas) for one in result.loads] == [
        (1, 2, 1, 2),
        (2, 0, 1, 3),
        (3, 0, 1, 1),
    ]
    assert result.misled == 1


def test_a_replica_that_is_not_in_sync_is_counted_where_it_lies() -> None:
    assert [one.out_of_sync for one in balance([TWO], [1, 2, 3], {}).loads] == [0, 1, 1]


def test_a_replica_that_is_being_added_is_not_missed_unless_its_broker_is_gone() -> None:
    moving = topic(Partition("t", 0, 1, (1, 2, 3), (1,)), Partition("t", 1, 2, (2, 1), (2,)))
    added = Reassignment(TopicPartition("t", 0), (1, 2, 3), (2, 3), ())

    def out_of_sync(moves: ReplicaMoves | None) -> list[int | None]:
        return [one.out_of_sync for one in balance([moving], [1, 2, 3], {}, moves).loads]

    assert out_of_sync(ReplicaMoves.of([added], frozenset((1, 2, 3)))) == [1, 0, 0]
    assert out_of_sync(ReplicaMoves.of([added], frozenset((1, 2)))) == [1, 0, 1]
    assert out_of_sync(None) == [None, None, None]  # whether one is in progress may not be seen


def test_bytes_that_one_broker_did_not_tell_are_unknown() -> None:
    result = balance([TWO], [1, 2], {1: directory(30), 2: directory(10), 3: Unreachable("away")})
    assert [one.log_bytes for one in result.loads] == [30, 10, None]


def test_a_broker_that_is_gone_from_the_metadata_shows_by_its_replicas() -> None:
    assert [one.broker for one in balance([TWO], [1], {}).loads] == [1, 2, 3]


def test_in_an_empty_cluster_nothing_is_led_elsewhere() -> None:
    result = balance([], [1, 2], {})
    assert result.misled == 0
