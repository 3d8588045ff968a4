"""Topics, records and committed offsets in bulk: few large requests, several of them under way at once.

kafka-python sends a request as it is written; librdkafka would ask for one group and one partition at a time.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.errors import CoordinatorNotAvailableError  # type: ignore[import-untyped]
from kafka.protocol.consumer import OffsetCommitRequest  # type: ignore[import-untyped]
from kafka.protocol.producer import ProduceRequest  # type: ignore[import-untyped]
from kafka.record.default_records import DefaultRecordBatchBuilder  # type: ignore[import-untyped]

from tests.benchmarks.shapes import POISON, RECORDS, Shape

T = TypeVar("T")
Partition = tuple[str, int]

_PARTITIONS_AT_ONCE: Final = 2_000  # the controller writes at most 10,000 records for one request
_BATCHES_AT_ONCE: Final = 400
_GROUPS_AT_ONCE: Final = 50
_IN_FLIGHT: Final = 1_000
_SECONDS_TO_FILL: Final = 300.0
_NO_MEMBER: Final = -1


def create_topics(bootstrap: str, topics: Mapping[str, int]) -> None:
    """Create topics of so many partitions each, and wait until every partition has a leader."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    there = admin.list_topics(timeout=30).topics
    new = [NewTopic(name, count, 1) for name, count in topics.items() if name not in there]
    for some in chunks(new, _PARTITIONS_AT_ONCE // max(topics.values(), default=1)):
        for future in admin.create_topics(list(some), request_timeout=60).values():
            future.result(90)
    _await(lambda: len(leaders(bootstrap, topics)) == sum(topics.values()))


def leaders(bootstrap: str, topics: Collection[str]) -> dict[Partition, int]:
    """The leader of each partition that has one."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    known = admin.list_topics(timeout=30).topics
    return {
        (name, number): partition.leader
        for name in topics
        if name in known
        for number, partition in known[name].partitions.items()
        if partition.leader >= 0
    }


def produce(bootstrap: str, topics: Mapping[str, int], poisoned: Collection[Partition]) -> None:
    """Write the same JSON records to each partition, and a record that is no UTF-8 where one is poisoned."""
    batches = {False: _batch(poisoned=False), True: _batch(poisoned=True)}
    left = {(name, number) for name, count in topics.items() for number in range(count)}
    with _client(bootstrap) as client:

        def all_written() -> bool:  # a young partition's leader may not know yet that it leads
            left.difference_update(_written(client, bootstrap, sorted(left), batches, poisoned))
            return not left

        _await(all_written)


def commit(bootstrap: str, shape: Shape, groups: Iterable[int]) -> None:
    """Commit what each group is to have committed, as a group without members may."""
    left = set(groups)
    with _client(bootstrap) as client:

        def all_committed() -> bool:  # a young coordinator may not be ready for some
            left.difference_update(_accepted(client, shape, sorted(left)))
            return not left

        _await(all_committed)


def write_records(bootstrap: str, topic: str, count: int, partitions: int, planted: int = 0) -> None:
    """Write healthy JSON records, lz4, as a real producer batches them, and among them some that a filter is to find;
    nothing where the topic is there already.
    """
    if leaders(bootstrap, [topic]):
        return
    create_topics(bootstrap, {topic: partitions})
    producer = lz4_producer(bootstrap)
    every = count // planted if planted else 0
    for number in range(count):
        value = large_order(number) if every and number % every == every // 2 else record(number)
        while True:
            try:
                producer.produce(topic, value, b"k%d" % (number % 997))
            except BufferError:
                producer.poll(0.1)
            else:
                break
        if number % 1_000 == 0:
            producer.poll(0)
    assert producer.flush(120) == 0


def lz4_producer(bootstrap: str) -> Producer:
    """A producer with large batches."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": "lz4",
            "linger.ms": 50,
            "queue.buffering.max.messages": 1_000_000,
            "log_level": 0,
        }
    )


