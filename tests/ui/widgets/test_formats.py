from __future__ import annotations

from datetime import timedelta

import pytest

from kafkaview import words as formats
from tests.kit.clock import local_times, set_clock, set_machine_zone

NOON = 1_795_435_200_000  # 2026-11-23T12:00:00Z
NEW_YEAR = 1_798_761_600_000  # 2027-01-01T00:00:00Z
DAY = 86_400_000


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (None, "–"),
        (0, "0 ms"),
        (110, "110 ms"),
        (900, "0.9 s"),
        (48_000, "48 s"),
        (60_000, "1 min"),
        (125_000, "2 min 5 s"),
        (14 * 60_000 + 20_000, "14 min"),
        (59_999, "1 min"),
        (3 * 3_600_000 + 12 * 60_000, "3 h 12 min"),
        (98 * 3_600_000, "4 d 2 h"),
    ],
)
def test_durations_have_two_units_at_most(ms: float | None, written: str) -> None:
    assert formats.duration(ms) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(None, "–"), (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB")],
)
def test_sizes_are_binary_with_one_decimal(count: int | None, written: str) -> None:
    assert formats.size(count) == written


@pytest.mark.parametrize(
    ("per_second", "written"), [(None, "–"), (0.0, "0/s"), (0.4, "0.4/s"), (49.2, "49/s"), (1.2e6, "1.2 M/s")]
)
def test_rates(per_second: float | None, written: str) -> None:
    assert formats.rate(per_second) == written


def test_unknown_is_a_dash_and_zero_is_zero() -> None:
    assert formats.number(None) == "–"
    assert formats.number(0) == "0"
    assert formats.at_least(None, complete=False) == "–"


def test_a_sum_with_an_unknown_part_is_at_least() -> None:
    assert formats.at_least(41_207, complete=False) == "≥ 41,207"
    assert formats.at_least(41_207, complete=True) == "41,207"


def test_an_upper_bound_is_about() -> None:
    assert formats.about(359_412) == "about 359,000"
    assert formats.about(7) == "about 7"


def test_axes_are_short() -> None:
    assert [formats.short(value) for value in (0, 950, 10_000, 1_200_000)] == ["0", "950", "10k", "1.2 M"]


def test_the_date_stands_in_front_when_it_is_not_today() -> None:
    assert formats.time(NOON + 1_882, NOON) == "12:00:01.882"
    assert formats.minute(NOON - 86_400_000, NOON) == "2026-11-22 12:00"
    assert formats.iso(NOON) == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (NEW_YEAR - 1, "2027-01-01 00:00:00"),
        (NEW_YEAR, "00:00:00"),
        (NEW_YEAR + DAY - 1, "00:00:00"),
        (NEW_YEAR + DAY, "2027-01-01 00:00:00"),
    ],
)
def test_today_is_what_the_clock_says(now: int, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, now, goes_on=False)
    assert formats.clock(NEW_YEAR) == shown


@pytest.mark.parametrize(
    ("name", "hours", "before_and_after"),
    [("west", -3.5, ("20:29:59", "20:30:00")), ("east", 5.75, ("05:44:59", "05:45:00"))],
)
def test_a_day_begins_where_the_user_is(
    name: str, hours: float, before_and_after: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_machine_zone(monkeypatch, name, timedelta(hours=hours))
    with local_times():
        shown = formats.clock(NEW_YEAR - 1_000, NEW_YEAR), formats.clock(NEW_YEAR, NEW_YEAR)
    assert shown == before_and_after
    assert formats.clock(NEW_YEAR - 1_000, NEW_YEAR) == "2026-12-31 23:59:59"
