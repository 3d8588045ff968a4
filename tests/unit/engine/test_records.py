"""Records as a window reads them, through the messages of an engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.cluster.errors import OffsetOutOfRange
from kafkaview.decode.topics import TopicDecoders
from kafkaview.engine.port import Engine
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.detail import FilterCheck, RecordField
from kafkaview.records.export_file import ExportRequest
from kafkaview.records.request import FollowRequest, ReadRequest
from kafkaview.session import Session
from kafkaview.terms import Header, TopicPartition
from tests.kit.engine import local_client
from tests.kit.fake_cluster import FakeCluster

PLACE = TopicPartition("orders", 0)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders")
    for number in range(30):
        cluster.add_record("orders", b'{"n": %d}' % number, key=b"k", headers=(Header("a", b"\xff"),))
    cluster.add_record("orders", b'"' + b"x" * 300_000 + b'"')
    cluster.add_record("orders", None)
    return cluster


@pytest.fixture
async def engine(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Engine, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    client = local_client(Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal))
    client.begin()
    yield client.engine
    await client.close()
    await journal.close()


async def test_pages_go_through_an_engine(engine: Engine) -> None:
    async with aclosing(engine.read_records(ReadRequest("orders", newest_first=True, limit=3))) as batches:
        rows = [row async for batch in batches for row in batch.rows]
    assert [row.offset for row in rows] == [31, 30, 29]
    assert (rows[0].value_null, rows[1].value_size, len(rows[1].value)) == (True, 300_002, 300)


async def test_matches_go_through_an_engine(engine: Engine) -> None:
    async with aclosing(engine.read_records(ReadRequest("orders", where="value.n >= 27"))) as batches:
        rows = [row async for batch in batches for row in batch.rows]
    assert [row.value for row in rows] == ['{"n": 27}', '{"n": 28}', '{"n": 29}']


async def test_a_filter_that_is_wrong_is_refused_with_its_reason(engine: Engine) -> None:
    for stream in (
        engine.read_records(ReadRequest("orders", where="1 +")),
        engine.follow_records(FollowRequest("orders", where="1 +")),
    ):
        with pytest.raises(ValueError, match="no CEL expression"):
            await anext(stream)
    wrong = await engine.check_filter("value.n >")
    assert (wrong.position, wrong.matches, wrong.failure) == (9, None, None)
    assert await engine.check_filter("value.n == 7", PLACE, 7) == FilterCheck(matches=True)
    assert await engine.check_filter("value.m == 7", PLACE, 7) == FilterCheck(failure="there is no m")
    assert await engine.check_filter("value.m == 7") == FilterCheck()


async def test_what_comes_in_goes_through_an_engine(engine: Engine, cluster: FakeCluster) -> None:
    async with aclosing(engine.follow_records(FollowRequest("orders"))) as arrivals:
        await anext(arrivals)
        cluster.add_record("orders", b"new")
        async for arrival in arrivals:
            if arrival.records:
                break
    assert [row.value for row in arrival.records] == ["new"]


async def test_one_record_is_shown_in_full_or_in_part(engine: Engine, cluster: FakeCluster) -> None:
    small = await engine.record_at(PLACE, 4)
    assert (small.key, small.value) is not None
    assert small.value_reading is not None
    assert (small.value_reading.decoder, small.value_reading.text) == ("JSON", '{\n  "n": 4\n}')
    assert small.headers is not None
    assert [(header.key, header.value and header.value.head) for header in small.headers] == [("a", b"\xff")]
    large = await engine.record_at(PLACE, 30)
    assert large.value is not None
    assert (len(large.value.head), large.value.size, large.key) == (65_536, 300_002, None)
    reads = cluster.calls["read"]
    assert await engine.record_bytes(PLACE, 30, RecordField.VALUE, 300_000, 100) == b'x"'
    assert await engine.record_bytes(PLACE, 4, RecordField.HEADER, 0, 100, header=0) == b"\xff"
    assert cluster.calls["read"] == reads
    tombstone = await engine.record_at(PLACE, 31)
    assert (tombstone.value, tombstone.value_reading) == (None, None)
    with pytest.raises(OffsetOutOfRange, match="no committed record") as refused:
        await engine.record_at(PLACE, 32)
    assert refused.value.hint == "The log ends at 32."


async def test_an_export_goes_through_an_engine(engine: Engine, tmp_path: Path) -> None:
    request = ExportRequest(ReadRequest("orders", limit=None), tmp_path / "orders.jsonl")
    async with aclosing(engine.export_records(request)) as steps:
        step = [progress async for progress in steps][-1]
    assert (step.written, len(request.path.read_bytes().splitlines())) == (32, 32)
