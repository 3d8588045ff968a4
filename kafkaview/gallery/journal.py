"""Pictures of Journal: an entry in full, a small window, a search that finds nothing, a file that does not open."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.journal.page import JournalPage
from kafkaview.ui.window.window import Window

_REST_S: Final = 0.4
_SIZE, _SMALL = (1280, 800), (1024, 700)
_WORK: Final = ("page", "entry", "payloads", "payload")


async def take_journal(window: Window, take: Take) -> None:
    """Takes the page as it is, small, with a search that finds nothing, and with a file that cannot be used."""
    page = page_of(window, JournalPage)
    window.go(Place("journal"))
    await _rest(window)
    await take(window, "journal")
    window.resize(*_SMALL)
    await _rest(window)
    await take(window, "journal-small")
    window.resize(*_SIZE)
    page.search.field.setText("nothing-of-this-name")
    await _rest(window)
    await take(window, "journal-none")
    page.room.show_error(JournalUnavailable("The journal cannot be used: database disk image is malformed", "Mend it."))
    await take(window, "journal-failed")
    page.search.clear()
    await _rest(window)


async def _rest(window: Window) -> None:
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not any(window.tasks.is_running(f"journal.{name}") for name in _WORK))
    await asyncio.sleep(_REST_S)
