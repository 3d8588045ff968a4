"""The time, and times in the chosen zone. Only this module reads the wall clock and the machine's zone, so that a test
can set both. Durations use `time.monotonic`, which nobody sets.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from time import time_ns
from typing import Final

_FIRST_MS: Final = -62_104_060_800_000
_LAST_MS: Final = 253_370_764_799_999
# What other clocks write for times since 2001: the unit, how many of it are a millisecond (0: it is longer), the range.
_OTHER_UNITS: Final = (
    ("seconds", 0, (10**9, 10**11)),
    ("microseconds", 10**3, (10**15, 10**17)),
    ("nanoseconds", 10**6, (10**18, 10**20)),
)
_BEYOND_MS: Final = 2**63
_MOST_CHARACTERS: Final = 20  # of such a number
_MACHINE_ZONE: Final[tzinfo | None] = None  # what `astimezone` takes for the zone of this machine
_chosen: tzinfo | None = UTC


def now_ms() -> int:
    """Returns the time in Unix milliseconds."""
    return time_ns() // 1_000_000


def is_time(ms: int) -> bool:
    """Returns whether Unix milliseconds fall into the years 2 to 9998: datetime can write these in any zone."""
    return _FIRST_MS <= ms <= _LAST_MS


def in_utc(ms: int) -> datetime:
    """Returns a Unix time in UTC, to the millisecond."""
    return datetime.fromtimestamp(ms // 1_000, UTC) + timedelta(milliseconds=ms % 1_000)


def parse_time(text: str) -> int:
    """Returns the Unix milliseconds of a text: ISO 8601 (UTC by default) or Unix milliseconds. A number that looks like
    another unit is refused unless it ends in `ms`: records may have such timestamps. Raises ValueError.
    """
    if text.endswith("ms") and text.removesuffix("ms").removeprefix("-").isdecimal():
        return _in_64_bits(text.removesuffix("ms"))
    if text.isdecimal():
        return _in_milliseconds(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no time: write @2026-01-31T14:02:11Z or @MILLISECONDS") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return round(time.timestamp() * 1000)


def _in_64_bits(text: str) -> int:
    """Returns a number that a timestamp can be, else raises ValueError."""
    if len(text) <= _MOST_CHARACTERS and -_BEYOND_MS <= int(text) < _BEYOND_MS:
        return int(text)
    raise ValueError(f"@{text[:_MOST_CHARACTERS]} is no time: Kafka's are milliseconds, in 64 bits")


def _in_milliseconds(text: str) -> int:
    """Returns the number if it can be Unix milliseconds of a record, else raises ValueError that names its unit: the
    time would be before 1973, the year of the number in seconds after 2001, or beyond the year 5000.
    """
    number = int(text[: _MOST_CHARACTERS + 1])
    for unit, per_ms, (least, most) in _OTHER_UNITS:
        if least <= number < most:
            ms = number * 1_000 if per_ms == 0 else number // per_ms
            raise ValueError(
                f"@{number} looks like {unit}: Kafka's times are milliseconds, write @{ms}, or @{number}ms"
            )
    return _in_64_bits(text)


def choose_zone(*, local: bool) -> None:
    """Sets the zone of all times to this machine's, or to UTC."""
    global _chosen  # noqa: PLW0603  # one for the whole program: times of two zones beside each other would mislead
    _chosen = _MACHINE_ZONE if local else UTC


def zone_is_utc() -> bool:
    """Returns whether UTC was chosen; a machine's zone that equals UTC does not count."""
    return _chosen is UTC


def zone() -> str:
    """Returns the name of the chosen zone."""
    return in_zone(now_ms()).tzname() or "local"


def in_zone(ms: int) -> datetime:
    """Returns a Unix time in the chosen zone."""
    return in_utc(ms).astimezone(_chosen)
