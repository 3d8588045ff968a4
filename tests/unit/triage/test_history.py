from __future__ import annotations

import numpy as np

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.history import History
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.sampler import Sample
from tests.unit.triage.samples import START_MS, GroupSight, group_view, sample, table

WHOLE = np.array([True])
PLACE = TopicPartition("orders", 3)


def history_of(*sights: GroupSight) -> History:
    history = History()
    for second, sight in enumerate(sights):
        history.add(sample(second, sight), WHOLE)
    return history


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    totals = history_of(group_view(5, 20), group_view(5, None)).totals("billing")
    assert (totals.committed.tolist(), totals.log_end.tolist()) == ([5, -1], [20, -1])


def test_what_stands_is_kept_as_its_first_and_its_last_point() -> None:
    points = history_of(*[group_view(5, 20)] * 50, group_view(6, 20)).points("billing", PLACE)
    assert [at - START_MS for at in points.at_ms.tolist()] == [0, 49_000, 50_000]
    assert points.committed.tolist() == [5, 5, 6]


def test_a_group_that_does_not_answer_leaves_a_gap() -> None:
    silent = GroupSight(group_view(5, 20).listing, None, ())
    points = history_of(group_view(5, 20), silent, group_view(7, 20)).points("billing", PLACE)
    assert points.committed.tolist() == [5, 7]


def test_a_group_that_is_unknown_has_no_points() -> None:
    history = history_of(group_view(5, 20))
    assert len(history.totals("audit")) == len(history.points("audit", PLACE)) == 0
    assert history.sparklines(["audit"]).lags == {}


def test_a_sparkline_is_the_lag_at_sixty_moments_up_to_now() -> None:
    history = history_of(*[group_view(second, 100 + 2 * second) for second in range(120)])
    lines = history.sparklines(["billing"])
    (line,) = lines.lags.values()
    assert lines.span_ms == 119_000
    assert len(line) == 60
    assert (line[0], line[-1]) == (100, 219)
    assert sorted(line.tolist()) == line.tolist()


def test_a_topic_that_comes_before_it_leaves_a_partition_its_history() -> None:
    history = history_of(group_view(5, 20), group_view(6, 21))
    moved = Layout.of(
        table(audit=2, orders=4), ("audit", "billing"), [np.array([0], np.int32), np.array([5], np.int32)]
    )
    two = np.array([7, 7], np.int64)
    history.add(
        Sample(
            at_ms=START_MS + 2_000,
            full=True,
            layout=moved,
            answered=np.array([True, True]),
            states=sample(0, group_view(7, 7)).states * 2,
            committed=two,
            log_end=two,
            last_stable=two,
        ),
        np.array([True, True]),
    )
    assert history.points("billing", PLACE).committed.tolist() == [5, 6, 7]
    assert history.points("audit", TopicPartition("audit", 0)).committed.tolist() == [7]
    assert history.totals("billing").committed.tolist() == [5, 6, 7]
