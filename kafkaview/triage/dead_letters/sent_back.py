"""How often kafkaview has sent a record back: a header counts it, so that a bad record goes round no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.terms import Header

HOPS_HEADER: Final = "kafkaview.redrive.hops"
MOST_HOPS: Final = 5
_MOST_DIGITS: Final = 9


def hops_of(headers: Sequence[Header] | None) -> int:
    """Returns the count. One that is no number is as if it were too many."""
    hops = 0
    for header in headers or ():
        if header.key == HOPS_HEADER:
            text = (header.value or b"")[: _MOST_DIGITS + 1].decode("latin-1")
            known = text.isdecimal() and len(text) <= _MOST_DIGITS
            hops = max(hops, int(text) if known else MOST_HOPS)
    return hops
