"""Parts of the window that are made when first needed: a page, a tab or a pane that nobody opens costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Made(Mapping[K, V]):
    """Parts by name, in a fixed order. Looking a part up makes it; iterating makes none."""

    def __init__(self, names: Iterable[K], make: Callable[[K], V]) -> None:
        self._names = tuple(names)
        self._make = make
        self._made: dict[K, V] = {}

    @property
    def made(self) -> Mapping[K, V]:
        """The parts that were made so far."""
        return self._made

    def __getitem__(self, name: K) -> V:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[K]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
