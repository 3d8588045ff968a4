"""The statistics of a topic are those of its records, however they were divided."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cli.topic_statistics import statistics_document
from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.cluster.ports.schemas import RegisteredSchema, SchemaReference
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.schemas import Schemas
from kafkaview.records.record_columns import ListedRecords
from kafkaview.records.size_counts import SizeCounts
from kafkaview.records.statistics import StatisticsRequest, TopicStatistics, topic_statistics
from kafkaview.records.statistics_counts import StatisticsCounts
from kafkaview.session import Session
from kafkaview.terms import Header, Record, TimestampType, TopicPartition
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster

HOUR = 3_600_000


Row = tuple[bytes | None, bytes | None, int | None, Sequence[str] | None]


def listed(rows: Sequence[Row]) -> ListedRecords:
    """Records of keys, values, timestamps and the names of headers."""
    return ListedRecords(
        [
            Record(
                "orders",
                0,
                place,
                time,
                TimestampType.CREATE_TIME,
                key,
                value,
                None if names is None else tuple(Header(name, b"") for name in names),
            )
            for place, (key, value, time, names) in enumerate(rows)
        ]
    )


async def read(session: Session, request: StatisticsRequest) -> TopicStatistics:
    async with aclosing(topic_statistics(session, request)) as steps:
        found = [step async for step in steps]
    assert [step.ended for step in found] == [False] * (len(found) - 1) + [True]
    return found[-1]


@given(st.lists(st.integers(0, 30_000_000), min_size=1, max_size=200))
def test_sizes_are_exact_where_it_is_said_and_within_a_64th_elsewhere(sizes: list[int]) -> None:
    counts = SizeCounts()
    counts.add(np.array(sizes, np.int64))
    found, ordered = counts.summary(), sorted(sizes)
    assert (found.count, found.total, found.least, found.most) == (len(sizes), sum(sizes), min(sizes), max(sizes))
    for share, said in ((0.5, found.median), (0.99, found.p99)):
        true = ordered[max(1, int(np.ceil(share * len(sizes)))) - 1]
        assert said is not None
        assert said == true if true < 128 else true * 63 / 64 <= said <= true
    assert sum(many for _, _, many in found.steps) == len(sizes)
    for low, high, many in found.steps:
        assert many == sum(low <= one < high for one in sizes)


def test_no_size_at_all_is_unknown() -> None:
    found = SizeCounts().summary()
    assert (found.count, found.least, found.median, found.p99, found.most, found.steps) == (
        0,
        None,
        None,
        None,
        None,
        (),
    )


def test_counts_that_were_made_apart_add_up_to_those_made_at_once() -> None:
    choice = random.Random(7)
    rows = [
        (
            choice.choice((None, b"", b"k%d" % choice.randrange(300))),
            choice.choice((None, b"", b"\x00\x00\x00\x00\x07x", b"x" * choice.randrange(5_000))),
            choice.choice((None, choice.randrange(50 * HOUR))),
            choice.choice((None, (), ("trace",), ("trace", "trace", "source"))),
        )
        for _ in range(2_000)
    ]
    whole, parts = StatisticsCounts(("value", "key")), StatisticsCounts(("value", "key"))
    whole.add(listed(rows))
    for first in range(0, 2_000, 300):
        part = StatisticsCounts(("value", "key"))
        part.add(listed(rows[first : first + 300]))
        parts.merge(StatisticsCounts.unpack(json.loads(json.dumps(part.pack()))))
    one, other = whole.pack(), parts.pack()
    for packed in (one, other):
        packed.pop("distinct")
        for name in ("hours", "headers", "schemas"):
            packed[name] = sorted(packed[name])
    assert one == other
    assert one["headers"] == [
        ("source", sum("source" in (row[3] or ()) for row in rows)),
        ("trace", sum("trace" in (row[3] or ()) for row in rows)),
    ]
    keys = len({row[0] for row in rows if row[0] is not None})
    assert abs(parts.distinct_keys - keys) <= 3
    assert abs(whole.distinct_keys - keys) <= 3


def test_very_many_names_and_hours_are_counted_together() -> None:
    counts = StatisticsCounts(("value", "key"))
    counts.add(listed([(None, b"", number * HOUR, (f"h{number}",)) for number in range(60_000)]))
    assert (len(counts.hours), counts.other_hours) == (50_000, 10_000)
    assert (len(counts.headers), counts.other_headers) == (1_000, 59_000)


@pytest.mark.parametrize("distinct", [0, 1, 1_000, 200_000])
def test_different_keys_are_about_as_many_as_there_are(distinct: int) -> None:
    counts = StatisticsCounts(())
    for repeat in range(2):
        counts.add(listed([(b"\xff%d" % number, None, repeat, ()) for number in range(distinct)]))
    assert abs(counts.distinct_keys - distinct) <= distinct * 0.03


async def test_the_range_that_was_read_is_said_with_what_it_holds(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("orders", None, partition=0, key=b"k1", timestamp_ms=FIRST_TIMESTAMP_MS + HOUR)
    cluster.add_record("orders", None, partition=1, timestamp_ms=FIRST_TIMESTAMP_MS + HOUR)
    headers = (Header("trace", b"1"), Header("trace", b"2"))
    cluster.add_record("orders", b"", partition=2, key=b"", headers=headers, timestamp_ms=FIRST_TIMESTAMP_MS + HOUR)
    found = await read(session, StatisticsRequest("orders"))
    assert found.spans == ((0, 0, 41), (1, 0, 41), (2, 0, 41))
    assert (found.records, found.null_keys, found.null_values, found.tombstones) == (123, 1, 2, 1)
    assert (found.values.least, found.values.median, found.values.most) == (0, 9, 10)
    assert found.distinct_keys == 121
    assert found.headers == (("trace", 1),)
    assert sum(many for _, many in found.hours) == 123
    assert found.progress.complete
    assert found.schemas is None
    assert found.batches is not None
    assert found.batches.codecs == (("none", found.batches.batches),)
    newest = await read(session, StatisticsRequest("orders", "-5", "-1", (2,)))
    assert (newest.spans, newest.records) == (((2, 36, 40),), 4)


async def test_the_schemas_in_use_are_counted_and_named(session: Session, cluster: FakeCluster) -> None:
    known = RegisteredSchema("AVRO", '"long"', (), (("bills-value", 3),))
    session.decoders.schemas = Schemas(lambda _reference: known)
    cluster.add_topic("bills")
    session.decoders.choose("bills", Registered())
    for number in range(5):
        cluster.add_record("bills", b"\x00\x00\x00\x00" + (b"\x07" if number else b"\x08") + b"\x02", key=b"k")
    found = await read(session, StatisticsRequest("bills"))
    document: dict[str, Any] = statistics_document(found)
    assert document["schemas"] == [
        schema_of("value", 4, "Avro, bills-value version 3 (id 7)", id_=7),
        schema_of("value", 1, "Avro, bills-value version 3 (id 8)", id_=8),
    ]


def schema_of(
    field: str,
    records: int,
    label: str | None,
    *,
    id_: int | None = None,
    guid: str | None = None,
    unknown: bool = False,
) -> dict[str, Any]:
    return {"field": field, "id": id_, "guid": guid, "records": records, "schema": label, "unknown": unknown}


async def test_keys_that_no_registry_reads_name_no_schema(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("bills")
    for number in range(5):
        cluster.add_record("bills", b"\x00\x00\x00\x00\x07\x02", key=number.to_bytes(8, "big"))
    session.decoders.choose("bills", Registered(), parse_rule("long"))
    document: dict[str, Any] = statistics_document(await read(session, StatisticsRequest("bills")))
    assert document["schemas"] == [schema_of("value", 5, None, id_=7)]
    session.decoders.choose("bills", parse_rule("utf8"), Registered())
    document = statistics_document(await read(session, StatisticsRequest("bills")))
    assert document["schemas"] == [schema_of("key", 5, None, id_=0)]


async def test_a_schema_that_a_header_names_is_counted(session: Session, cluster: FakeCluster) -> None:
    def ask(reference: SchemaReference) -> RegisteredSchema:
        subject = "bills-value" if reference.guid else "bills-key"
        return RegisteredSchema("AVRO", '"long"', (), ((subject, 1),), reference.guid)

    guid = uuid.UUID("89791762-2336-4186-9674-299b90a802e2")
    by_guid = Header("__value_schema_id", b"\x01" + guid.bytes + b"\x02path")
    by_id = Header("__key_schema_id", b"\x00\x00\x00\x00\x09")
    odd, empty = Header("__value_schema_id", b"\x02"), Header("__value_schema_id", b"")
    session.decoders.schemas = Schemas(ask)
    cluster.add_topic("bills")
    for headers in ((by_guid, by_id), (by_guid,), (by_guid, odd)):
        cluster.add_record("bills", b"\x00\x00\x00\x00\x07", key=b"k", headers=headers)
    cluster.add_record("bills", b"\x00\x00\x00\x00\x07", headers=(odd, by_guid))  # the first counts
    cluster.add_record("bills", b"\x00\x00\x00\x00\x07", headers=(empty,))
    cluster.add_record("bills", None, headers=(by_guid,))
    session.decoders.choose("bills", Registered(), Registered())
    document: dict[str, Any] = statistics_document(await read(session, StatisticsRequest("bills")))
    assert document["schemas"] == [
        schema_of("value", 3, f"Avro, bills-value version 1 ({guid})", guid=str(guid)),
        schema_of("key", 1, "Avro, bills-key version 1 (id 9)", id_=9),
        schema_of("value", 1, "Avro, bills-key version 1 (id 7)", id_=7),
    ]


async def test_a_schema_is_unknown_only_where_the_registry_says_so(session: Session, cluster: FakeCluster) -> None:
    def ask(reference: SchemaReference) -> RegisteredSchema:
        if reference.id == 7:
            raise SchemaUnknown("The registry has no schema id 7")
        raise SchemaUnavailable("The registry does not answer")

    cluster.add_topic("bills")
    for id_ in (b"\x07", b"\x08"):
        cluster.add_record("bills", b"\x00\x00\x00\x00" + id_ + b"\x02")
    session.decoders.choose("bills", Registered())
    for schemas, unknown in ((Schemas(ask), True), (Schemas(), False)):
        session.decoders.schemas = schemas
        document: dict[str, Any] = statistics_document(await read(session, StatisticsRequest("bills")))
        assert document["schemas"] == [
            schema_of("value", 1, None, id_=7, unknown=unknown),
            schema_of("value", 1, None, id_=8),
        ]


async def test_a_partition_without_a_leader_is_left_out_and_said(session: Session, cluster: FakeCluster) -> None:
    await session.decoders.of(cluster, "orders")
    cluster.log(TopicPartition("orders", 1)).leader = None
    found = await read(session, StatisticsRequest("orders"))
    assert [one.topic_partition for one in found.progress.skipped] == [TopicPartition("orders", 1)]
    assert not found.progress.complete
    assert [partition for partition, _, _ in found.spans] == [0, 2]
