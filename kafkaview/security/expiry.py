"""How long a certificate or a token still lasts."""

from __future__ import annotations

from typing import Final

_DAY_MS: Final = 86_400_000


def days_left(until_ms: int | None, now_ms: int) -> int | None:
    """Whole days until then, negative once it has passed; None where nobody says when it ends."""
    return None if until_ms is None else (until_ms - now_ms) // _DAY_MS
