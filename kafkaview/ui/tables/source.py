"""TEMPORARY stand-in until the tables branch lands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
S = TypeVar("S", covariant=True)


class Source(Protocol[S]):
    def __len__(self) -> int: ...
    def __getitem__(self, place: int) -> S: ...


class ColumnSource(Generic[T]):
    def __init__(self, keys: Sequence[Hashable], row: Callable[[int], T], values: Mapping[str, Any]) -> None:
        self.keys, self.row, self.values = keys, row, values

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: int) -> T:
        if place >= len(self.keys):
            raise IndexError
        return self.row(place)
