"""Lag counts the records that are there."""

from __future__ import annotations

import numpy as np

from kafkaview.triage.watch.listed_columns import lag_of
from kafkaview.triage.watch.sample_arrays import LagColumns


def lags(*rows: tuple[int, int, int]) -> list[int]:
    """The lag of partitions with these committed offsets, log starts and log ends."""
    committed, start, end = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    none = np.full(len(rows), -1, np.int32)
    columns = LagColumns(("t",), none + 1, none + 1, committed, none, start, end, end, none, {})
    return [int(lag) for lag in lag_of(columns)]


def test_lag_is_what_waits_between_the_committed_offset_and_the_end() -> None:
    assert lags((7, 0, 10), (10, 0, 10)) == [3, 0]


def test_what_retention_has_removed_does_not_wait() -> None:
    assert lags((7, 40, 100), (7, 100, 100)) == [60, 0]


def test_a_committed_offset_beyond_the_end_leaves_nothing_to_wait() -> None:
    assert lags((1_000, 0, 10)) == [0]


def test_what_is_unknown_stays_unknown() -> None:
    assert lags((-1, 0, 10), (7, 0, -1), (7, -1, 10)) == [-1, -1, 3]
