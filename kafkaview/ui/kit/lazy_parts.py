"""Parts of the window that are made when first needed: a page, a tab or a pane that nobody opens costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar, runtime_checkable

K = TypeVar("K")
V = TypeVar("V")


class LazyParts(Mapping[K, V]):
    """Parts by name, in a fixed order. Looking a part up makes it; iterating makes none. A part is made in pieces:
    first `make` returns it, then each of `then` does something with it.
    """

    def __init__(self, names: Iterable[K], make: Callable[[K], V], *then: Callable[[V], object]) -> None:
        self._names = tuple(names)
        self._make = make
        self._then = then
        self._left: dict[K, list[Callable[[V], object]]] = {}  # the pieces that those that are begun still lack
        self._made: dict[K, V] = {}

    @property
    def made(self) -> Mapping[K, V]:
        """The parts that there are so far. What is told to them is told to those too that lack some of their pieces:
        nobody tells it again.
        """
        return self._made

    def pieces(self, name: K) -> Iterator[None]:
        """Makes a part and pauses before each piece. Who looks it up meanwhile gets it whole."""
        while not self._is_whole(name):
            yield
            if not self._is_whole(name):
                self._make_piece(name)

    def finish(self) -> None:
        """Makes the pieces that the parts lack which are begun: what has no place yet would outlive its window."""
        for name in self._made:
            self[name]

    def __getitem__(self, name: K) -> V:
        for _piece in self.pieces(name):
            pass
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[K]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _make_piece(self, name: K) -> None:
        if name not in self._names:
            raise KeyError(name)
        if name in self._made:
            self._left[name].pop(0)(self._made[name])
        else:
            self._made[name], self._left[name] = self._make(name), [*self._then]

    def _is_whole(self, name: K) -> bool:
        return name in self._made and not self._left[name]


@runtime_checkable
class Composed(Protocol):
    """A part that has such parts itself."""

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns parts that the window makes later, when there is time, each piece in a turn of its own."""
        ...


def make_all(parts: LazyParts[K, Any], opened: Container[K] | None = None) -> Iterator[None]:
    """Makes parts, and the parts of these, and pauses before each piece. Of a part that is not among those `opened`, if
    they are given, only what is in front of it is made.
    """
    for name in parts:
        yield from parts.pieces(name)
        yield from _make_inner(parts[name], whole=opened is None or name in opened)


def _make_inner(part: object, *, whole: bool) -> Iterator[None]:
    for parts in part.lazy_parts() if isinstance(part, Composed) else ():
        for name in parts if whole else islice(parts, 1):
            yield from parts.pieces(name)
            yield from _make_inner(parts[name], whole=whole)
