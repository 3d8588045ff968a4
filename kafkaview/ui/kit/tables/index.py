"""Indexes that make 200,000 cells searchable within a frame: text as bytes, numbers as digits. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
_LINE_END: Final = 10


class TextIndex:
    """An index of a column of words. A search takes a few comparisons of all bytes, whatever it finds."""

    def __init__(self, of: Sequence[str]) -> None:
        self.of = of

    def prepare(self) -> None:
        """Computes what searching and sorting need."""
        _made = self._cells, self._counts, self.ranks

    def find_word(self, word: str) -> Flags:
        """Returns which cells contain a word; the word is in lower case and has no blank."""
        wanted = word.encode()
        data = self._bytes
        found = np.zeros(len(self.of), np.bool_)
        if len(data) < len(wanted):
            return found
        rarest = min(range(len(wanted)), key=lambda at: self._counts[wanted[at]])
        last = len(data) - len(wanted)
        begins = np.flatnonzero(data[rarest : last + rarest + 1] == wanted[rarest])
        for at, byte in enumerate(wanted):
            if at != rarest:
                begins = begins[data[begins + at] == byte]
        found[self._cells[begins]] = True
        return found

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """The place of each cell in alphabetical order."""
        folded = list(map(str.casefold, self.of))
        ranks = np.empty(len(folded), np.int64)
        ranks[sorted(range(len(folded)), key=folded.__getitem__)] = np.arange(len(folded))
        return ranks

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        text = "\n".join(self.of)
        if text.count("\n") != max(0, len(self.of) - 1):  # a name may hold a line end
            text = "\n".join(one.replace("\n", " ") for one in self.of)
        return np.frombuffer(text.lower().encode("utf-8", "surrogatepass"), np.uint8)

    @cached_property
    def _cells(self) -> NDArray[np.int32]:
        """The cell that each byte belongs to."""
        return np.cumsum(self._bytes == _LINE_END, dtype=np.int32)

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return np.bincount(self._bytes, minlength=256)


class NumberIndex:
    """An index of a column of numbers: both `18442` and `18,442` find 18442."""

    def __init__(self, of: NDArray[Any]) -> None:
        self.of = of

    def prepare(self) -> None:
        """Computes what searching needs."""
        _made = self._digits

    def find_word(self, word: str) -> Flags:
        """Returns which numbers contain the digits of a word; none if the word has anything but digits."""
        digits = word.replace(",", "")
        found = np.zeros(len(self.of), np.bool_)
        if not digits.isdecimal() or not digits.isascii() or not len(self._digits):
            return found
        for at in range(len(self._digits) - len(digits) + 1):
            here = np.ones(len(self.of), np.bool_)
            for offset, digit in enumerate(digits):
                here &= self._digits[at + offset] == int(digit)
            found |= here
        return found

    @cached_property
    def _digits(self) -> list[NDArray[np.int8]]:
        """The digits of each number from the first to the last; -1 before the first and for unknown numbers."""
        left = self.of.astype(np.int64)
        known = left >= 0
        columns: list[NDArray[np.int8]] = []
        highest = int(left.max(initial=0))
        for place in range(max(1, len(str(highest)))):
            present = known & ((left > 0) | (place == 0))
            columns.append(np.where(present, left % 10, -1).astype(np.int8))
            left //= 10
        return columns[::-1]
