from __future__ import annotations

from kafkaview.triage.history import History
from tests.unit.triage.samples import ORDERS_3, START_MS, group_view, view


def test_since_is_when_the_offset_was_first_seen() -> None:
    history = History()
    for second, offset in enumerate([5, 5, 9, 9, 9]):
        history.add(view(second, group_view(offset, 20)))
    standing = history.standing("billing", ORDERS_3)
    assert standing is not None
    assert (standing.offset, standing.since_ms) == (9, START_MS + 2_000)


def test_an_hour_of_samples_stays_small_and_keeps_the_newest() -> None:
    history = History()
    for second in range(5_000):
        history.add(view(second, group_view(second, second + 10)))
    points = history.points("billing", ORDERS_3)
    assert len(points) <= 720
    assert [p.committed_offset for p in points[-3:]] == [4_997, 4_998, 4_999]
    assert points[-1].at_ms - points[0].at_ms <= 3_600_000
    assert [p.at_ms for p in points] == sorted(p.at_ms for p in points)


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    history = History()
    history.add(view(0, group_view(5, 20)))
    history.add(view(1, group_view(5, None)))
    assert [(p.committed_offset, p.log_end_offset) for p in history.totals("billing")] == [(5, 20), (None, None)]
