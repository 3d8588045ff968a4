"""Now, and times in the chosen zone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kafkaview.clock import in_utc, in_zone, now_ms, zone, zone_is_utc
from tests.kit.clock import local_times, set_clock, set_machine_zone

LEAP_DAY = 1_835_397_000_000  # 2028-02-29T00:30:00Z


def test_a_time_keeps_its_milliseconds() -> None:
    assert in_utc(LEAP_DAY + 7).isoformat(timespec="milliseconds") == "2028-02-29T00:30:00.007+00:00"
    assert in_utc(-1).isoformat(timespec="milliseconds") == "1969-12-31T23:59:59.999+00:00"


def test_times_are_utc_until_the_zone_of_the_machine_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    set_machine_zone(monkeypatch, "NST", timedelta(hours=-3.5))
    assert (zone(), zone_is_utc(), f"{in_zone(LEAP_DAY):%d %H:%M}") == ("UTC", True, "29 00:30")
    with local_times():
        assert (zone(), zone_is_utc(), f"{in_zone(LEAP_DAY):%d %H:%M}") == ("NST", False, "28 21:00")
    assert zone_is_utc()


def test_a_machine_that_lives_by_utc_has_it_as_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    set_machine_zone(monkeypatch, "UTC", timedelta())
    with local_times():
        assert (zone(), zone_is_utc()) == ("UTC", False)


def test_a_clock_that_is_set_goes_on_unless_it_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, LEAP_DAY)
    assert LEAP_DAY <= now_ms() < LEAP_DAY + 3_600_000
    set_clock(monkeypatch, LEAP_DAY, goes_on=False)
    assert now_ms() == LEAP_DAY
