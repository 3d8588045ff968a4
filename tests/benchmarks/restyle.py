"""Every page of a window, styled anew while it is looked at: the theme turned, text larger and smaller, and back."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from PySide6.QtWidgets import QApplication

from kafkaview.ui.kit.page import Place
from kafkaview.ui.window.pause_meter import PauseMeter
from tests.benchmarks.drive_window import say
from tests.benchmarks.tour import PLACES_OF_PAGES

_OPEN_S: Final = 0.6
_STYLED_S: Final = 0.8  # steps of the look rest before they are applied


class Restyle:
    """One round over all pages."""

    def __init__(self, app: QApplication, window: Any, pace: float) -> None:
        self._window = window
        self._pace = pace
        self._meter = app.findChild(PauseMeter)

    async def go(self) -> None:
        """The whole round; only the changes themselves are phases of use."""
        look = self._window.look
        steps = {"theme": look.turn, "larger": lambda: look.scale(0.1), "smaller": lambda: look.scale(-0.1)}
        places = [Place(page, tab) for page in self._window.pages for tab in ("", *PLACES_OF_PAGES.get(page, ()))]
        for place in places:
            self._phase("start")
            self._window.go(place)
            await asyncio.sleep(_OPEN_S * self._pace)
            for name, step in (*steps.items(), ("theme", look.turn)):
                self._phase(f"{place.page} {place.what}: {name}")
                step()
                await asyncio.sleep(_STYLED_S * self._pace)
        self._phase("end")
        say("restyled", places=len(places))

    def _phase(self, name: str) -> None:
        if self._meter is not None:
            self._meter.phase = name
