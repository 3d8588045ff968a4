"""Pages of records in the order of their timestamps."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

import pytest

from kafkaview.cluster.errors import ClusterError, OffsetOutOfRange, Unreachable
from kafkaview.records.positions import note_commits, parse_position
from kafkaview.records.read import read_records
from kafkaview.records.request import ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, Isolation, TopicPartition
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster, FakeGroup

NEWEST = ReadRequest("orders", newest_first=True, limit=10)


async def read(session: Session, request: ReadRequest) -> tuple[list[RecordRow], RecordsBatch]:
    rows: list[RecordRow] = []
    async with aclosing(read_records(session, request)) as batches:
        async for batch in batches:
            rows += batch.rows
    assert batch.ended
    return rows, batch


def numbers(rows: list[RecordRow]) -> list[int]:
    return [row.offset * 3 + row.partition for row in rows]


async def read_pages(session: Session, request: ReadRequest) -> list[RecordRow]:
    rows, last = await read(session, request)
    while last.resume is not None:
        more, last = await read(session, replace(request, resume=last.resume))
        rows += more
    return rows


async def test_the_newest_records_come_first_whatever_their_partition(session: Session) -> None:
    rows, last = await read(session, NEWEST)
    assert numbers(rows) == list(range(119, 109, -1))
    assert last.progress.scanned < 120
    assert last.progress.complete


async def test_the_first_records_come_in_the_order_of_their_timestamps(session: Session) -> None:
    rows, _ = await read(session, ReadRequest("orders", limit=10))
    assert numbers(rows) == list(range(10))
    assert rows[4].value == '{"n": 4}'
    assert rows[4].key == "k4"


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 7, 50, 500])
async def test_pages_show_every_record_once(session: Session, limit: int, *, newest_first: bool) -> None:
    rows = await read_pages(session, ReadRequest("orders", newest_first=newest_first, limit=limit))
    assert numbers(rows) == (list(range(119, -1, -1)) if newest_first else list(range(120)))


async def test_a_partition_with_all_of_the_newest_records_is_read_on(session: Session, cluster: FakeCluster) -> None:
    for number in range(200):
        cluster.add_record("orders", b"{}", partition=1, timestamp_ms=FIRST_TIMESTAMP_MS + 1_000 + number)
    rows, _ = await read(session, replace(NEWEST, limit=150))
    assert {row.partition for row in rows} == {1}
    assert [row.offset for row in rows] == list(range(239, 89, -1))


async def test_markers_and_aborted_records_are_passed_and_not_counted(session: Session, cluster: FakeCluster) -> None:
    log = cluster.log(TopicPartition("orders", 0))
    log.aborted |= set(range(30, 40))
    for _ in range(20):
        log.mark()
    rows = await read_pages(session, replace(NEWEST, partitions=(0,)))
    assert [row.offset for row in rows] == list(range(29, -1, -1))
    _, last = await read(session, ReadRequest("orders", partitions=(0,), limit=None))
    assert (last.progress.scanned, last.progress.passed, last.progress.without_record) == (30, 60, 30)
    uncommitted, _ = await read(
        session, ReadRequest("orders", partitions=(0,), limit=None, isolation=Isolation.READ_UNCOMMITTED)
    )
    assert len(uncommitted) == 40


async def test_what_an_open_transaction_hides_is_said_and_the_read_is_not_complete(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.log(TopicPartition("orders", 2)).open_from = 35
    rows, last = await read(session, ReadRequest("orders", limit=None))
    assert len(rows) == 115
    assert [(held.from_offset, held.offsets) for held in last.progress.held_back] == [(35, 5)]
    assert not last.progress.complete


async def test_a_silent_leader_costs_its_own_partition_only(session: Session, cluster: FakeCluster) -> None:
    await session.decoders.of(cluster, "orders")
    cluster.log(TopicPartition("orders", 1)).leader = None
    rows, last = await read(session, replace(NEWEST, limit=100))
    assert {row.partition for row in rows} == {0, 2}
    assert [one.topic_partition for one in last.progress.skipped] == [TopicPartition("orders", 1)]
    assert not last.progress.complete


async def test_a_cluster_that_is_away_is_an_error(session: Session, cluster: FakeCluster) -> None:
    await session.decoders.of(cluster, "orders")
    cluster.failures["read"] = Unreachable("no answer")
    with pytest.raises(Unreachable):
        await read(session, NEWEST)


async def test_a_read_begins_at_a_groups_committed_offset(session: Session, cluster: FakeCluster) -> None:
    cluster.grouped["billing"] = FakeGroup(committed={TopicPartition("orders", 0): CommittedOffset(38)})
    rows, _ = await read(session, ReadRequest("orders", start="group:billing", partitions=(0,)))
    assert [row.offset for row in rows] == [38, 39]
    with pytest.raises(ClusterError, match="no committed offset on orders"):
        await read(session, ReadRequest("orders", start="group:billing", partitions=(1,)))


async def test_a_committed_offset_outside_the_log_is_said(session: Session, cluster: FakeCluster) -> None:
    first, last = TopicPartition("orders", 0), TopicPartition("orders", 2)
    cluster.grouped["billing"] = FakeGroup(committed={first: CommittedOffset(3), last: CommittedOffset(1_000)})
    cluster.retain(first, 5)
    positions = [parse_position("group:billing"), parse_position("end")]
    assert await note_commits(session.cluster, (first, last), *positions) == (
        "The group billing has committed 3 on orders:0; the records before 5 are removed",
        "The group billing has committed 1,000 on orders:2, beyond the log's end, 40",
    )


async def test_a_range_is_read_between_two_positions(session: Session) -> None:
    rows, _ = await read(
        session, ReadRequest("orders", start=f"@{FIRST_TIMESTAMP_MS + 30}", end=f"@{FIRST_TIMESTAMP_MS + 40}")
    )
    assert numbers(rows) == list(range(30, 40))
    last_ones, _ = await read(session, ReadRequest("orders", start="-2"))
    assert numbers(last_ones) == list(range(114, 120))
    with pytest.raises(OffsetOutOfRange):
        await read(session, ReadRequest("orders", start="41"))


async def test_a_record_that_cannot_be_decoded_is_shown_with_the_reason(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("orders", b'{"n": "\xff', partition=0, timestamp_ms=FIRST_TIMESTAMP_MS + 500)
    (row,), _ = await read(session, replace(NEWEST, limit=1))
    assert row.value == '{"n": "\udcff'
    assert row.problem is not None
    assert "byte 7" in row.problem
