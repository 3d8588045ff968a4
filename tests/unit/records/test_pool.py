"""How spans are dealt out to processes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from kafkaview.records.ranges import Spans
from kafkaview.records.worker_pool import OFFSETS_EACH, cores, count_workers, shares_of
from kafkaview.terms import TopicPartition


def offsets(spans: Spans) -> int:
    return sum(last - first for first, last in spans.values())


def spans_of(*lengths: int) -> dict[TopicPartition, tuple[int, int]]:
    return {TopicPartition("t", number): (100, 100 + length) for number, length in enumerate(lengths)}


@pytest.mark.parametrize("seed", range(30))
def test_every_offset_is_read_once(seed: int) -> None:
    choose = random.Random(seed)
    spans = spans_of(*(choose.choice([0, 1, 7, 100, 5_000]) for _ in range(choose.randint(1, 9))))
    count = choose.randint(1, 5)
    for divide in (True, False):
        shares = shares_of(spans, count, divide=divide)
        read = Counter(
            (tp, offset) for share in shares for tp, (first, last) in share.items() for offset in range(first, last)
        )
        assert len(shares) <= count
        assert set(read.values()) <= {1}
        assert len(read) == offsets(spans)


def test_whole_partitions_go_to_one_reader_each_where_that_is_even() -> None:
    shares = shares_of(spans_of(100, 100, 100, 100, 100, 100), 2, divide=True)
    assert [offsets(share) for share in shares] == [300, 300]
    assert not shares[0].keys() & shares[1].keys()


def test_a_large_partition_is_divided_where_it_may_be() -> None:
    assert [offsets(share) for share in shares_of(spans_of(1_000), 4, divide=True)] == [250] * 4
    assert [offsets(share) for share in shares_of(spans_of(10, 1_000), 2, divide=True)] == [505, 505]
    assert [offsets(share) for share in shares_of(spans_of(10, 1_000), 2, divide=False)] == [1_000, 10]


def test_a_short_range_needs_no_process_and_a_long_one_no_more_than_there_are_cores() -> None:
    assert count_workers(OFFSETS_EACH - 1) == 0
    assert count_workers(OFFSETS_EACH) == 1
    assert count_workers(10**9) == cores()
