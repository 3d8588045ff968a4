"""Pictures of Dead letters: the topics, one letter in full, those of one cause, and what keeps them from being read."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.window.window import Window

_REST_S: Final = 0.3


async def take_dead_letters(window: Window, take: Take) -> None:
    """Takes the page as it is: without any topic of dead letters it says how they are recognized."""
    page = page_of(window, DeadLettersPage)
    window.go(Place("deadletters"))
    page.refresh()
    await _rest(window)
    await take(window, "dead-letters")
    if page.letters.rowCount():
        page.letter_table.choose(page.letters.key_at(0))
        await _rest(window)
        if page.pane.fold.isVisible():
            page.pane.fold.click()
        await take(window, "dead-letters-one")
        page.cause_table.choose(page.causes.key_at(0))
        await _rest(window)
        await take(window, "dead-letters-cut")
        page.clear_cut.click()
        page.letter_table.clearSelection()
        await _rest(window)
        page.room.show_error(Unreachable("No broker answers at 127.0.0.1", "Look whether the cluster runs."))
        await take(window, "dead-letters-dated")
        page.letter_room.show_error(NotAuthorized("Not authorized to read the topic"))
        await take(window, "dead-letters-locked")


async def _rest(window: Window) -> None:
    names = ("topics", "letters", "breakdown", "record")
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not any(window.tasks.is_running(f"deadletters.{name}") for name in names))
    await asyncio.sleep(_REST_S)