def chunks(everything: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces."""
    for first in range(0, len(everything), size):
        yield everything[first : first + size]


def record(number: int) -> bytes:
    """A healthy value."""
    return (
        b'{"order_id":"o-%07d","customer":"c-0731","name":"Ren\xc3\xa9 Faure","amount":42.90,"currency":"EUR"}' % number
    )


def large_order(number: int) -> bytes:
    """A value that a filter is to find, by its status or by its amount."""
    return record(number).replace(b"42.90", b"4290.00").replace(b"}", b',"status":"disputed"}')


@contextmanager
def _client(bootstrap: str) -> Iterator[Any]:
    client = KafkaAdminClient(
        bootstrap_servers=bootstrap.split(","),
        request_timeout_ms=60_000,
        max_in_flight_requests_per_connection=_IN_FLIGHT,
    )
    try:
        yield client
    finally:
        client.close()


def _answers(client: Any, requests: Sequence[tuple[int, Any]]) -> list[Any]:
    manager = client._manager
    futures = [manager.call_soon(manager.send, request, broker) for broker, request in requests]

    async def value(future: Any) -> Any:
        return await future

    return [manager.run(value, future) for future in futures]


def _accepted(client: Any, shape: Shape, groups: Sequence[int]) -> Iterator[int]:
    """Ask each group's coordinator to take its offsets; gives the groups whose offsets it took."""
    try:
        coordinators = client._manager.run(client._find_coordinator_ids, list(map(shape.group, groups)))
    except CoordinatorNotAvailableError:  # the first look makes `__consumer_offsets`
        return
    for some in chunks(groups, _GROUPS_AT_ONCE):
        requests = [(coordinators[shape.group(number)], _commit_request(shape, number)) for number in some]
        for number, answer in zip(some, _answers(client, requests), strict=True):
            if not any(partition.error_code for topic in answer.topics for partition in topic.partitions):
                yield number


def _batch(*, poisoned: bool) -> bytes:
    now_ms = time.time_ns() // 1_000_000
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1 << 20)
    for number in range(RECORDS):
        value = b'{"name":"Ren\xe9 Faure"}' if poisoned and number == POISON else record(number)
        builder.append(number, now_ms, b"k%d" % number, value, [])
    return bytes(builder.build())


def _written(
    client: Any,
    bootstrap: str,
    partitions: Sequence[Partition],
    batches: Mapping[bool, bytes],
    poisoned: Collection[Partition],
) -> Iterator[Partition]:
    """Ask each leader to write; gives those that have."""
    led = leaders(bootstrap, {topic for topic, _ in partitions})
    by_leader: dict[int, list[Partition]] = defaultdict(list)
    for partition in partitions:
        if partition in led:
            by_leader[led[partition]].append(partition)
    requests = [
        (leader, _produce_request(some, batches, poisoned))
        for leader, its_partitions in by_leader.items()
        for some in chunks(its_partitions, _BATCHES_AT_ONCE)
    ]
    for answer in _answers(client, requests):
        for topic in answer.responses:
            yield from ((topic.name, at.index) for at in topic.partition_responses if at.error_code == 0)


def _produce_request(
    partitions: Sequence[Partition], batches: Mapping[bool, bytes], poisoned: Collection[Partition]
) -> Any:
    topic_data, partition_data = ProduceRequest.TopicProduceData, ProduceRequest.TopicProduceData.PartitionProduceData
    by_topic: dict[str, list[Any]] = defaultdict(list)
    for name, number in partitions:
        by_topic[name].append(partition_data(index=number, records=batches[(name, number) in poisoned]))
    topics = [topic_data(name=name, partition_data=data) for name, data in by_topic.items()]
    return ProduceRequest(transactional_id=None, acks=1, timeout_ms=60_000, topic_data=topics, max_version=12)


def _commit_request(shape: Shape, group: int) -> Any:
    topic_of = OffsetCommitRequest.OffsetCommitRequestTopic
    by_topic: dict[str, list[Any]] = defaultdict(list)
    for topic, partition, offset in shape.committed_offsets(group):
        at = topic_of.OffsetCommitRequestPartition(
            partition_index=partition, committed_offset=offset, committed_leader_epoch=-1, committed_metadata=""
        )
        by_topic[topic].append(at)
    return OffsetCommitRequest(
        group_id=shape.group(group),
        generation_id_or_member_epoch=_NO_MEMBER,
        member_id="",
        group_instance_id=None,
        retention_time_ms=-1,
        topics=[topic_of(name=name, partitions=places) for name, places in by_topic.items()],
        max_version=8,
    )


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS_TO_FILL
    while not condition():
        assert time.monotonic() < deadline, "the cluster does not get ready"
        time.sleep(0.2)
