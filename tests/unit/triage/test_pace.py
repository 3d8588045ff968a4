from __future__ import annotations

import time

import pytest

from kafkaview.triage.watch.pace import Cost, Pace


def costing(seconds: float) -> Pace:
    pace = Pace(2.0)
    pace.sample._seconds.append(seconds)
    return pace


def test_a_cheap_sample_keeps_the_interval() -> None:
    pace = costing(0.01)
    assert (pace.sample_s, pace.focuses) == (2.0, False)


def test_a_sample_that_costs_much_takes_a_fifth_of_a_core_at_most() -> None:
    pace = costing(0.6)
    assert 0.6 / pace.sample_s <= 0.2
    assert pace.focuses


def test_a_window_that_is_hidden_asks_less() -> None:
    pace = costing(0.01)
    pace.hidden = True
    assert (pace.sample_s, pace.focuses) == (10.0, False)


def test_a_cluster_that_is_gone_is_asked_less_and_less_and_is_back_within_seconds() -> None:
    pace = Pace(0.5)
    assert [pace.retry_s(failures, refused=False) for failures in (1, 2, 3, 9)] == [1.0, 2.0, 4.0, 4.0]
    assert pace.retry_s(9, refused=True) == 10.0


def test_a_cost_is_the_least_of_the_last_three_that_ended_well() -> None:
    cost = Cost()
    for work in (0.03, 0.0):
        with cost.measure():
            until = time.process_time() + work
            while time.process_time() < until:
                pass
    assert cost.seconds < 0.03
    with pytest.raises(ZeroDivisionError), cost.measure():
        _ = 1 / 0
    assert len(cost._seconds) == 2


def test_looks_at_members_come_less_often_with_more_coordinators_hidden_or_if_they_cost_much() -> None:
    pace = Pace(2.0)
    assert (pace.look_s(1, quick=True), pace.look_s(10, quick=True), pace.look_s(1, quick=False)) == (0.03, 0.3, 0.2)
    pace.look._seconds.append(0.06)
    assert pace.look_s(1, quick=True) == pytest.approx(1.0)
    pace.hidden = True
    assert pace.look_s(10, quick=True) == pytest.approx(1.5)


def test_what_coordinators_store_is_read_soon_for_a_verdict_and_seldom_later() -> None:
    pace = Pace(2.0)
    assert (pace.stored_s(soon=True), pace.stored_s(soon=False)) == (0.0, 15.0)
    pace.stored.add(0.6)
    assert [pace.stored_s(soon=True), pace.stored_s(soon=False)] == pytest.approx([4.0, 20.0])
