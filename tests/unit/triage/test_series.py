from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.triage.watch.series import SPAN_MS, Series

START_MS = 1_700_000_000_000


def of_rows(count: int, bound: int = 10_000) -> Series:
    series = Series(bound)
    series.go_over_to(np.full(count, -1))
    return series


def test_hours_of_samples_stay_small_and_keep_the_newest() -> None:
    series = of_rows(1, bound=720)
    for second in range(9_000):
        offset = np.array([second], np.int64)
        series.add(np.array([0]), START_MS + second * 1_000, offset, offset + 10)
    points = series.read(0)
    assert 100 < len(points) <= 721
    assert points.committed[-3:].tolist() == [8_997, 8_998, 8_999]
    assert SPAN_MS * 0.9 < points.at_ms[-1] - points.at_ms[0] <= SPAN_MS
    assert np.all(np.diff(points.at_ms) > 0)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_every_change_is_there_and_in_between_nothing_is_invented(offsets: list[int]) -> None:
    series = of_rows(3)
    for second, offset in enumerate(offsets):
        series.add(np.array([1]), START_MS + second * 1_000, np.array([offset]), np.array([9]))
    points = series.read(1)
    seen = {START_MS + second * 1_000: offset for second, offset in enumerate(offsets)}
    assert all(seen[at] == offset for at, offset in zip(points.at_ms.tolist(), points.committed.tolist(), strict=True))
    at = np.searchsorted(points.at_ms, list(seen), side="right") - 1
    assert points.committed[at].tolist() == offsets
    assert len(series.read(0)) == 0


def test_rows_that_come_and_go_keep_and_lose_their_series() -> None:
    series = of_rows(2, bound=40)
    both = np.array([0, 1])
    for second in range(30):
        series.add(both, START_MS + second * 1_000, np.array([second, 100 + second]), np.array([200, 200]))
    series.go_over_to(np.array([-1, 1, -1, -1, -1]))
    assert series.read(1).committed[-4:].tolist() == [126, 127, 128, 129]
    assert [len(series.read(row)) for row in (0, 2, 3, 4)] == [0] * 4
    series.go_over_to(np.array([1, -1]))
    assert series.read(0).committed[-1] == 129
    assert len(series.read(1)) == 0


def test_many_series_have_few_points_each() -> None:
    series = of_rows(1_000, bound=20_000)
    rows = np.arange(1_000)
    for second in range(100):
        series.add(rows, START_MS + second * 1_000, rows + second, rows + 500)
    points = series.read(999)
    assert len(points) <= 20
    assert points.committed[-3:].tolist() == [1_096, 1_097, 1_098]
