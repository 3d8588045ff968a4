"""How long something may last, as it is typed: `7d`, `12h`, `30m`, `90s`."""

from __future__ import annotations

from typing import Final

_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}


def lifetime_ms(text: str) -> int:
    """Returns a lifetime in milliseconds. Raises ValueError."""
    number, unit = text.strip()[:-1], text.strip()[-1:].lower()
    if unit not in _UNITS or not number.isdecimal() or int(number) == 0:
        raise ValueError(f"'{text}' is no time such as 7d, 12h, 30m or 90s")
    return int(number) * _UNITS[unit]


def lifetime_text(ms: int) -> str:
    """Returns a lifetime as it is typed, in the largest unit without a rest; fractions of a second are rounded up."""
    seconds = -(-ms // _UNITS["s"]) * _UNITS["s"]
    return next(f"{seconds // size}{unit}" for unit, size in _UNITS.items() if seconds % size == 0)
