"""The history of places: page, selection and filter. No widgets."""

from __future__ import annotations

from kafkaview.ui.kit.page import Place

_MOST = 100


class Places:
    """Back and forward through places, as in a browser."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def leave(self, place: Place) -> None:
        """Remembers the last selection of the place that is left."""
        if self._places:
            self._places[self._at] = place

    def arrive(self, place: Place) -> None:
        """Adds a new place and drops those ahead."""
        if self._places and self._places[self._at] == place:
            return
        self._places = [*self._places[: self._at + 1], place][-_MOST:]
        self._at = len(self._places) - 1

    def leads(self, step: int) -> bool:
        """Returns whether there is a place before (-1) or after (1)."""
        return 0 <= self._at + step < len(self._places)

    def step(self, step: int) -> Place | None:
        """Returns the place before (-1) or after (1); None if there is none."""
        if not self.leads(step):
            return None
        self._at += step
        return self._places[self._at]
