"""Now, and times in the chosen zone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kafkaview.clock import in_utc, in_zone, now_ms, zone, zone_is_utc
from kafkaview.records.positions import Anchor, Position, parse_position
from kafkaview.words import clock, iso, minute, time, utc_iso, utc_words
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


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1_700_000_000_000_000, "1700000000000000 (microseconds? 2023-11-14 22:13:20)"),
        (1_700_000_000_000_000_000, "1700000000000000000 (nanoseconds? 2023-11-14 22:13:20)"),
        (2**63 - 1, "9223372036854775807 (no time)"),
        (-(2**63), "-9223372036854775808 (no time)"),
        (253_402_300_800_000, "253402300800000 (no time)"),
    ],
)
def test_a_number_that_is_no_time_is_shown_with_its_likely_unit(number: int, words: str) -> None:
    assert time(number) == clock(number) == minute(number) == iso(number) == utc_words(number) == words
    assert utc_iso(number) == str(number)
    assert str(Position(Anchor.TIME, number)) == f"@{number}ms"
    assert parse_position(f"@{number}ms") == Position(Anchor.TIME, number)


@pytest.mark.parametrize("digits", [str(2**63), f"-{2**63 + 1}", "9" * 20, "9" * 23, "9" * 5_000])
def test_a_number_that_no_timestamp_holds_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match=r"is no time: Kafka's are milliseconds|looks like nanoseconds") as refused:
        parse_position(f"@{digits}{'' if digits.isdecimal() else 'ms'}")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("number", [-1, 0, -62_104_060_800_000, 253_370_764_799_999])
def test_a_time_before_1970_and_at_the_ends_of_the_calendar_is_written(number: int) -> None:
    for write in (time, clock, minute, iso, utc_words):
        assert "no time" not in write(number)
