"""What a member of a group does where brokers do not answer, on a consumer that a test makes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.kafka.group_member import KafkaGroupMember, _OwnedPartition
from kafkaview.cluster.ports.group_member import GroupMembership
from kafkaview.terms import TopicPartition

PLACE = ("orders", 0)


class Answers:
    """A consumer: what is committed of a partition, an error, and where its log ends."""

    def __init__(
        self, committed: dict[int, int], ends: dict[int, int | None], failing: frozenset[int] = frozenset()
    ) -> None:
        self.of, self.ends, self.failing = committed, ends, failing
        self.commits: list[tuple[int, int]] = []
        self.assigned: list[tuple[int, int]] = []
        self.sought: list[tuple[int, int]] = []

    def committed(self, partitions: list[ClientPartition], _seconds: float) -> list[Any]:
        return [
            SimpleNamespace(
                topic=one.topic,
                partition=one.partition,
                offset=self.of.get(one.partition, OFFSET_INVALID),
                error=KafkaError(KafkaError._TIMED_OUT) if one.partition in self.failing else None,
            )
            for one in partitions
        ]

    def get_watermark_offsets(self, place: ClientPartition, timeout: float) -> tuple[int, int] | None:
        assert timeout > 0
        end = self.ends[place.partition]
        return None if end is None else (0, end)

    def commit(self, offsets: list[ClientPartition], *, asynchronous: bool) -> None:
        assert not asynchronous
        self.commits += [(one.partition, one.offset) for one in offsets]
        self.of.update(self.commits)

    def assign(self, partitions: list[ClientPartition]) -> None:
        self.assigned = [(one.partition, one.offset) for one in partitions]

    def seek(self, place: ClientPartition) -> None:
        self.sought.append((place.partition, place.offset))

    def resume(self, _partitions: list[ClientPartition]) -> None:
        pass


def member(consumer: Answers, *, from_end: bool = True) -> KafkaGroupMember:
    settings: Any = None
    made = KafkaGroupMember(settings, GroupMembership("watch", ("orders",), from_end=from_end))
    client: Any = consumer
    made._consumer = client
    return made


def assign(made: KafkaGroupMember, consumer: Any, partitions: int) -> None:
    made._assigned(consumer, [ClientPartition("orders", number) for number in range(partitions)])


def test_a_released_partition_is_read_again_even_if_the_member_forgot_that_it_was_held() -> None:
    made = member(Answers({}, {}))
    made._owned[PLACE] = _OwnedPartition(read=90, passed=3, committed=3)
    made._release(PLACE)
    assert made._adrift, "what was read behind the record was not passed"


def test_what_comes_below_what_was_read_is_left_out_and_told() -> None:
    consumer: Any = Answers({}, {})
    made = member(consumer)
    made._owned[PLACE] = _OwnedPartition(read=90)
    message: Any = SimpleNamespace(topic=lambda: "orders", partition=lambda: 0, offset=lambda: 3, error=lambda: None)
    made._take(consumer, message)
    poll = made._tell()
    assert (poll.shortened, len(poll.records)) == (frozenset((TopicPartition(*PLACE),)), 0)
    assert not made._tell().shortened


@pytest.mark.parametrize("from_end", [True, False])
def test_what_is_begun_again_is_read_from_its_beginning_whatever_is_committed(*, from_end: bool) -> None:
    consumer: Any = Answers({0: 25, 1: 40}, {})
    made = member(consumer, from_end=from_end)
    made._owned |= {PLACE: _OwnedPartition(90, 90, 25), ("orders", 1): _OwnedPartition(40, 40, 40)}
    made._begin_again({PLACE, ("orders", 7)})
    made._find_again(consumer)
    assert (consumer.commits, consumer.sought) == ([(0, 0)], [(0, 0), (1, 40)])
    made._drift()
    made._find_again(consumer)
    assert consumer.commits == [(0, 0)]


def test_at_the_end_begins_what_was_never_committed_and_nothing_else() -> None:
    consumer = Answers({0: 7}, {1: 50})
    made = member(consumer)
    assign(made, consumer, 2)
    assert (consumer.assigned, consumer.commits, made._adrift) == ([(0, 7), (1, 50)], [(1, 50)], False)


@pytest.mark.parametrize(("ends", "failing"), [({1: None}, frozenset()), ({1: 50}, frozenset({0}))])
def test_where_one_broker_does_not_tell_nothing_is_passed_until_it_does(
    ends: dict[int, int | None], failing: frozenset[int]
) -> None:
    consumer = Answers({0: 7}, ends, failing)
    made = member(consumer)
    assign(made, consumer, 2)
    assert (consumer.commits, made._adrift) == ([], True)
    made._pass({TopicPartition("orders", 0): 99}, ())
    assert made._owned[PLACE].passed == -1
    client: Any = consumer
    made._find_again(client)
    assert made._adrift
    consumer.ends, consumer.failing = {1: 50}, frozenset()
    made._find_again(client)
    assert (consumer.sought, consumer.commits, made._adrift) == ([(0, 7), (1, 50)], [(1, 50)], False)


def test_a_commit_that_fails_at_the_begin_is_made_later() -> None:
    class Refusing(Answers):
        def commit(self, offsets: list[ClientPartition], *, asynchronous: bool) -> None:  # noqa: ARG002
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    consumer = Refusing({}, {0: 50})
    made = member(consumer)
    assign(made, consumer, 1)
    assert made._adrift
