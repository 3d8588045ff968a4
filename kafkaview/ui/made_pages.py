"""The pages of a window, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from kafkaview.ui.page import Page


class MadePages(Mapping[str, Page]):
    """Pages by id, in their order. One that was not made yet is made by looking it up."""

    def __init__(self, types: Sequence[type[Page]], make: Callable[[type[Page]], Page]) -> None:
        self._types = {page_type.id: page_type for page_type in types}
        self._make = make
        self._made: dict[str, Page] = {}

    @property
    def made(self) -> tuple[Page, ...]:
        """Those that there are by now."""
        return tuple(self._made.values())

    def __getitem__(self, page_id: str) -> Page:
        if page_id not in self._made:
            self._made[page_id] = self._make(self._types[page_id])
        return self._made[page_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)
