"""How often kafkaview has sent a record back: a header counts it, so that a bad record goes round no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.terms import Header
from kafkaview.words import plural

HOPS_HEADER: Final = "kafkaview.redrive.hops"
MOST_HOPS: Final = 5
_MOST_DIGITS: Final = 9


def hops_of(headers: Sequence[Header] | None) -> int:
    """Returns the count. One that is no number is as if it were too many."""
    return max((MOST_HOPS if hops is None else hops for hops in _counts(headers)), default=0)


def why_it_stays(headers: Sequence[Header] | None) -> str:
    """Returns why a record is not sent back once more; an empty text where it may be."""
    counts = _counts(headers)
    if None in counts:
        return f"its header {HOPS_HEADER} is no number: it may have been sent back too often"
    hops = max((one for one in counts if one is not None), default=0)
    return f"it was sent back {plural(hops, 'time')} already, and came again" if hops >= MOST_HOPS else ""


def _counts(headers: Sequence[Header] | None) -> list[int | None]:
    texts = [
        (one.value or b"")[: _MOST_DIGITS + 1].decode("latin-1") for one in headers or () if one.key == HOPS_HEADER
    ]
    return [int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None for text in texts]
