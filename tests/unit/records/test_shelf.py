"""The records of the rows that are shown are kept, in a bounded room."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

from kafkaview.records.rows import row_of
from kafkaview.records.shown_records import RecordShelf, RowMaker
from kafkaview.terms import Record, TimestampType

RECORD = Record("orders", 0, 0, 0, TimestampType.CREATE_TIME, b"k", b"x" * 99, (), None)


def maker(shelf: RecordShelf, topic: str = "orders") -> RowMaker:
    return shelf.noting(topic, lambda records: [row_of(record) for record in records])


def test_the_records_that_became_rows_are_found() -> None:
    shelf = RecordShelf()
    rows = maker(shelf)([replace(RECORD, offset=offset) for offset in range(5)])
    assert [row.offset for row in rows] == [0, 1, 2, 3, 4]
    found = shelf.find("orders", [(0, 3), (0, 1)])
    assert found is not None
    assert [record.offset for record in found] == [3, 1]
    assert shelf.find("orders", [(0, 3), (1, 3)]) is None


def test_only_those_of_the_topic_that_is_shown_are_kept() -> None:
    shelf = RecordShelf()
    orders = maker(shelf)
    orders([RECORD])
    assert shelf.find("payments", [(0, 0)]) is None
    maker(shelf, "payments")
    orders([replace(RECORD, offset=1)])
    assert shelf.find("orders", [(0, 0)]) is None
    assert shelf.find("payments", [(0, 1)]) is None


def test_the_oldest_go_where_there_is_no_room() -> None:
    shelf = RecordShelf(most_bytes=5_000)
    make = maker(shelf)
    for offset in range(30):
        make([replace(RECORD, offset=offset)])
        make([replace(RECORD, offset=offset)])
    assert shelf.find("orders", [(0, offset) for offset in range(20, 30)]) is not None
    assert shelf.find("orders", [(0, 19)]) is None


def test_small_records_take_no_more_memory_than_there_is_room() -> None:
    shelf = RecordShelf(most_bytes=1_000_000)
    make = shelf.noting("orders", lambda _records: [])
    tracemalloc.start()
    for offset in range(20_000):
        make([replace(RECORD, offset=offset, key=b"k%d" % offset, value=b"v%d" % offset)])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 500_000 < taken < 1_500_000
