"""How many keys or values have which size, in a bounded room: exact below 128 bytes, above within a 64th."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_EXACT: Final = 128  # sizes below it have a bin each
_EXACT_BITS: Final = 7
_PARTS: Final = 64  # bins for each power of two above
_PART_BITS: Final = 6
_BINS: Final = _EXACT + (32 - _EXACT_BITS) * _PARTS  # up to 4 GiB, more than a record can have

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SizeSummary:
    """Sizes in bytes of the keys or values that are not null: how many there are, the smallest and the largest exactly,
    median and 99th percentile as the lower end of their bin; None where there are none. `total` is the bytes of all.
    `steps` are for a picture: size from, size up to (not included), how many.
    """

    count: int
    total: int
    least: int | None
    median: int | None
    p99: int | None
    most: int | None
    steps: tuple[tuple[int, int, int], ...]


class SizeCounts:
    """Counts sizes, given as columns."""

    def __init__(self) -> None:
        self._bins: Counts = np.zeros(_BINS, np.int64)
        self._total = 0
        self._least: int | None = None
        self._most: int | None = None

    def add(self, sizes: Counts) -> None:
        """Counts some sizes."""
        if not len(sizes):
            return
        self._bins += np.bincount(_bins_of(sizes), minlength=_BINS)
        self._total += int(sizes.sum())
        self._widen(int(sizes.min()), int(sizes.max()))

    def merge(self, other: SizeCounts) -> None:
        """Adds what another has counted."""
        self._bins += other._bins
        self._total += other._total
        if other._least is not None and other._most is not None:
            self._widen(other._least, other._most)

    def pack(self) -> list[Any]:
        """Returns the counts as JSON can carry them."""
        used = np.flatnonzero(self._bins)
        return [used.tolist(), self._bins[used].tolist(), self._total, self._least, self._most]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> SizeCounts:
        """Returns the counts of `pack`."""
        made = cls()
        used, counts, made._total, made._least, made._most = packed
        made._bins[used] = counts
        return made

    def summary(self) -> SizeSummary:
        """Returns what the sizes are."""
        count = int(self._bins.sum())
        return SizeSummary(
            count,
            self._total,
            self._least,
            self._quantile(count, 0.5),
            self._quantile(count, 0.99),
            self._most,
            self._steps(),
        )

    def _widen(self, least: int, most: int) -> None:
        self._least = least if self._least is None else min(self._least, least)
        self._most = most if self._most is None else max(self._most, most)

    def _quantile(self, count: int, share: float) -> int | None:
        if not count:
            return None
        place = int(np.searchsorted(np.cumsum(self._bins), max(1, int(np.ceil(share * count)))))
        assert self._least is not None
        return max(self._least, _low_of(place))  # the lowest bin may begin below the smallest size

    def _steps(self) -> tuple[tuple[int, int, int], ...]:
        """Returns the counts by powers of two, from the smallest that is used to the largest."""
        edges = [0, 1, *(2**bits for bits in range(1, 33))]
        places = [_place_of(edge) for edge in edges]
        counts = [int(self._bins[first:last].sum()) for first, last in pairwise(places)]
        used = [place for place, count in enumerate(counts) if count]
        if not used:
            return ()
        shown = range(used[0], used[-1] + 1)
        return tuple((edges[place], edges[place + 1], counts[place]) for place in shown)


def _bins_of(sizes: Counts) -> Counts:
    bits = np.frexp(np.maximum(sizes, 1).astype(np.float64))[1].astype(np.int64) - 1
    above = _EXACT + (bits - _EXACT_BITS) * _PARTS + ((sizes >> np.maximum(bits - _PART_BITS, 0)) - _PARTS)
    return np.where(sizes < _EXACT, sizes, np.minimum(above, _BINS - 1))


def _place_of(size: int) -> int:
    return _BINS if size >= 2**32 else int(_bins_of(np.array([size], np.int64))[0])


def _low_of(place: int) -> int:
    if place < _EXACT:
        return place
    octave, part = divmod(place - _EXACT, _PARTS)
    return (_PARTS + part) << (octave + _EXACT_BITS - _PART_BITS)
