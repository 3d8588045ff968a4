"""What is read from bytes is what kafka-python reads from the same bytes, and what is written it understands."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from kafka.protocol.consumer import (  # type: ignore[import-untyped]
    ListOffsetsRequest,
    ListOffsetsResponse,
    OffsetFetchRequest,
    OffsetFetchResponse,
)
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment  # type: ignore[import-untyped]
from kafka.protocol.metadata import MetadataRequest, MetadataResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.kafka.commits import (
    Unstable,
    commits_alone_request,
    commits_request,
    read_commits,
    read_commits_alone,
)
from kafkaview.cluster.kafka.groups import _read_assignment
from kafkaview.cluster.kafka.log_bounds import LATEST, bounds_request, read_bounds
from kafkaview.cluster.kafka.metadata import metadata_request, read_metadata
from kafkaview.cluster.kafka.raw_requests import RawAnswer, RawRequest, skip_tags, uvarint, write_uvarint
from kafkaview.cluster.kafka.sample_requests import NO_RECORD, ColumnRequests
from kafkaview.cluster.ports.columns import UNKNOWN, CommitColumns, PartitionTable
from kafkaview.terms import CommittedOffset, TopicPartition

if TYPE_CHECKING:
    from kafkaview.cluster.kafka.coordinators import Coordinators
    from kafkaview.cluster.kafka.requests import BrokerRequests

QUICK = settings(max_examples=25)
NAMES = some.text("abcé-._ ", min_size=1, max_size=200)
BROKER_IDS = some.integers(0, 2**31 - 1)
REPLICAS = some.lists(BROKER_IDS, max_size=5, unique=True)
OFFSETS = some.integers(-1, 2**63 - 1)
HEADER = b"head"


def answer(name: str, response: Any, version: int) -> RawAnswer:
    """As it comes from the connection: behind its header."""
    return RawAnswer(name, version, bytearray(HEADER + response.encode(version=version)), len(HEADER))


def body(request: RawRequest, version: int) -> bytes:
    return request._body(version)


def table_of(*topics: tuple[str, int]) -> PartitionTable:
    """A table of topics with so many partitions, all led by broker 1."""
    names = tuple(sorted(dict(topics)))
    sizes = [dict(topics)[name] for name in names]
    total = sum(sizes)
    return PartitionTable(
        names,
        np.zeros(len(names), np.bool_),
        np.cumsum([0, *sizes], dtype=np.int32),
        np.ones(total, np.int32),
        np.zeros(total, np.int32),
        np.zeros(total, np.int32),
        ((1,),),
        {name: at for at, name in enumerate(names)},
    )


@QUICK
@given(some.integers(0, 2**35), some.binary(max_size=3))
def test_a_varint_is_read_as_it_is_written(value: int, behind: bytes) -> None:
    written = write_uvarint(value)
    assert uvarint(b"x" + written + behind, 1) == (value, 1 + len(written))


def test_tagged_fields_are_passed_over() -> None:
    tags = write_uvarint(2) + b"\x00\x03abc" + write_uvarint(300) + write_uvarint(200) + b"x" * 200
    assert skip_tags(tags + b"behind", 0) == len(tags)


PARTITION_ROWS = some.lists(some.tuples(some.integers(-1, 9), REPLICAS, REPLICAS, REPLICAS), max_size=20)
TOPICS = some.dictionaries(NAMES, some.tuples(some.booleans(), PARTITION_ROWS), max_size=8)


@QUICK
@given(TOPICS, some.randoms(), some.integers(5, 12))
def test_metadata_is_read_as_kafka_python_reads_it(topics: dict[str, Any], random: Any, version: int) -> None:
    of_topic, of_broker = MetadataResponse.MetadataResponseTopic, MetadataResponse.MetadataResponseBroker
    of_partition = of_topic.MetadataResponsePartition
    entries = []
    for name, (internal, rows) in topics.items():
        partitions = [
            of_partition(
                error_code=0,
                partition_index=number,
                leader_id=leader,
                leader_epoch=number,
                replica_nodes=replicas,
                isr_nodes=in_sync,
                offline_replicas=offline,
            )
            for number, (leader, replicas, in_sync, offline) in enumerate(rows)
        ]
        random.shuffle(partitions)
        entries.append(
            of_topic(error_code=0, name=name, topic_id=uuid.uuid4(), is_internal=internal, partitions=partitions)
        )
    brokers = [of_broker(node_id=7, host="h", port=1, rack=None), of_broker(node_id=2, host="é", port=2, rack="r")]
    response = MetadataResponse(
        throttle_time_ms=0,
        brokers=brokers,
        cluster_id="c",
        controller_id=2,
        topics=entries,
        authorized_operations=set(),
    )
    read = read_metadata(answer("Metadata", response, version))
    assert [(b.id, b.host, b.port, b.rack) for b in read.info.brokers] == [(2, "é", 2, "r"), (7, "h", 1, None)]
    assert (read.info.cluster_id, read.info.controller_id) == ("c", 2)
    assert read.table.topics == tuple(sorted(topics))
    for name, (internal, rows) in topics.items():
        topic = read.table.topic(name)
        assert topic is not None
        assert topic.internal is internal
        assert [(p.leader, p.replicas, p.isr) for p in topic.partitions] == [
            (None if leader < 0 else leader, tuple(replicas), tuple(in_sync)) for leader, replicas, in_sync, _ in rows
        ]


def test_a_topic_missing_in_the_answer_has_an_error() -> None:
    topic = MetadataResponse.MetadataResponseTopic(
        error_code=29, name="secret", topic_id=uuid.UUID(int=0), is_internal=False, partitions=[]
    )
    response = MetadataResponse(
        throttle_time_ms=0, brokers=[], cluster_id=None, controller_id=-1, topics=[topic], authorized_operations=set()
    )
    read = read_metadata(answer("Metadata", response, 12))
    assert (read.table.topics, read.errors, read.info.controller_id) == ((), {"secret": 29}, None)


@pytest.mark.parametrize("version", range(5, 13))
@pytest.mark.parametrize("topics", [None, (), ("a", "é" * 100)])
def test_a_metadata_request_is_understood(version: int, topics: tuple[str, ...] | None) -> None:
    asked = MetadataRequest.decode(body(metadata_request(topics), version), version=version)
    assert (asked.topics if asked.topics is None else tuple(topic.name for topic in asked.topics)) == topics
    assert asked.allow_auto_topic_creation is False


@QUICK
@given(
    some.dictionaries(NAMES, some.lists(some.tuples(OFFSETS, some.sampled_from([0, 0, 6])), max_size=30), max_size=6),
    some.randoms(),
    some.integers(2, 7),
)
def test_log_offsets_are_read_as_kafka_python_reads_them(
    topics: dict[str, list[tuple[int, int]]], random: Any, version: int
) -> None:
    of_topic = ListOffsetsResponse.ListOffsetsTopicResponse
    of_partition = of_topic.ListOffsetsPartitionResponse
    entries = []
    for name, rows in topics.items():
        partitions = [
            of_partition(partition_index=number, error_code=error, timestamp=-1, offset=offset, leader_epoch=3)
            for number, (offset, error) in enumerate(rows)
        ]
        random.shuffle(partitions)
        entries.append(of_topic(name=name, partitions=partitions))
    random.shuffle(entries)
    table = table_of(*((name, len(rows)) for name, rows in topics.items()))
    response = ListOffsetsResponse(throttle_time_ms=0, topics=entries)
    read = read_bounds(answer("ListOffsets", response, version), table)
    found = {
        table.partition(place): (offset, error)
        for place, offset, error in zip(read.places.tolist(), read.offsets.tolist(), read.errors.tolist(), strict=True)
    }
    assert found == {TopicPartition(name, n): row for name, rows in topics.items() for n, row in enumerate(rows)}


def test_offsets_of_partitions_missing_in_the_table_are_left_out() -> None:
    of_topic = ListOffsetsResponse.ListOffsetsTopicResponse
    row = {"error_code": 0, "timestamp": -1, "offset": 5, "leader_epoch": 0}
    partitions = [of_topic.ListOffsetsPartitionResponse(partition_index=number, **row) for number in (0, 1, 2)]
    rows = [of_topic(name=name, partitions=partitions) for name in ("a", "gone")]
    read = read_bounds(
        answer("ListOffsets", ListOffsetsResponse(throttle_time_ms=0, topics=rows), 7), table_of(("a", 2), ("b", 2))
    )
    assert read.places.tolist() == [0, 1]


async def test_a_time_that_no_record_reaches_is_told_from_a_leader_that_says_nothing() -> None:
    of_topic = ListOffsetsResponse.ListOffsetsTopicResponse
    rows = [
        of_topic.ListOffsetsPartitionResponse(
            partition_index=number, error_code=error, timestamp=-1, offset=offset, leader_epoch=0
        )
        for number, (error, offset) in enumerate([(0, 5), (0, -1), (6, -1)])
    ]
    told = ListOffsetsResponse(throttle_time_ms=0, topics=[of_topic(name="a", partitions=rows)])

    class HalfSilentWire:
        async def send(self, _request: RawRequest, broker: int, doing: str, **_: Any) -> RawAnswer:
            if broker == 1:
                return answer("ListOffsets", told, 7)
            raise Unreachable(doing)

    table = table_of(("a", 4))
    table.leader[3] = 2
    columns = ColumnRequests(cast("BrokerRequests", HalfSilentWire()), cast("Coordinators", None))
    found = await columns.offsets_at(table, np.arange(4, dtype=np.int32), 1_700_000_000_000)
    assert found.tolist() == [5, NO_RECORD, UNKNOWN, UNKNOWN]


@QUICK
@given(some.dictionaries(NAMES, some.integers(1, 30), min_size=1, max_size=6), some.integers(2, 7), some.data())
def test_a_request_for_log_offsets_is_understood(topics: dict[str, int], version: int, data: Any) -> None:
    table = table_of(*topics.items())
    places = data.draw(some.lists(some.integers(0, len(table) - 1), unique=True, min_size=1).map(sorted))
    request = bounds_request(table, np.array(places, np.int32), LATEST, committed=True)
    asked = ListOffsetsRequest.decode(body(request, version), version=version)
    assert (asked.replica_id, asked.isolation_level) == (-1, 1)
    found = [TopicPartition(topic.name, row.partition_index) for topic in asked.topics for row in topic.partitions]
    assert found == [table.partition(place) for place in places]
    assert {row.timestamp for topic in asked.topics for row in topic.partitions} == {LATEST}


METADATA = some.one_of(some.none(), some.just(""), some.text(max_size=300))
COMMITS = some.lists(some.tuples(OFFSETS, some.integers(-1, 2**31 - 1), METADATA), max_size=30)
PLAIN_COMMITS = some.lists(some.tuples(OFFSETS, some.integers(-1, 9), some.just("")), max_size=60)


@QUICK
@given(
    some.dictionaries(NAMES, some.dictionaries(NAMES, COMMITS | PLAIN_COMMITS, max_size=4), max_size=4),
    some.randoms(),
    some.sampled_from([8, 9]),
    some.data(),
)
def test_commits_are_read_as_kafka_python_reads_them(
    groups: dict[str, dict[str, list[Any]]], random: Any, version: int, data: Any
) -> None:
    of_group = OffsetFetchResponse.OffsetFetchResponseGroup
    of_topic = of_group.OffsetFetchResponseTopics
    entries = []
    for name, topics in groups.items():
        rows = []
        for topic, commits in topics.items():
            partitions = [
                of_topic.OffsetFetchResponsePartitions(
                    partition_index=number,
                    committed_offset=offset,
                    committed_leader_epoch=epoch,
                    metadata=metadata,
                    error_code=0,
                )
                for number, (offset, epoch, metadata) in enumerate(commits)
            ]
            random.shuffle(partitions)
            rows.append(of_topic(name=topic, partitions=partitions))
        entries.append(of_group(group_id=name, topics=rows, error_code=0))
    every = {topic: len(rows) for topics in groups.values() for topic, rows in topics.items()}
    known = {topic: data.draw(some.integers(0, size + 1)) for topic, size in every.items() if random.random() > 0.2}
    table = table_of(*known.items())
    response = OffsetFetchResponse(throttle_time_ms=0, groups=entries)
    read = read_commits(answer("OffsetFetch", response, version), table)
    assert set(read) == set(groups)
    for name, topics in groups.items():
        columns = read[name]
        assert isinstance(columns, CommitColumns)
        assert (columns.places[1:] > columns.places[:-1]).all()
        found = {table.partition(place): columns.at(at) for at, place in enumerate(columns.places.tolist())}
        assert not set(found) & set(columns.elsewhere)
        assert found | dict(columns.elsewhere) == {
            TopicPartition(topic, number): CommittedOffset(offset, None if epoch < 0 else epoch, metadata or "")
            for topic, commits in topics.items()
            for number, (offset, epoch, metadata) in enumerate(commits)
            if offset >= 0
        }


def test_rows_with_tagged_fields_are_read_one_by_one() -> None:
    head = (5).to_bytes(4, "big") + (77).to_bytes(8, "big") + (3).to_bytes(4, "big") + b"\x01\x00\x00"
    tagged = head + b"\x01\x00\x02zz"
    rows = b"".join(number.to_bytes(4, "big") + tagged[4:] for number in range(20))
    group = b"\x02g" + b"\x02" + b"\x02t" + write_uvarint(21) + rows + b"\0" + b"\0\0" + b"\0"
    data = bytearray(HEADER + bytes(4) + b"\x02" + group + b"\0")
    read = read_commits(RawAnswer("OffsetFetch", 8, data, len(HEADER)), table_of(("t", 20)))["g"]
    assert isinstance(read, CommitColumns)
    assert read.offsets.tolist() == [77] * 20


@pytest.mark.parametrize(
    ("of_group", "of_partition", "kind"),
    [(30, 0, NotAuthorized), (0, 88, Unstable), (0, 29, NotAuthorized), (-1, 0, ClusterError)],
)
@pytest.mark.parametrize("count", [1, 20])
def test_an_error_is_the_groups_answer(of_group: int, of_partition: int, kind: type[ClusterError], count: int) -> None:
    group = OffsetFetchResponse.OffsetFetchResponseGroup
    topic = group.OffsetFetchResponseTopics
    partitions = [
        topic.OffsetFetchResponsePartitions(
            partition_index=number,
            committed_offset=-1,
            committed_leader_epoch=-1,
            metadata="",
            error_code=of_partition if number == count - 1 else 0,
        )
        for number in range(count)
    ]
    rows = [group(group_id="g", topics=[topic(name="t", partitions=partitions)], error_code=of_group)]
    response = OffsetFetchResponse(throttle_time_ms=0, groups=rows)
    read = read_commits(answer("OffsetFetch", response, 8), table_of(("t", count)))["g"]
    assert isinstance(read, kind)


@pytest.mark.parametrize("version", [8, 9])
def test_a_request_for_commits_is_understood(version: int) -> None:
    groups = ["g", " é" * 100, ""]
    asked = OffsetFetchRequest.decode(body(commits_request(groups, require_stable=True), version), version=version)
    assert [(group.group_id, group.topics) for group in asked.groups] == [(group, None) for group in groups]
    assert asked.require_stable is True


@QUICK
@given(some.dictionaries(NAMES, COMMITS, max_size=4), some.integers(2, 7))
def test_commits_of_one_group_are_read_as_older_brokers_write_them(topics: dict[str, list[Any]], version: int) -> None:
    of_topic = OffsetFetchResponse.OffsetFetchResponseTopic
    entries = [
        of_topic(
            name=name,
            partitions=[
                of_topic.OffsetFetchResponsePartition(
                    partition_index=number,
                    committed_offset=offset,
                    committed_leader_epoch=epoch,
                    metadata=metadata,
                    error_code=0,
                )
                for number, (offset, epoch, metadata) in enumerate(commits)
            ],
        )
        for name, commits in topics.items()
    ]
    table = table_of(*((name, len(rows)) for name, rows in topics.items()))
    response = OffsetFetchResponse(throttle_time_ms=0, topics=entries, error_code=0)
    columns = read_commits_alone("g", answer("OffsetFetch", response, version), table)
    assert isinstance(columns, CommitColumns)
    with_epoch = version >= 5
    assert {table.partition(place): columns.at(at) for at, place in enumerate(columns.places.tolist())} == {
        TopicPartition(name, number): CommittedOffset(
            offset, epoch if with_epoch and epoch >= 0 else None, metadata or ""
        )
        for name, commits in topics.items()
        for number, (offset, epoch, metadata) in enumerate(commits)
        if offset >= 0
    }


@pytest.mark.parametrize("version", range(2, 8))
def test_a_request_for_the_commits_of_one_group_is_understood(version: int) -> None:
    asked = OffsetFetchRequest.decode(body(commits_alone_request("é", require_stable=True), version), version=version)
    assert (asked.group_id, asked.topics) == ("é", None)


def test_an_assignment_is_read_as_kafka_python_writes_it() -> None:
    of_topic = ConsumerProtocolAssignment.TopicPartition
    owned = {"b": [3, 1], "é": [], "a": [0]}
    for version in (0, 1, 3):
        assignment = ConsumerProtocolAssignment(
            assigned_partitions=[of_topic(topic=topic, partitions=numbers) for topic, numbers in owned.items()],
            user_data=b"more",
        ).encode(version=version)
        assert _read_assignment(assignment) == (TopicPartition("a", 0), TopicPartition("b", 1), TopicPartition("b", 3))


@QUICK
@given(some.binary(max_size=60))
def test_an_assignment_of_any_other_form_is_no_exception(garbage: bytes) -> None:
    assert _read_assignment(garbage) is None or isinstance(_read_assignment(garbage), tuple)
